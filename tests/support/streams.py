"""Whole streams for tests: sealed, chained, signed and written as OTLP JSON lines, with real keys.

Everything is deterministic: the same calls give the same bytes, so golden files can be made from here. A test shapes a
stream by calling its methods in order, then cuts, swaps or edits ``records`` or the lines made from them::

    root = SpoolRoot()
    stream = root.stream()          # sealed its start record already
    stream.request("alice")
    stream.checkpoint()
    stream.end()
    path.write_bytes(otlp_lines(stream.records))
"""

from __future__ import annotations

import json
import random
import uuid
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from affidavit import semconv
from affidavit.jwk import thumbprint
from affidavit.ledger import canonical
from affidavit.ledger.checkpoint import Checkpoint, sign_checkpoint
from affidavit.ledger.disclosure import SALT_BYTES, format_disclosure
from affidavit.ledger.endorsement import endorse
from affidavit.ledger.hashing import disclosure_hash, leaf_hash
from affidavit.ledger.keys import StreamKey, ed25519_jwk, p256_jwk
from affidavit.ledger.merkle import Frontier
from affidavit.ledger.projection import project
from affidavit.ledger.signature import ADOPTED, RECORD, Signer
from affidavit.model import SealedRecord, SignedRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from affidavit.model import LogRecord, Value

SERVICE = {
    semconv.SERVICE_NAME: "orders",
    "service.namespace": "shop",
    "service.instance.id": "orders-7c9d4b5f6-x2x8k",
    "service.version": "4.2.1",
    "deployment.environment.name": "production",
    "host.name": "node-17.example",
}
SECOND = 1_000_000_000
FIRST_MOMENT = 1_785_571_200 * SECOND  # 2026-08-01T08:00:00Z


class Ed25519Identity:
    """An identity key as the interface ``IdentityKey`` wants it."""

    algorithm = "EdDSA"

    def __init__(self, seed: int = 1) -> None:
        self._private = ed25519.Ed25519PrivateKey.from_private_bytes(random.Random(seed).randbytes(32))
        raw = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public_jwk: Mapping[str, str] = ed25519_jwk(raw)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


class P256Identity:
    """The other algorithm. Its signatures are random, so golden files made with it differ each time."""

    algorithm = "ES256"

    def __init__(self, seed: int = 1) -> None:
        self._private = ec.derive_private_key(random.Random(seed).getrandbits(250) + 1, ec.SECP256R1())
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_jwk: Mapping[str, str] = p256_jwk(point)

    def sign(self, message: bytes) -> bytes:
        r, s = utils.decode_dss_signature(self._private.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


IDENTITY = Ed25519Identity()


class SpoolRoot:
    """What the streams of one spool root share: identity, clock, randomness, and the numbers of the streams."""

    def __init__(
        self,
        *,
        seed: int = 1,
        identity: Ed25519Identity | P256Identity = IDENTITY,
        heartbeat_seconds: int = 300,
        now: int = FIRST_MOMENT,
    ) -> None:
        self.identity = identity
        self.heartbeat_seconds = heartbeat_seconds
        self.now = now
        self.random = random.Random(seed)
        self.id = self.uuid()
        self.newest_number = 0
        self.newest_start: bytes | None = None

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self.random.randbytes(16), version=4))

    def tick(self, seconds: float = 0.001) -> int:
        self.now += int(seconds * SECOND)
        return self.now

    def stream(self, *, signed: bool = True, start: bool = True) -> Stream:
        """The next stream. With `signed` false only its control records carry a signature of their own."""
        stream = Stream(self, signed=signed)
        if start:
            stream.start()
        return stream


class Stream:
    """One stream; ``records`` holds what it sealed, in order, ready to be exported."""

    def __init__(self, root: SpoolRoot, *, signed: bool = True) -> None:
        self.root = root
        self.id = root.uuid()
        self.key = StreamKey(root.random.randbytes(32))
        self.endorsement = endorse(root.identity, self.id, self.key.public_jwk, "orders", root.tick())
        self.records: list[SignedRecord] = []
        self.frontier = Frontier()
        self._signed = signed
        self._signer = Signer(self.key, RECORD)

    @property
    def head(self) -> bytes:
        """The leaf hash of the newest record."""
        return leaf_hash(self.records[-1].record.text)

    def seal(
        self,
        event_name: str,
        facts: Mapping[str, Value],
        personal: Mapping[str, Value] | None = None,
        *,
        signed: bool | None = None,
    ) -> SignedRecord:
        """Seal one record. `facts` may override any key, or leave one out by the empty string."""
        disclosures = ()
        if personal:
            members = (canonical.encode_member(key, value) for key, value in personal.items())
            disclosures = (format_disclosure(members, self.root.random.randbytes(SALT_BYTES)),)
        moment = str(self.root.tick())
        statement: dict[str, Value] = {
            semconv.FORMAT: semconv.FORMAT_VERSION,
            semconv.RECORD_ID: self.root.uuid(),
            semconv.STREAM_ID: self.id,
            semconv.NUMBER: self.frontier.size + 1,
            semconv.EVENT_NAME: event_name,
            semconv.TIMESTAMP: moment,
            semconv.OBSERVED_TIMESTAMP: moment,
            **SERVICE,
            **({semconv.PREVIOUS_HASH: self.head.hex()} if self.records else {}),
            **({semconv.DISCLOSURE_HASHES: sorted(map(disclosure_hash, disclosures))} if disclosures else {}),
            **facts,
        }
        members = [canonical.encode_member(key, value) for key, value in statement.items() if value != ""]
        text = canonical.join_members(members)
        signature = self._signer.sign(text) if (self._signed if signed is None else signed) else None
        return self.keep(
            SignedRecord(SealedRecord(self.id, self.frontier.size + 1, text, disclosures), signature, self.endorsement)
        )

    def keep(self, signed: SignedRecord) -> SignedRecord:
        """Take `signed` as the next record of the stream."""
        self.records.append(signed)
        self.frontier.append(leaf_hash(signed.record.text))
        return signed

    def request(self, subject: str = "alice", *, status: int = 200, path: str = "/orders/17") -> SignedRecord:
        """A request of an identified caller, with about the facts that a real one has."""
        facts: dict[str, Value] = {
            semconv.TRACE_ID: self.root.random.randbytes(16).hex(),
            semconv.SPAN_ID: self.root.random.randbytes(8).hex(),
            semconv.ACTOR_TYPE: "user",
            semconv.ACTION: "READ",
            semconv.OUTCOME: "success" if status < 400 else "failure",
            semconv.DECISION: "deny" if status in (401, 403) else "allow",
            semconv.TARGET_ID: path,
            semconv.TARGET_TYPE: "http.endpoint",
            semconv.SOURCE_TYPE: "ipv4",
            semconv.TOKEN_STATE: "verified",
            semconv.TOKEN_ISSUER: "https://login.example.com/realms/shop",
            semconv.TOKEN_AUDIENCE: ["orders"],
            semconv.TOKEN_CLIENT_ID: "shop-frontend",
            semconv.TOKEN_ALGORITHM: "RS256",
            semconv.TOKEN_KEY_THUMBPRINT: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
            semconv.TOKEN_ISSUED_AT: self.root.now // SECOND - 60,
            semconv.TOKEN_EXPIRES_AT: self.root.now // SECOND + 240,
            semconv.TOKEN_SCOPES: ["openid", "orders:read"],
            semconv.TOKEN_SOURCE: "header:authorization",
            semconv.HTTP_METHOD: "GET",
            semconv.HTTP_ROUTE: "/orders/{order_id}",
            semconv.URL_PATH: path,
            semconv.HTTP_STATUS: status,
            semconv.SERVER_ADDRESS: "orders.example.com",
            semconv.DURATION_NS: 1_834_211,
        }
        personal: dict[str, Value] = {
            semconv.ACTOR_ID: subject,
            semconv.USER_ID: subject,
            semconv.USER_ROLES: ["buyer", "clerk"],
            semconv.SOURCE_ID: "192.0.2.17",
            semconv.CLIENT_ADDRESS: "192.0.2.17",
            semconv.USER_AGENT: "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
            semconv.TOKEN_ID: "b0a4c1de-7c1e-4c0a-9c56-2c43dfe2a1f0",
            semconv.TOKEN_FINGERPRINT: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
        return self.seal(semconv.HTTP_SERVER_REQUEST, facts, personal)

    def control(self, event_name: str, facts: Mapping[str, Value]) -> SignedRecord:
        """A record about the ledger itself: it always carries its own signature."""
        about: dict[str, Value] = {
            semconv.ACTOR_ID: "affidavit",
            semconv.ACTOR_TYPE: "system",
            semconv.ACTION: "EXECUTE",
            semconv.OUTCOME: "success",
            semconv.TARGET_ID: self.id,
            semconv.TARGET_TYPE: "audit.stream",
        }
        return self.seal(event_name, {**about, **facts}, signed=True)

    def start(self) -> SignedRecord:
        """Record number 1. It takes the stream's place among those of the spool root."""
        root = self.root
        root.newest_number += 1
        record = self.control(
            semconv.STREAM_START,
            {
                semconv.ENDORSEMENT: self.endorsement,
                semconv.RETENTION_CLASS: "standard",
                semconv.HEARTBEAT_SECONDS: root.heartbeat_seconds,
                semconv.SPOOL_ID: root.id,
                semconv.SPOOL_NUMBER: root.newest_number,
                **({semconv.SPOOL_PREVIOUS_HASH: root.newest_start.hex()} if root.newest_start else {}),
            },
        )
        root.newest_start = self.head
        return record

    def checkpoint(self, size: int | None = None) -> SignedRecord:
        """A checkpoint over the first `size` records, by default all so far."""
        return self.control(semconv.STREAM_CHECKPOINT, self._covering(self.frontier.size if size is None else size))

    def end(self) -> SignedRecord:
        """The clean close."""
        return self.control(semconv.STREAM_END, self._covering(self.frontier.size))

    def recovered(self, dead: Stream, first: int, last_signed: int) -> SignedRecord:
        """What this stream says about `dead`, whose records from `first` on were left in its spool."""
        return self.control(
            semconv.STREAM_RECOVERED,
            {
                semconv.RECOVERED_STREAM_ID: dead.id,
                semconv.RECOVERED_FIRST: first,
                semconv.RECOVERED_LAST: len(dead.records),
                semconv.RECOVERED_LAST_HASH: dead.head.hex(),
                semconv.RECOVERED_LAST_SIGNED: last_signed,
            },
        )

    def adopt(self, dead: Stream, last_signed: int) -> list[SignedRecord]:
        """Sign with this stream's key what `dead` sealed after `last_signed`, and seal that it was recovered."""
        signer = Signer(self.key, ADOPTED)
        for index in range(last_signed, len(dead.records)):
            record = dead.records[index].record
            dead.records[index] = SignedRecord(record, signer.sign(record.text), self.endorsement)
        self.recovered(dead, last_signed + 1, last_signed)
        return dead.records[last_signed:]

    def missing(self, count: int, facts: Mapping[str, Value] | None = None) -> SignedRecord:
        """`count` records are missing; `facts` may name stream, first and last."""
        return self.control(
            semconv.RECORDS_MISSING,
            {
                semconv.MISSING_COUNT: count,
                semconv.MISSING_REASON: "spool_full",
                semconv.MISSING_SINCE: str(self.root.now),
                semconv.MISSING_UNTIL: str(self.root.now),
                **(facts or {}),
            },
        )

    def _covering(self, size: int) -> dict[str, Value]:
        frontier = self.frontier
        if size != frontier.size:
            frontier = Frontier()
            for signed in self.records[:size]:
                frontier.append(leaf_hash(signed.record.text))
        return {
            semconv.ENDORSEMENT: self.endorsement,
            semconv.CHECKPOINT: sign_checkpoint(Checkpoint(self.id, size, frontier.root()), self.key),
            semconv.SPOOL_NEWEST_NUMBER: self.root.newest_number,
        }


def jwks(*identities: Ed25519Identity | P256Identity) -> str:
    """The public keys of `identities` as a JWKS, the form that ``affidavit keys export`` prints."""
    keys = [{**i.public_jwk, "alg": i.algorithm, "kid": thumbprint(i.public_jwk), "use": "sig"} for i in identities]
    return json.dumps({"keys": keys})


def otlp_record(signed: SignedRecord, *, statement_as_body: bool = False) -> dict[str, Any]:
    """`signed` as an OTLP log record in JSON."""
    return _encode(project(signed, statement_as_body=statement_as_body))


def otlp_line(records: Iterable[Mapping[str, Any]]) -> bytes:
    """One line of an OTLP JSON file: a batch of log records as dictionaries."""
    resource = {"attributes": [_attribute(key, value) for key, value in SERVICE.items()]}
    scope_logs = [{"scope": {"name": semconv.SCOPE_NAME, "version": "0.1.0"}, "logRecords": list(records)}]
    batch = {"resourceLogs": [{"resource": resource, "scopeLogs": scope_logs}]}
    return json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def otlp_lines(records: Sequence[SignedRecord], *, batch: int = 512, statement_as_body: bool = False) -> bytes:
    """`records` as an OTLP JSON file, so many to a line."""
    encoded = [otlp_record(signed, statement_as_body=statement_as_body) for signed in records]
    return b"".join(otlp_line(encoded[start : start + batch]) for start in range(0, len(encoded), batch))


def _encode(record: LogRecord) -> dict[str, Any]:
    return {
        "timeUnixNano": str(record.timestamp_ns),
        "observedTimeUnixNano": str(record.observed_timestamp_ns),
        "severityNumber": record.severity_number,
        "severityText": record.severity_text,
        "body": {"stringValue": record.body},
        "attributes": [_attribute(key, value) for key, value in record.attributes],
        "traceId": record.trace_id,
        "spanId": record.span_id,
        "eventName": record.event_name,
    }


def _attribute(key: str, value: Value) -> dict[str, Any]:
    return {"key": key, "value": _any_value(value)}


def _any_value(value: Value) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"arrayValue": {"values": [{"stringValue": item} for item in value]}}
