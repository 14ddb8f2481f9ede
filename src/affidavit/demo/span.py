"""One span as OpenTelemetry's console exporter wrote it: JSON objects among other lines of output."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BEGINNING = re.compile(r"^\{$", re.MULTILINE)


def find_span(output: str, span_id: str) -> Mapping[str, Any] | None:
    """The attributes of the span with `span_id` (16 hex digits) in `output`; None if it is not there."""
    for span in _spans(output):
        if span["context"]["span_id"] == f"0x{span_id}":
            attributes: dict[str, Any] = span["attributes"]
            return attributes
    return None


def _spans(output: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    for beginning in _BEGINNING.finditer(output):
        yield decoder.raw_decode(output, beginning.start())[0]
