"""The one protobuf message that is sent, ``ExportLogsServiceRequest`` of OTLP 1.x, written without protobuf objects.

::

    request  = 0A resource_logs                    key value = 0A key  12 any value
    resource_logs = 0A resource  12 scope_logs     any value = 0A text | 10 bool | 18 int | 2A (0A any value)*
    scope_logs    = 0A scope  (12 log record)*     log record = fields 1 2 3 5 6 9 10 11 12, in this order

Each ``0A``, ``12`` … is a tag byte (field number and wire type), followed by a length, or by a varint or eight bytes of
little endian. Absent means zero or empty, except inside an any value. Half the time of filling protobuf's own objects,
which the tests hold byte for byte against this. Lone surrogates are sent as ``?``: a record that cannot be encoded
would stop all behind it, and a verifier sees the difference.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from affidavit import semconv

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from affidavit.model import LogRecord, Value

_ONE_BYTE = tuple(bytes((number,)) for number in range(1 << 7))
_ONE_BYTE_END, _TWO_BYTES_END = 1 << 7, 1 << 14


def encode_request(resource: Mapping[str, Value], records: Collection[LogRecord], version: str) -> bytes:
    """The request with `records` of one resource, under the scope ``affidavit`` of `version`."""
    scope = _field(b"\x0a", _utf8(semconv.SCOPE_NAME)) + _field(b"\x12", _utf8(version))
    logs = [_delimited(b"\x0a", scope)]
    for record in records:
        encoded = _encode_record(record)
        logs += (b"\x12" + _varint(len(encoded)), encoded)
    # Megabytes are copied only once, when all lengths are known.
    size = sum(map(len, logs))
    head = _delimited(b"\x0a", b"".join(_attributes(b"\x0a", resource.items()))) + b"\x12" + _varint(size)
    return b"".join((b"\x0a", _varint(len(head) + size), head, *logs))


def _encode_record(record: LogRecord) -> bytes:
    number = record.severity_number
    return b"".join(
        (
            _fixed64(b"\x09", record.timestamp_ns),
            b"\x10" + _varint(number) if number else b"",
            _short_text(b"\x1a", record.severity_text),
            _delimited(b"\x2a", _any_value(record.body)),
            *_attributes(b"\x32", record.attributes),
            _field(b"\x4a", bytes.fromhex(record.trace_id)),
            _field(b"\x52", bytes.fromhex(record.span_id)),
            _fixed64(b"\x59", record.observed_timestamp_ns),
            _short_text(b"\x62", record.event_name),
        )
    )


def _attributes(tag: bytes, items: Iterable[tuple[str, Value]]) -> list[bytes]:
    parts: list[bytes] = []
    append = parts.append
    for key, value in items:
        if isinstance(value, str):
            data = value.encode("utf-8", "replace")
            append(_opening(tag, key, b"\x0a", len(data)))
        else:
            data = _any_value(value)
            append(_opening(tag, key, b"", len(data)))
        append(data)
    return parts


@lru_cache(2048)
def _opening(tag: bytes, key: str, text_tag: bytes, length: int) -> bytes:
    """All of a key value before its value or text: keys are few and lengths recur, so most are made once."""
    value = text_tag and text_tag + _varint(length)
    pair = _field(b"\x0a", _utf8(key)) + b"\x12" + _varint(len(value) + length) + value
    return tag + _varint(len(pair) + length) + pair


def _any_value(value: Value) -> bytes:
    if isinstance(value, str):
        return _delimited(b"\x0a", _utf8(value))
    if isinstance(value, bool):
        return b"\x10" + _varint(value)
    if isinstance(value, int):
        return b"\x18" + _varint(value & (1 << 64) - 1)  # two's complement
    return _delimited(b"\x2a", b"".join([_delimited(b"\x0a", _any_value(item)) for item in value]))


@lru_cache(64)
def _short_text(tag: bytes, text: str) -> bytes:
    return _field(tag, _utf8(text))


def _fixed64(tag: bytes, number: int) -> bytes:
    return tag + number.to_bytes(8, "little") if number else b""


def _field(tag: bytes, data: bytes) -> bytes:
    return _delimited(tag, data) if data else b""


def _delimited(tag: bytes, data: bytes) -> bytes:
    return tag + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    if number < _ONE_BYTE_END:
        return _ONE_BYTE[number]
    if number < _TWO_BYTES_END:
        return bytes((number & 0x7F | 0x80, number >> 7))
    return bytes((number & 0x7F | 0x80,)) + _varint(number >> 7)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
