"""What counts as an answer of an OTLP receiver, and what it says."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsPartialSuccess, ExportLogsServiceResponse

from affidavit.errors import ExportError
from affidavit.export.otlp_answer import LONGEST_BODY, parse_partial_success, parse_retry_after, refusal

PROTOBUF, JSON = "application/x-protobuf", "application/json; charset=utf-8"
NOW_NS = int(datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc).timestamp()) * 10**9


def protobuf(rejected: int, words: str) -> bytes:
    partial = ExportLogsPartialSuccess(rejected_log_records=rejected, error_message=words)
    return ExportLogsServiceResponse(partial_success=partial).SerializeToString()


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"", PROTOBUF, (0, "")),
        (b"", "text/html", (0, "")),
        (ExportLogsServiceResponse().SerializeToString(), PROTOBUF, (0, "")),
        (protobuf(0, ""), "", (0, "")),
        (protobuf(0, "slow down"), PROTOBUF, (0, "slow down")),
        (protobuf(3, "too old"), "Application/X-Protobuf", (3, "too old")),
        (b"{}", JSON, (0, "")),
        (b'{"partialSuccess":null}', JSON, (0, "")),
        (b'{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}}', JSON, (3, "too old")),
        (b'{"partialSuccess":{"rejectedLogRecords":3}}', JSON, (3, "")),
    ],
)
def test_an_answer_says_how_many_it_rejects_and_why(body: bytes, content_type: str, expected: tuple[int, str]) -> None:
    assert parse_partial_success(body, content_type) == expected


@pytest.mark.parametrize(
    ("body", "content_type", "flaw"),
    [
        (b"<html>Please log in</html>", "text/html; charset=utf-8", "of another type"),
        (b"ok", "text/plain", "of another type"),
        (b"<html>", PROTOBUF, "damaged"),
        (protobuf(3, "cut off")[:-1], PROTOBUF, "damaged"),
        (b"<html>", JSON, "damaged"),
        (b"[]", JSON, "damaged"),
        (b'{"partialSuccess":[]}', JSON, "damaged"),
        (b'{"partialSuccess":{"rejectedLogRecords":"many"}}', JSON, "damaged"),
        (b'{"partialSuccess":{"rejectedLogRecords":1e999}}', JSON, "damaged"),
        (b"\xff\xfe", JSON, "damaged"),
        (b"[" * 60_000, JSON, "damaged"),
        (b" " * (LONGEST_BODY + 1), JSON, "too long"),
    ],
)
def test_anything_else_is_no_answer_of_a_receiver(body: bytes, content_type: str, flaw: str) -> None:
    with pytest.raises(ExportError) as raised:
        parse_partial_success(body, content_type)
    assert str(raised.value) == f"did not answer as an OTLP receiver (the body is {flaw}): check the address"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (302, "answered 302 Found: redirects are not followed, give the final address"),
        (400, "answered 400 Bad Request"),
        (401, "answered 401 Unauthorized: check the credentials in AFFIDAVIT_OTLP_HEADERS"),
        (404, "answered 404 Not Found: check the path, usually /v1/logs"),
        (503, "answered 503 Service Unavailable"),
        (999, "answered 999"),
    ],
)
def test_a_refusal_names_the_status_and_what_to_look_at(status: int, message: str) -> None:
    error = refusal(status, None, NOW_NS)
    assert (str(error), error.retry_after_s) == (message, None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        (" 17 ", 17.0),
        ("601", 600.0),
        ("9" * 5000, 600.0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Mar 2026 12:01:30 -0000", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Mon, 01 Mar 2027 12:00:00 GMT", 600.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Sun, 99 Mar 99999 12:00:00 GMT", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_at_most_ten_minutes(text: str | None, seconds: float | None) -> None:
    assert parse_retry_after(text, NOW_NS) == seconds
