"""The bytes are those of protobuf's own objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from batches import BATCH, RESOURCE, record
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as ProtobufRecord
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from affidavit.export.otlp_protobuf import encode_request
from affidavit.model import LogRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from affidavit.model import Value

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.one_of(
    TEXTS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.lists(TEXTS, max_size=4), st.text("ab", min_size=120)
)
RECORDS = st.builds(
    LogRecord,
    event_name=TEXTS,
    timestamp_ns=st.integers(0, 2**64 - 1),
    observed_timestamp_ns=st.integers(0, 2**64 - 1),
    trace_id=st.one_of(st.just(""), st.binary(min_size=16, max_size=16).map(bytes.hex)),
    span_id=st.one_of(st.just(""), st.binary(min_size=8, max_size=8).map(bytes.hex)),
    severity_number=st.integers(0, 24),
    severity_text=TEXTS,
    body=TEXTS,
    attributes=st.lists(st.tuples(TEXTS, VALUES), max_size=5).map(tuple),
)


def by_protobuf(resource: Mapping[str, Value], records: Sequence[LogRecord], version: str) -> bytes:
    """The oracle."""
    return ExportLogsServiceRequest(
        resource_logs=[
            ResourceLogs(
                resource=Resource(attributes=[key_value(*item) for item in resource.items()]),
                scope_logs=[
                    ScopeLogs(
                        scope=InstrumentationScope(name="affidavit", version=version),
                        log_records=[
                            ProtobufRecord(
                                time_unix_nano=record.timestamp_ns,
                                observed_time_unix_nano=record.observed_timestamp_ns,
                                severity_number=record.severity_number,  # type: ignore[arg-type]
                                severity_text=record.severity_text,
                                body=any_value(record.body),
                                attributes=[key_value(*item) for item in record.attributes],
                                trace_id=bytes.fromhex(record.trace_id),
                                span_id=bytes.fromhex(record.span_id),
                                event_name=record.event_name,
                            )
                            for record in records
                        ],
                    )
                ],
            )
        ]
    ).SerializeToString()


def key_value(key: str, value: Value) -> KeyValue:
    return KeyValue(key=key, value=any_value(value))


def any_value(value: Value) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))


def test_a_batch_is_encoded_as_protobuf_does() -> None:
    assert encode_request(RESOURCE, BATCH, "0.1.0") == by_protobuf(RESOURCE, BATCH, "0.1.0")


@given(st.dictionaries(TEXTS, VALUES, max_size=3), st.lists(RECORDS, max_size=3), TEXTS)
def test_whatever_a_record_holds_is_encoded_as_protobuf_does(
    resource: dict[str, Value], records: list[LogRecord], version: str
) -> None:
    assert encode_request(resource, records, version) == by_protobuf(resource, records, version)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])
def test_lengths_of_every_size_are_encoded_as_protobuf_does(length: int) -> None:
    records = (record(statement="s" * length),)
    assert encode_request(RESOURCE, records, "1") == by_protobuf(RESOURCE, records, "1")


def test_a_lone_surrogate_is_sent_as_a_question_mark() -> None:
    """A record that could not be encoded would stop all records behind it."""
    lone = encode_request({"host.name": "a\udc80"}, (record(statement="x\ud800y"),), "1")
    assert lone == encode_request({"host.name": "a?"}, (record(statement="x?y"),), "1")
