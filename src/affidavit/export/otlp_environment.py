"""The variables of OTLP exporters, as the OpenTelemetry specification has them, read for audit records.

``AFFIDAVIT_OTLP_*`` stands over ``OTEL_EXPORTER_OTLP_LOGS_*``, and that over ``OTEL_EXPORTER_OTLP_*``; empty is unset.
An endpoint for logs is used as it stands, the general one gets ``/v1/logs``. Where the Python SDK differs from the
specification, the SDK is followed, so that one value means one thing in a process: timeouts are seconds, and a header
value that is not percent-encoded is taken literally.

Records travel over HTTP. That the protocol says ``grpc`` is no fault: the OpenTelemetry distro sets it unasked, and
Collectors listen for both. Only an endpoint with the port of gRPC is one.
No complaint shows an endpoint's credentials or a header.
"""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from affidavit import environment_variables as variables
from affidavit.errors import Complaint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

DEFAULT_ENDPOINT = "http://localhost:4318/v1/logs"
DEFAULT_TIMEOUT_S = 10.0
LONGEST_TIMEOUT_S = 600.0
_GENERAL, _LOGS = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_LOGS_"
_PATH = "/v1/logs"
_GRPC_PORT, _HTTP_PORT = ":4317", ":4318"
_COMPRESSIONS = ("none", "gzip")

_TOKEN = r"[!#-'*+\-.0-9A-Z^-z|~]+"  # RFC 9110 section 5.6.2
_ENCODED_HEADER = re.compile(rf"({_TOKEN})[ \t]*=[ \t]*([!#-+\--:<-\[\]-~]*)")  # W3C Baggage, without properties
_LITERAL_HEADER = re.compile(rf"({_TOKEN})[ \t]*=[ \t]*([ !#-+\--:<-\[\]-~]*)")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*")  # RFC 9110 section 5.5


def resolve_endpoint(environ: Mapping[str, str], complaints: list[Complaint]) -> str:
    """The URL to POST to."""
    name, url = _look_up(environ, variables.OTLP_ENDPOINT.name, f"{_LOGS}ENDPOINT", f"{_GENERAL}ENDPOINT")
    if not url:
        return DEFAULT_ENDPOINT
    parts = _split(url)
    if parts is None:
        complaints.append(
            Complaint(name, "not an http or https URL with a host", "give one such as http://collector:4318/v1/logs")
        )
        return DEFAULT_ENDPOINT
    if name != variables.OTLP_ENDPOINT.name and _is_for_grpc(parts, environ):
        return _leave_grpc(parts, name, complaints)
    return url.removesuffix("/") + _PATH if name == f"{_GENERAL}ENDPOINT" else url


def without_secrets(endpoint: str) -> str:
    """`endpoint` as it may be shown: without user, password and query."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def resolve_headers(environ: Mapping[str, str], complaints: list[Complaint]) -> tuple[tuple[str, str], ...]:
    """The headers to send, names in lower case; a later one of a name stands."""
    name, text = _look_up(environ, variables.OTLP_HEADERS.name, f"{_LOGS}HEADERS", f"{_GENERAL}HEADERS")
    headers = {}
    for place, item in enumerate(text.split(","), 1):
        if not item.strip():
            continue
        header = _parse_header(item.strip())
        if header:
            headers[header[0]] = header[1]
        else:
            remedy = "give name=value, the value percent-encoded, separated by commas"
            complaints.append(Complaint(name, f"item {place} is not a header", remedy))
    return tuple(headers.items())


def resolve_timeout_s(environ: Mapping[str, str], complaints: list[Complaint]) -> float:
    """How long one POST may take, cut to ``LONGEST_TIMEOUT_S``: who gave milliseconds does not wait for hours."""
    name, text = _look_up(environ, f"{_LOGS}TIMEOUT", f"{_GENERAL}TIMEOUT")
    if not text:
        return DEFAULT_TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if seconds > 0:
        return min(seconds, LONGEST_TIMEOUT_S)
    remedy = f"give a number, or leave it out for {DEFAULT_TIMEOUT_S:g}"
    complaints.append(Complaint(name, f"{text!r} is not a number of seconds above 0", remedy))
    return DEFAULT_TIMEOUT_S


def resolve_compression(environ: Mapping[str, str], complaints: list[Complaint]) -> str:
    """``none`` or ``gzip``."""
    name, text = _look_up(environ, f"{_LOGS}COMPRESSION", f"{_GENERAL}COMPRESSION")
    compression = text.lower() or "none"
    if compression in _COMPRESSIONS:
        return compression
    complaints.append(Complaint(name, f"{text!r} is not on offer for audit records", "give none or gzip"))
    return "none"


def resolve_path(environ: Mapping[str, str], suffix: str, complaints: list[Complaint]) -> str | None:
    """The file behind ``CERTIFICATE``, ``CLIENT_CERTIFICATE`` or ``CLIENT_KEY``."""
    name, path = _look_up(environ, f"{_LOGS}{suffix}", f"{_GENERAL}{suffix}")
    if not path or os.access(path, os.R_OK):
        return path or None
    complaints.append(
        Complaint(name, f"{path} cannot be read", "give the path of a PEM file that this process may read")
    )
    return None


def _look_up(environ: Mapping[str, str], *names: str) -> tuple[str, str]:
    """The first of `names` that is set, and its value; the value is empty where none is."""
    for name in names:
        text = environ.get(name, "").strip()
        if text:
            return name, text
    return names[-1], ""


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises on a port that is none
    except ValueError:
        return None
    is_usable = parts.scheme in ("http", "https") and parts.hostname and url.isprintable() and " " not in url
    return parts if is_usable else None


def _is_for_grpc(parts: SplitResult, environ: Mapping[str, str]) -> bool:
    _, protocol = _look_up(environ, f"{_LOGS}PROTOCOL", f"{_GENERAL}PROTOCOL")
    return parts.netloc.endswith(_GRPC_PORT) and not protocol.startswith("http")


def _leave_grpc(parts: SplitResult, name: str, complaints: list[Complaint]) -> str:
    """The same host's port for HTTP, where a Collector listens unless it was told otherwise."""
    netloc = parts.netloc.removesuffix(_GRPC_PORT) + _HTTP_PORT
    endpoint = parts._replace(netloc=netloc, path=_PATH, query="", fragment="").geturl()
    complaints.append(
        Complaint(
            name,
            "names the port of gRPC (4317), and audit records are posted over HTTP",
            f"set {variables.OTLP_ENDPOINT.name}, for example to {without_secrets(endpoint)} (tried until then)",
        )
    )
    return endpoint


def _parse_header(item: str) -> tuple[str, str] | None:
    encoded = _ENCODED_HEADER.fullmatch(item)
    literal = _LITERAL_HEADER.fullmatch(item)
    if encoded:
        name, value = encoded[1], unquote(encoded[2])
    elif literal:
        name, value = literal[1], literal[2]
    else:
        return None
    return (name.lower(), value.strip()) if _HEADER_VALUE.fullmatch(value) else None
