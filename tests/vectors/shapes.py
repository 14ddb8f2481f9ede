"""What the cases share: small records, a P-256 identity that signs the same way twice, and lines made by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from affidavit import semconv
from affidavit.ledger.canonical import encode_member, join_members
from affidavit.ledger.disclosure import parse_disclosure
from support.streams import SERVICE, Ed25519Identity, P256Identity, SpoolRoot, Stream, otlp_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from affidavit.model import SignedRecord, Value

IDENTITY = Ed25519Identity(seed=1)
STRANGER = Ed25519Identity(seed=2)
"""An identity that nobody pinned."""

_FEW = {**dict.fromkeys(SERVICE, ""), semconv.SERVICE_NAME: "orders"}
_PROOF = (semconv.STATEMENT, semconv.SIGNATURE, semconv.ENDORSEMENT, semconv.DISCLOSURES)
_RESOURCE = {"attributes": [{"key": semconv.SERVICE_NAME, "value": {"stringValue": "orders"}}]}


class Rfc6979Identity(P256Identity):
    """Signs deterministically, so that its file can be made again.

    Raises:
        cryptography.exceptions.UnsupportedAlgorithm: This OpenSSL cannot (it can from 3.2 on).
    """

    def sign(self, message: bytes) -> bytes:
        r, s = utils.decode_dss_signature(self._private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@dataclass(frozen=True)
class Vector:
    """A file, and what a verifier says of it."""

    name: str
    content: bytes
    exit_code: int = 0
    verdict: str = "verified"
    findings: list[list[Any]] = field(default_factory=list)
    """Code and record number (None where there is none) of each finding, in order."""
    arguments: list[str] = field(default_factory=list)


class LeanStream(Stream):
    """Says of its service no more than the name: these files are to stay small."""

    def seal(self, event_name: str, facts: Mapping[str, Value], *rest: Any, **options: Any) -> SignedRecord:
        return super().seal(event_name, {**_FEW, **facts}, *rest, **options)


def begin(root: SpoolRoot | int, *, identity: Ed25519Identity | P256Identity = IDENTITY, **options: Any) -> Stream:
    """A stream that has started under `root`, or under a root of its own made from a seed."""
    stream = LeanStream(SpoolRoot(seed=root, identity=identity) if isinstance(root, int) else root, **options)
    stream.start()
    return stream


def ask(stream: Stream, subject: str = "alice", number: int = 17, **options: Any) -> SignedRecord:
    """A request that was answered with 200, told in few words. `facts` override."""
    facts = {
        semconv.ACTOR_TYPE: "user",
        semconv.ACTION: "READ",
        semconv.OUTCOME: "success",
        semconv.DECISION: "allow",
        semconv.TARGET_ID: f"/orders/{number}",
        semconv.TARGET_TYPE: "http.endpoint",
        semconv.TOKEN_STATE: "verified",
        semconv.HTTP_METHOD: "GET",
        semconv.HTTP_STATUS: 200,
        **options.pop("facts", {}),
    }
    return stream.seal(semconv.HTTP_SERVER_REQUEST, facts, {semconv.ACTOR_ID: subject}, **options)


def facts_of(signed: SignedRecord) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(signed.record.text)
    return facts


def retell(signed: SignedRecord, **facts: Any) -> SignedRecord:
    """`signed` with other facts in its text; its signature stays as it was. A name is a constant's of ``semconv``."""
    told = {**facts_of(signed), **{getattr(semconv, name): value for name, value in facts.items()}}
    return with_text(signed, join_members(encode_member(key, value) for key, value in told.items()))


def with_text(signed: SignedRecord, text: bytes) -> SignedRecord:
    return replace(signed, record=signed.record._replace(text=text))


def sign(stream: Stream, text: bytes) -> str:
    return stream._signer.sign(text)


def withhold(signed: SignedRecord) -> SignedRecord:
    """`signed` after an erasure: the disclosures are gone; copies and body will be made without them."""
    return replace(signed, record=signed.record._replace(disclosures=()))


def is_about(signed: SignedRecord, subject: str) -> bool:
    return any(parse_disclosure(item).get(semconv.ACTOR_ID) == subject for item in signed.record.disclosures)


def line(*records: Mapping[str, Any]) -> bytes:
    """One line of OTLP JSON."""
    scope_logs = [{"scope": {"name": semconv.SCOPE_NAME}, "logRecords": records}]
    batch = {"resourceLogs": [{"resource": _RESOURCE, "scopeLogs": scope_logs}]}
    return json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def whole(records: Iterable[SignedRecord], **options: Any) -> bytes:
    """One line a record, with everything that a writer puts on it."""
    return b"".join(line(otlp_record(signed, **options)) for signed in records)


def bare(records: Iterable[SignedRecord]) -> bytes:
    """One line a record, with its proof and no copies."""
    return b"".join(line(strip(otlp_record(signed))) for signed in records)


def strip(record: dict[str, Any]) -> dict[str, Any]:
    """`record` without copies and without what only queries ask for."""
    return {
        "timeUnixNano": record["timeUnixNano"],
        "eventName": record["eventName"],
        "body": record["body"],
        "attributes": [item for item in record["attributes"] if item["key"] in _PROOF],
    }


def put(record: dict[str, Any], key: str, value: str) -> dict[str, Any]:
    """`record` with attribute `key` set to `value`."""
    others = [item for item in record["attributes"] if item["key"] != key]
    return {**record, "attributes": [*others, {"key": key, "value": {"stringValue": value}}]}
