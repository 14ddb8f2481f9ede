"""OTLP JSON lines, as the Collector's file exporter and ours write them: one batch of logs a line::

    {"resourceLogs":[{"resource":{…},"scopeLogs":[{"scope":{…},"logRecords":[{…}, …]}]}]}

The encoding is that of the OTLP specification (protobuf JSON with hexadecimal ids): 64-bit integers may be strings,
fields that are not known are passed over, and an absent field means empty. Log records without any ``affidavit.*``
attribute are somebody else's; lines of another signal hold none of ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from affidavit import semconv
from affidavit.errors import MalformedError
from affidavit.model import StoredRecord

if TYPE_CHECKING:
    from affidavit.model import Value

_PROOF = frozenset({semconv.STATEMENT, semconv.SIGNATURE, semconv.ENDORSEMENT, semconv.DISCLOSURES})
_OURS = "affidavit."
_EMPTY: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Line:
    """What one line holds."""

    records: tuple[StoredRecord, ...]
    foreign: int
    """Log records that are none of ours."""


def parse_line(line: bytes) -> Line:
    """The records in `line`.

    Raises:
        MalformedError: It is not one JSON object, or not of the shape that OTLP gives it.
    """
    try:
        batch = json.loads(line.decode())
    except (ValueError, RecursionError):  # not UTF-8, not JSON, too many digits, too deep
        raise MalformedError("not JSON in UTF-8") from None
    try:
        stored = [
            _read(record)
            for resource_logs in batch.get("resourceLogs") or ()
            for scope_logs in resource_logs.get("scopeLogs") or ()
            for record in scope_logs.get("logRecords") or ()
        ]
    except (AttributeError, TypeError, KeyError, ValueError):
        raise MalformedError("JSON, but not logs as OTLP writes them") from None
    ours = tuple(record for record in stored if record is not None)
    return Line(ours, len(stored) - len(ours))


def _read(record: dict[str, Any]) -> StoredRecord | None:
    proof: dict[str, str] = {}
    copies: list[tuple[str, Value | None]] = []
    repeated: list[str] = []
    for attribute in record.get("attributes") or ():
        key, value = attribute["key"], attribute.get("value", _EMPTY)
        read = value.get("stringValue") or _read_value(value)
        if key not in _PROOF:
            copies.append((key, read))
        elif key in proof:
            repeated.append(key)
        elif isinstance(read, str):
            proof[key] = read
    if not proof and not any(key.startswith(_OURS) for key, _ in copies):
        return None
    return StoredRecord(
        proof.get(semconv.STATEMENT),
        proof.get(semconv.SIGNATURE),
        proof.get(semconv.ENDORSEMENT),
        proof.get(semconv.DISCLOSURES),
        _read_body(record.get("body")),
        _text(record.get("eventName") or ""),
        _decimal(record.get("timeUnixNano")),
        _decimal(record.get("observedTimeUnixNano")),
        _hexadecimal(record.get("traceId")),
        _hexadecimal(record.get("spanId")),
        tuple(copies),
        tuple(repeated),
    )


def _read_value(value: dict[str, Any]) -> Value | None:
    """An AnyValue that is no string, or an empty one; None for what no statement can hold (doubles, bytes, maps)."""
    if "intValue" in value:
        return int(value["intValue"])
    if "boolValue" in value:
        return bool(value["boolValue"])
    if "stringValue" in value:
        return _text(value["stringValue"])
    items = [item.get("stringValue") for item in value.get("arrayValue", _EMPTY).get("values") or ()]
    return items if items and all(isinstance(item, str) for item in items) else None


def _read_body(body: dict[str, Any] | None) -> str | None:
    if not body:
        return None
    text = body.get("stringValue")
    return text if isinstance(text, str) else json.dumps(body)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError  # its caller says where
    return value


def _decimal(value: str | int | None) -> str:
    return "" if value in (None, 0, "0") else str(value)


def _hexadecimal(value: str | None) -> str:
    return value.lower() if value and value.strip("0") else ""
