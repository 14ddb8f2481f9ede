"""What the demo does to copies of a file: exactly one byte, and exactly one person."""

from __future__ import annotations

import json

import pytest
from streams import SpoolRoot, otlp_lines

from affidavit import semconv
from affidavit.demo.damage import change_byte, erase
from affidavit.demo.server import DemoError


def stored(*visits: tuple[str, int]) -> bytes:
    stream = SpoolRoot().stream()
    for subject, status in visits:
        stream.request(subject, status=status)
    stream.end()
    return otlp_lines(stream.records, batch=2)


def log_records(data: bytes):
    return [
        {**record, "attributes": {item["key"]: item["value"] for item in record["attributes"]}}
        for line in data.splitlines()
        for record in json.loads(line)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    ]


def test_one_byte_of_the_first_refused_requests_text_is_another():
    data = stored(("alice", 200), ("bob", 403), ("bob", 403))

    change = change_byte(data)

    different = [offset for offset, (old, new) in enumerate(zip(data, change.data, strict=True)) if old != new]
    assert different == [change.offset]
    changed, same = log_records(change.data)[2], log_records(data)[2]
    text = json.loads(changed["attributes"].pop(semconv.STATEMENT)["stringValue"])
    assert text == {**json.loads(same["attributes"].pop(semconv.STATEMENT)["stringValue"]), semconv.HTTP_STATUS: 203}
    assert changed == same


def test_a_file_without_a_refusal_is_not_what_the_story_needs():
    with pytest.raises(DemoError, match="no refused request"):
        change_byte(stored(("alice", 200)))


def test_an_erased_person_is_nowhere_in_the_file_and_nobody_else_is_touched():
    data = stored(("alice", 200), ("bob", 200))

    erased = erase(data, "alice")

    assert b"alice" in data
    assert b"alice" not in erased
    start, alice, bob, end = log_records(erased)
    assert [start, bob, end] == [log_records(data)[place] for place in (0, 2, 3)]
    before = log_records(data)[1]
    gone = (semconv.DISCLOSURES, semconv.ACTOR_ID, semconv.USER_ID, semconv.CLIENT_ADDRESS)
    kept = {key: value for key, value in before["attributes"].items() if key not in gone}
    assert alice == {**before, "attributes": kept, "body": {"stringValue": "[withheld] GET /orders/17 200 success"}}
