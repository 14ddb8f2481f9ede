"""The values that travel between the floors. All frozen; none of them does anything.

Trust is a matter of type: a token out of a request is an ``UnverifiedToken``, and an ``Identity`` exists only
inside a ``Verification`` that a ``TokenVerifier`` has made (``tests/test_house.py`` holds that nobody else calls it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Union

Value = Union[str, bool, int, "list[str]"]
"""What a statement may hold (``ledger/FORMAT.md``): non-empty string, boolean, integer below 2^53, list of strings."""


class TokenState(str, Enum):
    """What became of the request's token. Closed: every request has exactly one of these."""

    VERIFIED = "verified"
    ABSENT = "absent"
    OPAQUE = "opaque"
    AMBIGUOUS = "ambiguous"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    UNKNOWN_ISSUER = "unknown_issuer"
    KEYS_UNAVAILABLE = "keys_unavailable"
    UNKNOWN_KEY = "unknown_key"
    INVALID_SIGNATURE = "invalid_signature"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_AUDIENCE = "wrong_audience"
    INVALID_CLAIMS = "invalid_claims"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A compact token as a request carried it. Its text never shows in a repr, a log line or a message."""

    raw: str = field(repr=False)
    source: str = "header:authorization"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the caller is, out of a signature that was checked. Strings are bounded and hold no control characters."""

    issuer: str
    subject: str
    actor_type: str
    """``user`` or ``service``."""
    client_id: str | None = None
    roles: tuple[str, ...] = ()
    actor_chain: tuple[str, ...] = ()
    """RFC 8693 section 4.1, outermost (the current actor) first, at most 8."""


@dataclass(frozen=True, slots=True)
class TokenEvidence:
    """How a token was found authentic. Present whenever its signature verified, also when it was then refused."""

    issuer: str
    algorithm: str
    key_thumbprint: str
    """RFC 7638, SHA-256, base64url."""
    fingerprint: str
    """SHA-256 of ``header.payload``, lowercase hex: names the credential without holding it."""
    audience: tuple[str, ...] = ()
    client_id: str | None = None
    credential_id: str | None = None
    """The ``jti`` claim."""
    issued_at: int | None = None
    """Seconds since the epoch."""
    expires_at: int | None = None
    """Seconds since the epoch."""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a request's token: one state, and what may be said of it."""

    state: TokenState
    reason: str | None = None
    """Low-cardinality detail of a state other than ``verified``; never text of the token."""
    source: str | None = None
    identity: Identity | None = None
    """Only with ``verified``."""
    evidence: TokenEvidence | None = None
    stale_keys: bool = False
    audience_unchecked: bool = False
    memo: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    """What later floors derive from this value once (encoded members, span attributes): cached tokens reuse it."""


class SealedRecord(NamedTuple):
    """One link of a stream: canonical, numbered, chained, and in the spool. Signed a little later.

    A tuple, since one is made on the path of each request: a frozen dataclass takes four times as long.
    """

    stream_id: str
    number: int
    text: bytes
    """The statement: RFC 8785 JSON in UTF-8, one line."""
    disclosures: tuple[bytes, ...] = ()
    """The personal facts beside the text: RFC 8785 JSON in UTF-8, one line each."""


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """A sealed record on its way out."""

    record: SealedRecord
    signature: str | None
    """Detached JWS (RFC 7515 appendix F); none where only a checkpoint covers the record."""
    endorsement: str
    """Compact JWS by which the identity key vouches for the key that made the signature."""


class LogRecord(NamedTuple):
    """A signed record as an OTLP log record, ready to be encoded. A projection: nothing here is signed."""

    event_name: str
    timestamp_ns: int
    observed_timestamp_ns: int
    trace_id: str
    """32 hex digits, or empty."""
    span_id: str
    """16 hex digits, or empty."""
    severity_number: int
    severity_text: str
    body: str
    attributes: tuple[tuple[str, Value], ...]


class StoredRecord(NamedTuple):
    """A log record as a file gave it back. Nothing here has been checked; what is absent is empty or None.

    A tuple, since a file has millions: a frozen dataclass takes four times as long to make.
    """

    statement: str | None
    """None where the log record carries proof of a statement that is not there."""
    signature: str | None
    endorsement: str | None
    disclosures: str | None
    """The disclosures, one a line."""
    body: str | None
    event_name: str
    timestamp: str
    """Decimal nanoseconds."""
    observed_timestamp: str
    trace_id: str
    span_id: str
    copies: tuple[tuple[str, Value | None], ...]
    """The other attributes, in order; None stands for a value that no statement can hold."""
    repeated: tuple[str, ...] = ()
    """Proof attributes that stand more than once; the first was taken."""
