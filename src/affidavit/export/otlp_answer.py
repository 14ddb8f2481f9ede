"""What a sink's answer to an OTLP/HTTP request says: accepted whole, or not.

Accepted is a 2xx whose body is empty or an ``ExportLogsServiceResponse`` (protobuf, or JSON by its content type) that
rejects nothing. All else is an ``ExportError``, and the whole batch stays in the spool: a redirect and a login page are
no receivers, and a partial success does not say *which* records were rejected. OTLP says not to send these again; the
audit draft (OTEP 0267) asks for it, since a record must not be lost and a second one is known by its id.

Messages say what the sink did, without its name.
"""

from __future__ import annotations

import json
from datetime import timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from affidavit.errors import ExportError

LONGEST_BODY = 64 * 1024
LONGEST_RETRY_AFTER_S = 600.0
_NS = 1_000_000_000
_HINTS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "check the credentials in AFFIDAVIT_OTLP_HEADERS",
    HTTPStatus.FORBIDDEN: "check the credentials in AFFIDAVIT_OTLP_HEADERS",
    HTTPStatus.NOT_FOUND: "check the path, usually /v1/logs",
    HTTPStatus.METHOD_NOT_ALLOWED: "check the path, usually /v1/logs",
}
_REDIRECTS = range(300, 400)


def parse_partial_success(body: bytes, content_type: str) -> tuple[int, str]:
    """How many records an answer of 2xx rejects, and the sink's words, which are not yet fit to be shown.

    `body` is at most ``LONGEST_BODY`` and one byte.

    Raises:
        ExportError: This is no answer of an OTLP receiver.
    """
    if not body:
        return 0, ""
    media_type = content_type.partition(";")[0].strip().lower()
    parse = _PARSERS.get(media_type)
    if parse is None or len(body) > LONGEST_BODY:
        raise _not_otlp("too long" if parse else "of another type")
    return parse(body)


def refusal(status: int, retry_after: str | None, now_ns: int) -> ExportError:
    """The error for a `status` other than 2xx, with the wish in its ``Retry-After`` header, at most ten minutes."""
    try:
        answer = f"answered {status} {HTTPStatus(status).phrase}"
    except ValueError:
        answer = f"answered {status}"
    hint = "redirects are not followed, give the final address" if status in _REDIRECTS else _HINTS.get(status)
    return ExportError(f"{answer}: {hint}" if hint else answer, parse_retry_after(retry_after, now_ns))


def parse_retry_after(text: str | None, now_ns: int) -> float | None:
    """Seconds from now, out of a ``Retry-After`` header (RFC 9110 section 10.2.3): a number of them, or a date."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER_S)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    moment = date if date.tzinfo else date.replace(tzinfo=timezone.utc)
    return min(max(moment.timestamp() - now_ns / _NS, 0.0), LONGEST_RETRY_AFTER_S)


def _parse_protobuf(body: bytes) -> tuple[int, str]:
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it ships no types
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

    try:
        partial = ExportLogsServiceResponse.FromString(body).partial_success
    except DecodeError:
        raise _not_otlp("damaged") from None
    return partial.rejected_log_records, partial.error_message


def _parse_json(body: bytes) -> tuple[int, str]:
    try:
        partial = _member(json.loads(body), "partialSuccess", {})
        # int64 is a string in OTLP JSON; receivers write plain numbers too.
        return int(_member(partial, "rejectedLogRecords", 0)), str(_member(partial, "errorMessage", ""))
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise _not_otlp("damaged") from None


def _member(value: Any, name: str, default: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError
    member = value.get(name)
    return default if member is None else member


def _not_otlp(flaw: str) -> ExportError:
    return ExportError(f"did not answer as an OTLP receiver (the body is {flaw}): check the address")


# What a receiver that names no type sends is protobuf, as the request was.
_PARSERS = {"application/x-protobuf": _parse_protobuf, "": _parse_protobuf, "application/json": _parse_json}
