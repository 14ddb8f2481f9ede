"""OTLP JSON lines: what is read, what is somebody else's, what is no such line."""

from __future__ import annotations

import json

import pytest

from affidavit import semconv
from affidavit.errors import MalformedError
from affidavit.model import StoredRecord
from affidavit.readers.otlp_json import Line, parse_line
from support.streams import SpoolRoot, otlp_line, otlp_record


def line(*records):
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}).encode()


def test_a_record_as_the_exporter_writes_it():
    signed = SpoolRoot().stream().records[0]
    record = otlp_record(signed)
    assert parse_line(otlp_line([record])) == Line(
        (
            StoredRecord(
                statement=signed.record.text.decode(),
                signature=signed.signature,
                endorsement=signed.endorsement,
                disclosures=None,
                body=record["body"]["stringValue"],
                event_name="audit.stream.start",
                timestamp=record["timeUnixNano"],
                observed_timestamp=record["observedTimeUnixNano"],
                trace_id="",
                span_id="",
                copies=tuple(
                    (item["key"], item["value"].get("stringValue") or int(item["value"]["intValue"]))
                    for item in record["attributes"][3:]
                ),
            ),
        ),
        foreign=0,
    )


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"stringValue": "x"}, "x"),
        ({"stringValue": ""}, ""),
        ({"intValue": "-17"}, -17),
        ({"intValue": 17}, 17),
        ({"boolValue": True}, True),
        ({"boolValue": False}, False),
        ({"arrayValue": {"values": [{"stringValue": "a"}, {"stringValue": "b"}]}}, ["a", "b"]),
        ({"arrayValue": {"values": [{"intValue": "1"}]}}, None),
        ({"arrayValue": {}}, None),
        ({"doubleValue": 1.5}, None),
        ({"bytesValue": "AAEC"}, None),
        ({"kvlistValue": {"values": []}}, None),
        ({}, None),
    ],
)
def test_values_by_their_type(value, read):
    attributes = [{"key": semconv.STATEMENT, "value": {"stringValue": "{}"}}, {"key": "a.b", "value": value}]
    [record] = parse_line(line({"attributes": attributes})).records
    assert record.copies == (("a.b", read),)


def test_an_attribute_without_a_value_has_none():
    attributes = [{"key": semconv.STATEMENT, "value": {"stringValue": "{}"}}, {"key": "a.b"}]
    [record] = parse_line(line({"attributes": attributes})).records
    assert record.copies == (("a.b", None),)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"attributes": None, "body": None},
        {"body": {"stringValue": '{"affidavit.format":"1"}'}},
        {"attributes": [{"key": "audit.record.id", "value": {"stringValue": "x"}}]},
    ],
)
def test_a_log_record_without_our_attributes_is_somebody_elses(other):
    assert parse_line(line(other)) == Line((), foreign=1)


@pytest.mark.parametrize("key", [semconv.SIGNATURE, semconv.ENDORSEMENT, semconv.DISCLOSURES, "affidavit.token.state"])
def test_one_with_proof_or_a_copy_of_ours_but_no_statement_is_ours(key):
    [record] = parse_line(line({"attributes": [{"key": key, "value": {"stringValue": "x"}}]})).records
    assert record.statement is None


@pytest.mark.parametrize("text", [b"{}", b'{"resourceSpans":[{}]}', b'{"resourceLogs":null}', b'{"resourceLogs":[{}]}'])
def test_lines_without_logs_hold_nothing(text):
    assert parse_line(text) == Line((), foreign=0)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"not json",
        b'{"resourceLogs":[',
        b"[]",
        b"1",
        b'"x"',
        b"null",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"[" * 200_000,
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"resourceLogs":{}}\x00',
        b'{"resourceLogs":[1]}',
        b'{"resourceLogs":"x"}',
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[[]]}]}]}',
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{}]}]}]}]}',
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":[],"value":{}}]}]}]}]}',
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"a","value":1}]}]}]}]}',
        b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"a","value":{"intValue":"x"}}]}]}]}]}',
    ],
)
def test_what_is_no_line_of_otlp_json_is_malformed_and_raises_nothing_else(text):
    with pytest.raises(MalformedError):
        parse_line(text)
