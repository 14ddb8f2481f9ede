"""A batch as one line of OTLP JSON, as the OpenTelemetry Collector's file exporter writes it.

The JSON mapping of OTLP 1.x ("JSON Protobuf Encoding"): lowerCamelCase names, 64-bit integers as decimal strings, trace
and span ids in hex, enums as numbers. One line is one ``ExportLogsServiceRequest`` in UTF-8::

    {"resourceLogs":[{"resource":{…},"scopeLogs":[{"scope":{…},"logRecords":[{…},…]}]}]}
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from affidavit import semconv

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from affidavit.model import LogRecord, Value

OPENING = b'{"resourceLogs":'
"""How every line begins."""
_CLOSING = "]}]}]}"
"""How every line ends, behind its records."""
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode_line(resource: Mapping[str, Value], records: Collection[LogRecord], version: str) -> bytes:
    """The line with `records` of one resource, under the scope ``affidavit`` of `version`; ended by a newline.

    Lone surrogates are written as ``?``: no reader of UTF-8 would take them.
    """
    scope_logs = {"scope": {"name": semconv.SCOPE_NAME, "version": version}, "logRecords": []}
    request = {"resourceLogs": [{"resource": {"attributes": _attributes(resource.items())}, "scopeLogs": [scope_logs]}]}
    around = _write(request).removesuffix(_CLOSING)
    text = around + ",".join([_write(_record(record)) for record in records]) + _CLOSING
    return text.encode("utf-8", "replace") + b"\n"


def _record(record: LogRecord) -> dict[str, Any]:
    ids = {"traceId": record.trace_id, "spanId": record.span_id}
    return {
        "timeUnixNano": str(record.timestamp_ns),
        "observedTimeUnixNano": str(record.observed_timestamp_ns),
        "severityNumber": record.severity_number,
        "severityText": record.severity_text,
        "body": {"stringValue": record.body},
        "attributes": _attributes(record.attributes),
        **{name: digits for name, digits in ids.items() if digits},
        "eventName": record.event_name,
    }


def _attributes(items: Iterable[tuple[str, Value]]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _any_value(value)} for key, value in items]


def _any_value(value: Value) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"arrayValue": {"values": [_any_value(item) for item in value]}}
