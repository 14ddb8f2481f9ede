"""Whether our hook ran in this very process, and what it wraps here. Only this process can tell.

Something loaded before us may have failed, and then the application runs without a record; no other sign shows it.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
from typing import TYPE_CHECKING

from affidavit.cli.doctor.finding import FAIL, OK, WARN, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from affidavit.instrumentation._patch import Patcher

_FRAMEWORKS = ("flask", "fastapi")


def check_hook(patcher: Patcher | None, *, is_disabled: bool) -> Finding:
    """Whether the hook ran, and was allowed to."""
    if is_disabled:
        detail = "switched off by OTEL_SDK_DISABLED or OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
        return Finding(FAIL, "hook", detail, "take affidavit out of there")
    if patcher is None:
        remedy = "run it as: opentelemetry-instrument affidavit doctor"
        return Finding(FAIL, "hook", "did not run in this process", remedy)
    return Finding(OK, "hook", "ran in this process")


def check_frameworks(patcher: Patcher) -> Iterator[Finding]:
    """Import what is installed, as the application would, and see what was wrapped."""
    installed = [name for name in _FRAMEWORKS if importlib.util.find_spec(name) is not None]
    if not installed:
        remedy = "run it in the application's own environment"
        yield Finding(WARN, "patched", f"nothing: none of {', '.join(_FRAMEWORKS)} is installed here", remedy)
    for name in installed:
        with contextlib.redirect_stderr(io.StringIO()):  # the hook complains then; the report does it already
            importlib.import_module(name)
        patched = [place for place in patcher.patched if place.startswith(f"{name}.")]
        if patched:
            yield Finding(OK, "patched", ", ".join(patched))
        else:
            yield Finding(FAIL, "patched", f"{name} is installed and nothing of it is wrapped", "report this as a bug")


def check_spans() -> Finding:
    """Whether there are spans to put the identity on."""
    from opentelemetry.trace import get_tracer_provider

    if hasattr(get_tracer_provider(), "add_span_processor"):
        return Finding(OK, "spans", "a tracer provider is set up")
    remedy = "install opentelemetry-distro, unless the application sets one up later"
    return Finding(WARN, "spans", "no tracer provider here: no span carries the identity, records do", remedy)
