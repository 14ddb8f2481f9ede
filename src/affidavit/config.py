"""The whole configuration: what each room reads from the environment for itself, put together, with every complaint."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from affidavit import environment_variables as variables
from affidavit.errors import Complaint
from affidavit.export.settings import ExportSettings
from affidavit.pipeline.settings import PipelineSettings
from affidavit.request_settings import RequestSettings
from affidavit.signing.settings import SigningSettings
from affidavit.spool.settings import SpoolSettings
from affidavit.tokens.settings import TokenSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = "AFFIDAVIT_"
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no", "")


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, usable. ``complaints`` names what was set and could not be used."""

    tokens: TokenSettings
    requests: RequestSettings
    pipeline: PipelineSettings
    signing: SigningSettings
    spool: SpoolSettings
    export: ExportSettings
    is_required: bool
    complaints: tuple[Complaint, ...]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Config:
        """The configuration that `environ` describes."""
        tokens, of_tokens = TokenSettings.from_environ(environ)
        requests, of_requests = RequestSettings.from_environ(environ)
        pipeline, of_pipeline = PipelineSettings.from_environ(environ)
        signing, of_signing = SigningSettings.from_environ(environ)
        spool, of_spool = SpoolSettings.from_environ(environ)
        export, of_export = ExportSettings.from_environ(environ)
        is_required, of_required = _parse_switch(environ, variables.REQUIRED.name)
        complaints = of_tokens + of_requests + of_pipeline + of_signing + of_spool + of_export + of_required
        return cls(tokens, requests, pipeline, signing, spool, export, is_required, complaints + _misspelt(environ))


def is_disabled(environ: Mapping[str, str]) -> bool:
    """Whether OpenTelemetry's own switches turn affidavit off."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return True
    disabled = environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",")
    return not {"*", "affidavit"}.isdisjoint(map(str.strip, disabled))


def _parse_switch(environ: Mapping[str, str], name: str) -> tuple[bool, tuple[Complaint, ...]]:
    text = environ.get(name, "").strip().lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE, ()
    # Who sets this wants to be strict: a misspelt switch is strict.
    return True, (Complaint(name, f"{text!r} is neither true nor false", "give true or false"),)


def _misspelt(environ: Mapping[str, str]) -> tuple[Complaint, ...]:
    # Only what looks like a slip: Kubernetes sets AFFIDAVIT_PORT and the like for a service of our name.
    known = [variable.name.removeprefix(_PREFIX) for variable in variables.ALL]
    set_here = sorted(name.removeprefix(_PREFIX) for name in environ if name.startswith(_PREFIX))
    return tuple(
        Complaint(f"{_PREFIX}{name}", "no such setting", f"did you mean {_PREFIX}{near}?")
        for name in set_here
        if name not in known
        for near in get_close_matches(name, known, n=1, cutoff=0.85)
    )
