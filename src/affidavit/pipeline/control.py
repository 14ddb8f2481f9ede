"""The records that a stream keeps about itself: start, checkpoint, end, recovered, missing.

Their actor is ``affidavit`` of type ``system`` (no person, so it stands in the text), their target the stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.ledger.canonical import encode_member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.model import Value

RETENTION_CLASS = "standard"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found of a dead process's stream."""

    stream_id: str
    first: int
    last: int
    last_hash: str
    last_signed: int
    """The last number that carries its own stream's signature; 0 if none does."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Records that are not there, and that somebody says so."""

    count: int
    reason: str
    since_ns: int
    until_ns: int
    stream_id: str | None = None
    first: int | None = None
    last: int | None = None


def encode_control(
    event_name: str, record_id: str, stream_id: str, timestamp_ns: int, facts: Mapping[str, Value]
) -> list[str]:
    """The members of a control record."""
    return [
        encode_member(key, value)
        for key, value in {
            semconv.EVENT_NAME: event_name,
            semconv.TIMESTAMP: str(timestamp_ns),
            semconv.RECORD_ID: record_id,
            semconv.ACTOR_ID: "affidavit",
            semconv.ACTOR_TYPE: "system",
            semconv.ACTION: "EXECUTE",
            semconv.OUTCOME: "success",
            semconv.TARGET_ID: stream_id,
            semconv.TARGET_TYPE: "audit.stream",
            **facts,
        }.items()
    ]


def start_facts(
    endorsement: str, heartbeat_s: int, spool_id: str, spool_number: int, spool_previous_hash: str | None
) -> dict[str, Value]:
    """What the first record of a stream says: under whom it was made, and its place among the streams of the spool."""
    facts: dict[str, Value] = {
        semconv.ENDORSEMENT: endorsement,
        semconv.RETENTION_CLASS: RETENTION_CLASS,
        semconv.HEARTBEAT_SECONDS: heartbeat_s,
        semconv.SPOOL_ID: spool_id,
        semconv.SPOOL_NUMBER: spool_number,
    }
    if spool_previous_hash is not None:
        facts[semconv.SPOOL_PREVIOUS_HASH] = spool_previous_hash
    return facts


def checkpoint_facts(endorsement: str, note: str, spool_newest_number: int) -> dict[str, Value]:
    """What a checkpoint, and an end, says: size and root of the records before it, and the newest stream known."""
    return {
        semconv.ENDORSEMENT: endorsement,
        semconv.CHECKPOINT: note,
        semconv.SPOOL_NEWEST_NUMBER: spool_newest_number,
    }


def recovered_facts(recovered: Recovered) -> dict[str, Value]:
    """What the adopter says of a dead process's stream."""
    return {
        semconv.RECOVERED_STREAM_ID: recovered.stream_id,
        semconv.RECOVERED_FIRST: recovered.first,
        semconv.RECOVERED_LAST: recovered.last,
        semconv.RECOVERED_LAST_HASH: recovered.last_hash,
        semconv.RECOVERED_LAST_SIGNED: recovered.last_signed,
    }


def missing_facts(missing: Missing) -> dict[str, Value]:
    """How many records are missing, since when, and why."""
    facts: dict[str, Value] = {
        semconv.MISSING_COUNT: missing.count,
        semconv.MISSING_REASON: missing.reason,
        semconv.MISSING_SINCE: str(missing.since_ns),
        semconv.MISSING_UNTIL: str(missing.until_ns),
    }
    if missing.stream_id is not None and missing.first is not None and missing.last is not None:
        facts[semconv.MISSING_STREAM_ID] = missing.stream_id
        facts[semconv.MISSING_FIRST] = missing.first
        facts[semconv.MISSING_LAST] = missing.last
    return facts
