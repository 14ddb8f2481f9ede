"""Files that a verifier finds whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from affidavit import semconv
from support.streams import SpoolRoot, Stream, otlp_record
from vectors.shapes import (
    IDENTITY,
    Rfc6979Identity,
    Vector,
    ask,
    bare,
    begin,
    facts_of,
    is_about,
    line,
    whole,
    withhold,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = {semconv.SOURCE_ID: "192.0.2.17", semconv.CLIENT_ADDRESS: "192.0.2.17"}


def make() -> Iterator[Vector]:
    full = full_stream().records
    yield Vector("closed", line(*map(otlp_record, full[:4])) + bare(full[4:]), arguments=["--closed"])
    few = few_stream().records
    yield Vector("open", whole(few))
    yield Vector("withheld", whole(map(withhold, few)))
    yield erased()
    yield left_behind()
    yield Vector("statement-as-body", whole(few, statement_as_body=True))
    yield Vector("filtered", bare([full[2], full[6]]), verdict="authentic", arguments=["--subset"])
    yield reordered()
    yield two_processes()
    yield from adopted()
    yield missing_declared()
    yield heartbeats()
    yield since()
    yield checkpoint_only()
    yield collector()


def make_es256() -> Vector:
    """The one file whose making asks something of OpenSSL."""
    stream = begin(20, identity=Rfc6979Identity())
    ask(stream)
    return Vector("es256-identity", bare(stream.records))


def few_stream() -> Stream:
    """A start and a request."""
    stream = begin(9)
    ask(stream)
    return stream


def full_stream() -> Stream:
    """Every kind of record that a server leaves, with the facts that it has."""
    stream = begin(10)
    request = stream.request("alice")
    personal = {**ADDRESS, semconv.USER_AGENT: "curl/8.5.0"}
    denied = {
        semconv.ACTOR_ID: semconv.ANONYMOUS,
        semconv.ACTION: "DELETE",
        semconv.HTTP_METHOD: "DELETE",
        semconv.HTTP_STATUS: 401,
        semconv.OUTCOME: "failure",
        semconv.DECISION: "deny",
        semconv.TOKEN_STATE: "expired",
        semconv.TOKEN_REASON: "exp",
    }
    tell(stream, semconv.HTTP_SERVER_REQUEST, denied, personal)
    failed = {
        semconv.ACTOR_ID: semconv.ANONYMOUS,
        semconv.ACTION: "CREATE",
        semconv.HTTP_METHOD: "POST",
        semconv.HTTP_STATUS: 500,
        semconv.OUTCOME: "failure",
        semconv.DECISION: "allow",
        semconv.TOKEN_STATE: "absent",
        semconv.ERROR_TYPE: "ZeroDivisionError",
    }
    tell(stream, semconv.HTTP_SERVER_REQUEST, failed, personal)
    told = facts_of(request)
    ended = {
        semconv.TRACE_ID: told[semconv.TRACE_ID],
        semconv.SPAN_ID: told[semconv.SPAN_ID],
        semconv.ACTION: "READ",
        semconv.OUTCOME: "success",
        semconv.REQUEST_RECORD_ID: told[semconv.RECORD_ID],
        semconv.COMPLETE: True,
        semconv.DURATION_NS: 7_250_000,
    }
    tell(stream, semconv.HTTP_SERVER_RESPONSE_END, ended, {semconv.ACTOR_ID: "alice"})
    stream.checkpoint()
    refunded = {
        semconv.ACTION: "UPDATE",
        semconv.OUTCOME: "success",
        semconv.TARGET_ID: "№17 \u202e\tZoë",
        semconv.TARGET_TYPE: "order",
        "order.amount_cents": -1250,
        "order.express": False,
    }
    tell(stream, "order.refunded", refunded, {semconv.ACTOR_ID: "李雷", semconv.ACTOR_CHAIN: ["gateway", "shop"]})
    stream.end()
    return stream


def tell(stream: Stream, event_name: str, facts: dict[str, Any], personal: dict[str, Any]) -> None:
    about = {
        semconv.ACTOR_TYPE: "user",
        semconv.TARGET_ID: "/orders/17",
        semconv.TARGET_TYPE: "http.endpoint",
    }
    stream.seal(event_name, {**about, **facts}, personal)


def erased() -> Vector:
    """Alice was erased; bob was not."""
    stream = begin(22)
    ask(stream, "alice", 1)
    ask(stream, "bob", 2)
    records = [withhold(signed) if is_about(signed, "alice") else signed for signed in stream.records]
    return Vector("erased-person", whole(records))


def left_behind() -> Vector:
    """An erasure that forgot the copies: nothing proves them any more."""
    stream = begin(23)
    ask(stream)
    first, second = (otlp_record(signed) for signed in stream.records)
    erased = otlp_record(withhold(stream.records[1]))
    copies = [item for item in second["attributes"] if item["key"] != semconv.DISCLOSURES]
    return Vector("left-behind", line(first) + line({**erased, "attributes": copies}), findings=[["copy unproven", 2]])


def reordered() -> Vector:
    """Each line twice, the last first: a queue that came back after a crash."""
    stream = begin(21)
    ask(stream, "alice", 1)
    ask(stream, "bob", 2)
    return Vector("reordered-and-doubled", bare([*reversed(stream.records), *stream.records]))


def two_processes() -> Vector:
    """Two streams of one spool root; their lines alternate."""
    root = SpoolRoot(seed=11, identity=IDENTITY)
    one, other = begin(root), begin(root)
    ask(one, "alice", 1)
    one.end()
    other.end()
    records = sorted(one.records + other.records, key=lambda signed: facts_of(signed)[semconv.OBSERVED_TIMESTAMP])
    return Vector("two-processes", bare(records), arguments=["--closed"])


def adopted() -> Iterator[Vector]:
    """A process died with one record unsigned; the next one signed that in its own name and said so."""
    root = SpoolRoot(seed=12, identity=IDENTITY)
    dead = begin(root)
    ask(dead, "alice", 1)
    ask(dead, "alice", 2)
    heir = begin(root)
    heir.adopt(dead, last_signed=2)
    yield Vector("adopted", bare(dead.records + heir.records))
    yield Vector("adopted-filtered", bare(dead.records[2:]), verdict="authentic", arguments=["--subset"])
    # The adopter died before it had signed what it said: the next one adopts that as well.
    last = begin(root)
    last.adopt(heir, last_signed=1)
    yield Vector("adopted-twice", bare(dead.records + heir.records + last.records))


def missing_declared() -> Vector:
    """Numbers 3 and 4 were sealed and lost; three more records were never sealed. Both are declared."""
    stream = begin(13)
    for number in (1, 2, 3, 4):
        ask(stream, "alice", number)
    named = {
        semconv.MISSING_REASON: "damaged",
        semconv.MISSING_STREAM_ID: stream.id,
        semconv.MISSING_FIRST: 3,
        semconv.MISSING_LAST: 4,
    }
    stream.missing(2, named)
    stream.missing(3)
    return Vector("missing-declared", bare(stream.records[:2] + stream.records[4:]))


def heartbeats() -> Vector:
    """An idle stream: nothing happens for ten minutes, and every five it says so."""
    stream = begin(14)
    for _ in range(2):
        stream.root.tick(300)
        stream.checkpoint()
    return Vector("heartbeats", bare(stream.records))


def since() -> Vector:
    """The second file of a log that is cut by time: the stream began in the first."""
    stream = begin(24)
    stream.root.tick(300)
    ask(stream)
    return Vector("since", bare(stream.records[1:]), arguments=["--since", "2026-08-01T08:05:00Z"])


def checkpoint_only() -> Vector:
    """Only the stream's own records are signed; its checkpoints cover the others."""
    stream = begin(15, signed=False)
    ask(stream, "alice", 1)
    ask(stream, "bob", 2)
    stream.checkpoint()
    stream.end()
    return Vector("checkpoint-only", bare(stream.records), arguments=["--closed"])


def collector() -> Vector:
    """Several resources, scopes and foreign records in one line, as a Collector batches them, with keys of its own."""
    stream = begin(16)
    ask(stream)
    stream.end()
    ours = [{**otlp_record(signed), "flags": 1, "droppedAttributesCount": 2} for signed in stream.records]
    for record in ours:
        record["attributes"].append({"key": "audit.emitter.subject", "value": {"stringValue": "orders"}})
    foreign: list[dict[str, Any]] = [
        {"timeUnixNano": "1785571200000000000", "body": {"stringValue": "listening on :8000"}, "attributes": []},
        {"body": {"kvlistValue": {"values": [{"key": "n", "value": {"doubleValue": 1.5}}]}}},
        {"body": {"stringValue": '{"event_name":"not ours"}'}, "attributes": [{"key": "empty", "value": {}}]},
        {},
    ]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "orders"}}]}
    batch = [
        {"resource": {}, "scopeLogs": [{"scope": {}, "logRecords": foreign[:1]}, {"scope": {"name": "empty"}}]},
        {
            "resource": resource,
            "scopeLogs": [
                {"scope": {"name": "affidavit"}, "logRecords": [ours[0], foreign[1], ours[1]]},
                {"scope": {"name": "app", "version": "1"}, "logRecords": foreign[2:]},
            ],
            "schemaUrl": "https://opentelemetry.io/schemas/1.36.0",
        },
        {"resource": resource, "scopeLogs": [{"scope": {"name": "affidavit"}, "logRecords": ours[2:]}]},
    ]
    batched = json.dumps({"resourceLogs": batch}, ensure_ascii=False, separators=(",", ":"))
    return Vector("collector", f"{batched}\n".encode(), arguments=["--closed"])
