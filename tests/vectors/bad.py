"""Files that a verifier must not find whole, each for one reason: its folder's."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from affidavit import base64url, semconv
from affidavit.ledger.canonical import encode_member, join_members
from affidavit.ledger.checkpoint import Checkpoint, sign_checkpoint
from affidavit.ledger.disclosure import format_disclosure
from affidavit.ledger.endorsement import endorse
from affidavit.ledger.hashing import leaf_hash
from affidavit.ledger.keys import StreamKey
from affidavit.ledger.signature import ADOPTED, RECORD, Signer
from support.streams import SpoolRoot, Stream, otlp_record
from vectors.shapes import (
    IDENTITY,
    STRANGER,
    Vector,
    ask,
    bare,
    begin,
    facts_of,
    line,
    put,
    retell,
    sign,
    strip,
    with_text,
    withhold,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


THIEF = StreamKey(b"a key that somebody made for it.")


def make() -> Iterator[Vector]:
    yield from other_texts()
    yield from malformed_texts()
    yield from chains()
    yield from keys()
    yield from adoptions()
    yield from disclosures()
    yield from projections()
    yield from checkpoints()
    yield from incomplete()
    yield from unverifiable()
    yield from files()


def short(seed: int, requests: int = 1, **options: Any) -> Stream:
    """A start and a few requests."""
    stream = begin(seed, **options)
    for number in range(1, requests + 1):
        ask(stream, "alice", number)
    return stream


ALONE = ["--subset"]
"""What is wrong with a record alone is shown on that record alone."""


def tampered(name: str, content: bytes, *findings: list[Any], **options: Any) -> Vector:
    return Vector(name, content, 1, "tampered", list(findings), **options)


def unknown(name: str, content: bytes, *findings: list[Any], **options: Any) -> Vector:
    return Vector(name, content, 4, "unverifiable", list(findings), **options)


def other_texts() -> Iterator[Vector]:
    """Somebody who has no key changes what stands there."""
    one, two, three = short(30, 2).records
    modified = retell(two, TARGET_ID="/orders/3")
    yield tampered("modified-text/a-target", bare([modified]), ["signature", 2], arguments=ALONE)
    backdated = retell(two, TIMESTAMP="1785484800000000000")
    yield tampered("modified-text/back-dated", bare([backdated]), ["signature", 2], arguments=ALONE)
    swapped = [with_text(two, three.record.text), with_text(three, two.record.text)]
    both = [["signature", 2], ["signature", 3]]
    yield tampered("swapped-texts/two-records", bare([one, *map(withhold, swapped)]), *both)
    forged = retell(two, NUMBER=3, PREVIOUS_HASH=leaf_hash(two.record.text).hex(), TARGET_ID="/orders/9")
    yield tampered("forged-record/with-a-borrowed-signature", bare([one, two, forged]), ["signature", 3])
    unsigned = replace(forged, signature=None)
    yield unknown("forged-record/without-a-signature", bare([one, two, unsigned]), ["unproven", 3])
    between = replace(retell(two, TARGET_ID="/orders/9"), signature=None)
    yield tampered("forged-record/a-number-twice", bare([one, two, between]), ["version", 2])


def malformed_texts() -> Iterator[Vector]:
    """The stream key signed a text that is not in the format."""
    for seed, (name, old, new) in enumerate(
        [
            ("spaces", ":", ": "),
            ("unsorted", '"affidavit.format":"1",', ""),
            ("escaped", '"/orders/17"', '"\\u002forders/17"'),
            ("null", '"/orders/17"', "null"),
            ("float", ":200", ":200.0"),
            ("2-to-the-53", ":200", ":9007199254740992"),
            ("empty-string", '"/orders/17"', '""'),
            ("lone-surrogate", '"/orders/17"', '"\\ud800"'),
            ("member-twice", '"event_name"', '"event_name":"x","event_name"'),
            ("byte-order-mark", "{", "\ufeff{"),
        ],
        start=50,
    ):
        stream = begin(seed)
        good = ask(stream)
        text = good.record.text.decode().replace(old, new, 1)
        if name == "unsorted":
            text = text.replace("}", ',"affidavit.format":"1"}')
        record = put(strip(otlp_record(good)), semconv.STATEMENT, text)
        record = put(record, semconv.SIGNATURE, sign(stream, text.encode()))
        number = None if name == "byte-order-mark" else 2  # no JSON parser gets so far as to read the number
        yield tampered(f"malformed-text/{name}", line(record), ["spelling", number], arguments=ALONE)


def chains() -> Iterator[Vector]:
    """The stream key signed records that do not hang together."""
    stream = short(70, 0)
    ask(stream, facts={semconv.PREVIOUS_HASH: leaf_hash(b"another record").hex()})
    yield tampered("broken-link/to-another-record", bare(stream.records), ["link", 2])
    stream = short(71, 0)
    ask(stream, facts={semconv.PREVIOUS_HASH: ""})
    yield tampered("broken-link/to-none", bare(stream.records), ["spelling", 2])
    stream = short(72, 0)
    twin = short(72, 0)
    ask(stream, "alice", 17)
    ask(twin, "alice", 18)
    records = [*stream.records, twin.records[-1]]
    yield tampered("fork/two-texts-under-one-number", bare(records), ["fork", 2])
    stream = short(73, 0)
    stream.end()
    ask(stream, "alice", 18)
    yield tampered("after-the-end/one-more-record", bare(stream.records), ["link", 3])


def keys() -> Iterator[Vector]:
    """Signed by a key that may not sign it."""
    *others, last = short(75).records
    changed = retell(last, TARGET_ID="/orders/9")
    by_thief = replace(changed, signature=Signer(THIEF, RECORD).sign(changed.record.text))
    yield tampered("re-signed/by-another-key", bare([by_thief]), ["signature", 2], arguments=ALONE)
    named = replace(by_thief, signature=_under(last.signature, by_thief.signature))
    yield tampered("re-signed/under-the-stream-keys-name", bare([named]), ["signature", 2], arguments=ALONE)
    stream_id, now = last.record.stream_id, 1785571200002000000
    own = endorse(STRANGER, stream_id, THIEF.public_jwk, "orders", now)
    yield tampered("fork/endorsed-by-a-stranger", bare([*others, replace(by_thief, endorsement=own)]), ["fork", 2])
    second = endorse(IDENTITY, stream_id, THIEF.public_jwk, "orders", now)
    yield tampered("fork/two-keys-for-one-stream", bare([*others, replace(by_thief, endorsement=second)]), ["fork", 2])
    other_stream = begin(76)
    foreign = replace(
        changed,
        signature=Signer(other_stream.key, RECORD).sign(changed.record.text),
        endorsement=other_stream.endorsement,
    )
    yield tampered("endorsement/of-another-stream", bare([foreign]), ["endorsement", 2], arguments=ALONE)
    broken = replace(last, endorsement=_flip_jws(last.endorsement))
    yield tampered("endorsement/that-does-not-verify", bare([broken]), ["endorsement", 2], arguments=ALONE)


def adoptions() -> Iterator[Vector]:
    """Signed as adopted by a stream that does not say that it recovered that record."""
    root = SpoolRoot(seed=130, identity=IDENTITY)
    dead = begin(root)
    ask(dead, "alice", 1)
    ask(dead, "alice", 2)
    *others, last = dead.records
    thief = begin(root)
    rewritten = retell(last, TARGET_ID="/orders/9")
    signature = Signer(thief.key, ADOPTED).sign(rewritten.record.text)
    adopted = replace(rewritten, signature=signature, endorsement=thief.endorsement)
    yield unknown("unsaid-adoption/of-an-open-tail", bare([*others, adopted, *thief.records]), ["unproven", 3])
    root = SpoolRoot(seed=131, identity=IDENTITY)
    dead = begin(root)
    ask(dead, "alice", 1)
    heir = begin(root)
    heir.recovered(dead, 1, 1)
    ask(dead, "alice", 2)
    later = replace(
        dead.records[2],
        signature=Signer(heir.key, ADOPTED).sign(dead.records[2].record.text),
        endorsement=heir.endorsement,
    )
    records = [*dead.records[:2], later, *heir.records]
    yield unknown("unsaid-adoption/behind-the-last", bare(records), ["unproven", 3])


def _under(header_of: str | None, signature_of: str | None) -> str:
    return f"{str(header_of).split('.')[0]}..{str(signature_of).split('.')[2]}"


def _flip_jws(jws: str) -> str:
    head, _, signature = jws.rpartition(".")
    return f"{head}.{base64url.encode(_flip(base64url.decode(signature)))}"


def _flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def disclosures() -> Iterator[Vector]:
    """Something stands beside a text that it does not list."""
    _, second = short(80).records
    salt = bytes(16)
    members = (encode_member(semconv.USER_ID, "mallory"),)
    more = (*second.record.disclosures, format_disclosure(members, salt))
    added = replace(second, record=second.record._replace(disclosures=more))
    yield tampered("unlisted-disclosure/one-more", bare([added]), ["disclosure", 2], arguments=ALONE)
    edited = second.record.disclosures[0].replace(b"alice", b"mallory").decode()
    changed = put(strip(otlp_record(withhold(second))), semconv.DISCLOSURES, edited)
    yield tampered("unlisted-disclosure/edited", line(changed), ["disclosure", 2], arguments=ALONE)


def projections() -> Iterator[Vector]:
    """What people and queries see is not what was sealed."""
    _, second = short(85).records
    record = otlp_record(second)
    for name, key, value in [
        ("an-outcome", semconv.OUTCOME, "failure"),
        ("an-actor", semconv.ACTOR_ID, "mallory"),
    ]:
        yield tampered(f"edited-copy/{name}", line(put(record, key, value)), ["copy", 2], arguments=ALONE)
    body = {"stringValue": "mallory GET /orders/1 200 success"}
    yield tampered("edited-body/another-actor", line({**record, "body": body}), ["copy", 2], arguments=ALONE)
    erased = put(strip(record), semconv.DISCLOSURES, "")
    erased["attributes"].pop()
    yield tampered("edited-body/still-names-the-erased", line(erased), ["copy", 2], arguments=ALONE)


def checkpoints() -> Iterator[Vector]:
    """Notes that say what is not so, and what hides behind genuine ones."""
    stream = short(90, 0)
    note = sign_checkpoint(Checkpoint(stream.id, 1, leaf_hash(b"another record")), stream.key)
    stream.control(semconv.STREAM_CHECKPOINT, _covering(stream, note))
    yield tampered("edited-note/another-root", bare(stream.records), ["checkpoint", 2])
    stream = short(91, 0)
    good = facts_of(stream.checkpoint())[semconv.CHECKPOINT]
    stream = short(91, 0)
    head, _, encoded = good.rpartition(" ")
    note = f"{head} {b64encode(_flip(b64decode(encoded))).decode()}\n"
    stream.control(semconv.STREAM_CHECKPOINT, _covering(stream, note))
    yield tampered("edited-note/that-does-not-verify", bare(stream.records), ["checkpoint", 2])
    stream = short(92, 0)
    note = sign_checkpoint(Checkpoint(stream.id, 2, leaf_hash(b"the future")), stream.key)
    stream.control(semconv.STREAM_CHECKPOINT, _covering(stream, note))
    yield tampered("edited-note/over-records-to-come", bare(stream.records), ["checkpoint", 2])
    yield _rewritten_end()


def _covering(stream: Stream, note: str) -> dict[str, Any]:
    return {
        semconv.ENDORSEMENT: stream.endorsement,
        semconv.CHECKPOINT: note,
        semconv.SPOOL_NEWEST_NUMBER: stream.root.newest_number,
    }


def _rewritten_end() -> Vector:
    """Cut after a checkpoint; an uncovered, unsigned text behind it was made an end that carries the genuine note."""
    stream = short(93, 0, signed=False)
    checkpoint = facts_of(stream.checkpoint())
    last = ask(stream)
    members = {
        **{key: value for key, value in checkpoint.items() if key != semconv.PREVIOUS_HASH},
        **{key: facts_of(last)[key] for key in (semconv.RECORD_ID, semconv.NUMBER, semconv.PREVIOUS_HASH)},
        semconv.EVENT_NAME: semconv.STREAM_END,
    }
    end = join_members(encode_member(key, value) for key, value in members.items())
    rewritten = with_text(withhold(last), end)
    return unknown("rewritten-end/behind-a-genuine-note", bare([*stream.records[:-1], rewritten]), ["unproven", 3])


def incomplete() -> Iterator[Vector]:
    """Every record shown is good, and some are not there."""

    def lacking(name: str, content: bytes, *findings: list[Any], **options: Any) -> Vector:
        return Vector(name, content, 3, "incomplete", list(findings), **options)

    one, two, three = short(100, 2).records
    yield lacking("gap/a-deleted-record", bare([one, three]), ["gap", 2])
    stream = short(101, 2)
    named = {semconv.MISSING_STREAM_ID: stream.id, semconv.MISSING_FIRST: 2, semconv.MISSING_LAST: 2}
    stream.missing(1, named)
    yield lacking("gap/declared-in-part", bare([stream.records[0], stream.records[3]]), ["gap", 3])
    yield lacking("missing-start/the-first-record", bare([two, three]), ["no start", None])
    earlier = ["--since", "2026-08-01T07:55:00Z"]
    yield lacking("missing-start/of-a-stream-begun-later", bare([two]), ["no start", None], arguments=earlier)
    yield lacking("open-tail/but-closed-was-asked", bare([one, two]), ["open", None], arguments=["--closed"])
    root = SpoolRoot(seed=102, identity=IDENTITY)
    streams = [begin(root) for _ in range(3)]
    starts = [stream.records[0] for stream in streams]
    yield lacking("missing-stream/between-two", bare([starts[0], starts[2]]), ["spool", None])
    streams[0].end()
    yield lacking("missing-stream/the-newest", bare(streams[0].records), ["spool", None])
    root = SpoolRoot(seed=103, identity=IDENTITY)
    silent, other = begin(root), begin(root)
    root.tick(700)
    ask(other)
    yield lacking("silence/of-more-than-two-heartbeats", bare(silent.records + other.records), ["silence", 1])
    root = SpoolRoot(seed=104, identity=IDENTITY)
    dead = begin(root)
    ask(dead, "alice", 1)
    ask(dead, "alice", 2)
    heir = begin(root)
    heir.recovered(dead, 1, 3)
    kept = dead.records[:-1] + heir.records
    yield lacking("gap/before-the-recovered-end", bare(kept), ["gap", 3])


def unverifiable() -> Iterator[Vector]:
    """Nothing is wrong that can be shown, and nothing can be vouched for."""
    stream = short(110, 0)
    ask(stream, facts={semconv.FORMAT: "2"})
    yield unknown("unknown-format/2", bare(stream.records), ["format", 2])
    stream = short(111, 0)
    ask(stream, facts={semconv.CRITICAL: ["affidavit.reversed"], "affidavit.reversed": True})
    yield unknown("unknown-critical-key/reversed", bare(stream.records), ["format", 2])
    stream = short(112, 1, identity=STRANGER)
    yield unknown("unpinned-key/of-a-stranger", bare(stream.records), ["unpinned", None])
    foreign = {"body": {"stringValue": "listening on :8000"}}
    yield unknown("nothing-to-verify/foreign-records-only", line(foreign), ["no records", None])
    yield unknown("nothing-to-verify/an-empty-file", b"", ["no records", None])


def files() -> Iterator[Vector]:
    """Not lines of OTLP JSON."""
    good = bare(short(120, 1).records)
    yield Vector("cut-line/the-last", good[:-400], 3, "incomplete", [["cut off", None]])
    yield tampered(
        "binary/between-two-lines", good.replace(b"\n", b"\n\x00\xff\xfe\x1f\x8b\n", 1), ["unreadable", None]
    )
    yield unknown("binary/alone", bytes(range(256)), ["not OTLP JSON", None])
