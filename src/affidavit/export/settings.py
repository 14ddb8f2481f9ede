"""Where records go, and how: one sink, its address and credentials, and what the body of a log record shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from affidavit import environment_variables as variables
from affidavit.errors import Complaint
from affidavit.export import otlp_environment as otlp

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = ("otlp", "file")
_BODIES = ("sentence", "statement")
_DEFAULT_FILE = "audit.jsonl"


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """All that ``build_exporter`` needs. What may hold a credential does not show in the repr."""

    kind: str = "otlp"
    """``otlp`` or ``file``."""
    file: str = _DEFAULT_FILE
    endpoint: str = field(default=otlp.DEFAULT_ENDPOINT, repr=False)
    """Where to POST; ``otlp_environment.without_secrets`` makes it fit to be shown."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    timeout_s: float = otlp.DEFAULT_TIMEOUT_S
    compression: str = "none"
    """``none`` or ``gzip``."""
    certificate: str | None = None
    """CA bundle to trust instead of the default one."""
    client_certificate: str | None = None
    client_key: str | None = None
    statement_as_body: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> tuple[ExportSettings, tuple[Complaint, ...]]:
        """The settings, and what cannot be used of them; where something cannot, its default stands.

        What speaks of OTLP is looked at only when records go there.
        """
        complaints: list[Complaint] = []
        kind = _choose(environ, variables.EXPORTER.name, _KINDS, complaints)
        statement_as_body = _choose(environ, variables.BODY.name, _BODIES, complaints) == "statement"
        if kind == "file":
            file = environ.get(variables.FILE.name) or _DEFAULT_FILE
            return cls(kind=kind, file=file, statement_as_body=statement_as_body), tuple(complaints)
        settings = cls(
            kind=kind,
            endpoint=otlp.resolve_endpoint(environ, complaints),
            headers=otlp.resolve_headers(environ, complaints),
            timeout_s=otlp.resolve_timeout_s(environ, complaints),
            compression=otlp.resolve_compression(environ, complaints),
            certificate=otlp.resolve_path(environ, "CERTIFICATE", complaints),
            client_certificate=otlp.resolve_path(environ, "CLIENT_CERTIFICATE", complaints),
            client_key=otlp.resolve_path(environ, "CLIENT_KEY", complaints),
            statement_as_body=statement_as_body,
        )
        return settings, tuple(complaints)


def _choose(environ: Mapping[str, str], variable: str, choices: tuple[str, ...], complaints: list[Complaint]) -> str:
    text = environ.get(variable, "").strip().lower() or choices[0]
    if text in choices:
        return text
    complaints.append(Complaint(variable, f"{text!r} is not on offer", f"give {' or '.join(choices)}"))
    return choices[0]
