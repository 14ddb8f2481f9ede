"""The JSON mapping of OTLP, one line a batch."""

from __future__ import annotations

import base64
import json
from typing import Any

from batches import BATCH, RESOURCE, record
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from affidavit.export.otlp_json import OPENING, encode_line
from affidavit.export.otlp_protobuf import encode_request

LINE = (
    '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"orders"}}]},'
    '"scopeLogs":[{"scope":{"name":"affidavit","version":"0.1.0"},"logRecords":[{'
    '"timeUnixNano":"1790000000000000001","observedTimeUnixNano":"1790000000000000501",'
    '"severityNumber":9,"severityText":"INFO",'
    '"body":{"stringValue":"alice GET /orders/1 200 success"},"attributes":['
    '{"key":"affidavit.statement","value":{"stringValue":"{\\"a.b\\":\\"ä\\"}"}},'
    '{"key":"audit.sequence.number","value":{"intValue":"1"}},'
    '{"key":"affidavit.complete","value":{"boolValue":true}},'
    '{"key":"user.roles","value":{"arrayValue":{"values":[{"stringValue":"admin"},{"stringValue":"clerk"}]}}},'
    '{"key":"audit.actor.id","value":{"stringValue":"alice"}}],'
    '"traceId":"00000000000000000000000000000001","spanId":"0000000000000001",'
    '"eventName":"http.server.request"}]}]}]}\n'
)


def test_a_batch_is_this_line() -> None:
    assert encode_line({"service.name": "orders"}, (record(1),), "0.1.0").decode() == LINE


def test_a_line_says_the_same_as_the_request_in_protobuf() -> None:
    """protobuf's own JSON reader is the oracle; it wants ids in base64 where OTLP has them in hex."""
    request = json.loads(encode_line(RESOURCE, BATCH, "0.1.0"))
    for log_record in request["resourceLogs"][0]["scopeLogs"][0]["logRecords"]:
        for name in ("traceId", "spanId"):
            log_record[name] = base64.b64encode(bytes.fromhex(log_record[name])).decode()
    read = json_format.ParseDict(request, ExportLogsServiceRequest())
    assert read == ExportLogsServiceRequest.FromString(encode_request(RESOURCE, BATCH, "0.1.0"))


def test_a_record_outside_any_span_has_no_ids() -> None:
    line = encode_line({}, (record()._replace(trace_id="", span_id=""),), "1")
    stored: dict[str, Any] = json.loads(line)["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]
    assert {"traceId", "spanId"}.isdisjoint(stored)


def test_every_line_is_one_line_and_begins_alike() -> None:
    line = encode_line({}, (record(statement="a\nb\r\u2028\x00\ud800"),), "1")
    assert (line.startswith(OPENING), line.count(b"\n"), line[-1:]) == (True, 1, b"\n")
