"""A span is found among whatever else a server writes."""

from __future__ import annotations

import json

from affidavit.demo.span import find_span


def output(*span_ids: str) -> str:
    spans = [{"context": {"span_id": f"0x{span_id}"}, "attributes": {"id": span_id}} for span_id in span_ids]
    return " * Serving Flask app\n" + "".join(f"{json.dumps(span, indent=4)}\n" for span in spans) + "bye\n"


def test_the_attributes_of_the_span_with_the_id_come_back():
    assert find_span(output("00000000000000aa", "00000000000000bb"), "00000000000000bb") == {"id": "00000000000000bb"}


def test_a_span_that_was_not_written_is_none():
    assert find_span(output("00000000000000aa"), "00000000000000bb") is None
