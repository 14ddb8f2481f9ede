"""What a verifier says: findings, the state of each stream, one verdict over all.

The verdict is the worst that applies, in this order: ``tampered``, ``unverifiable``, ``incomplete``, then ``verified``
(``authentic`` for a subset). What was altered comes before what cannot be judged, and that before what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


class Verdict(IntEnum):
    """Good ones first, worse ones later: ``max`` finds the one that applies."""

    VERIFIED = 0
    AUTHENTIC = 1
    """Of a subset: each record shown is proven, and nothing is said about records not shown."""
    INCOMPLETE = 2
    UNVERIFIABLE = 3
    TAMPERED = 4

    @property
    def word(self) -> str:
        """As people read it."""
        return self.name.lower()

    @property
    def exit_code(self) -> int:
        """0, 1, 3 or 4; 2 is left to usage errors."""
        return _EXIT_CODES[self]


_EXIT_CODES = {
    Verdict.VERIFIED: 0,
    Verdict.AUTHENTIC: 0,
    Verdict.TAMPERED: 1,
    Verdict.INCOMPLETE: 3,
    Verdict.UNVERIFIABLE: 4,
}


class Kind(Enum):
    """What can be found. The value is the word in the report."""

    SPELLING = "spelling"
    """The text is outside the domain, in another spelling, or lacks what every statement has."""
    SIGNATURE = "signature"
    ENDORSEMENT = "endorsement"
    CHECKPOINT = "checkpoint"
    """A note that does not verify, or whose root is not that of the records."""
    LINK = "link"
    """A previous hash that is not that of the record before; a record behind the end."""
    FORK = "fork"
    """Two proven records with one number, two keys for one stream, two streams with one place."""
    VERSION = "version"
    """Two records with one number, of which at most one is proven."""
    DISCLOSURE = "disclosure"
    COPY = "copy"
    """A copy, the body, a time or an id on the log record that differs from the text."""
    STRIPPED = "stripped"
    """Proof of a record without the statement that it proves."""
    RECOVERY = "recovery"
    """An adopted stream that ends otherwise than its adopter has said."""
    UNREADABLE = "unreadable"
    """A line among OTLP JSON lines that is none."""

    NO_RECORDS = "no records"
    NOT_OTLP = "not OTLP JSON"
    TOO_LONG = "too long"
    FORMAT = "format"
    """Another version of the format, or a critical key that this verifier does not understand."""
    UNPINNED = "unpinned"
    """Signed under an identity key that is not among the trusted ones."""
    UNPROVEN = "unproven"
    """A record that nothing proves, where something should."""

    GAP = "gap"
    NO_START = "no start"
    SPOOL = "spool"
    """A stream is missing between others of its spool root."""
    SILENCE = "silence"
    OPEN = "open"
    """With ``--closed``: a stream without its end."""
    CUT_OFF = "cut off"
    """The last line of a file is not whole."""

    COPY_UNPROVEN = "copy unproven"
    """A copy of what a withheld disclosure would prove. It changes no verdict."""

    @property
    def verdict(self) -> Verdict:
        """What a finding of this kind makes of the whole."""
        return _VERDICTS.get(self, Verdict.TAMPERED)


_VERDICTS = {
    Kind.NO_RECORDS: Verdict.UNVERIFIABLE,
    Kind.NOT_OTLP: Verdict.UNVERIFIABLE,
    Kind.TOO_LONG: Verdict.UNVERIFIABLE,
    Kind.FORMAT: Verdict.UNVERIFIABLE,
    Kind.UNPINNED: Verdict.UNVERIFIABLE,
    Kind.UNPROVEN: Verdict.UNVERIFIABLE,
    Kind.GAP: Verdict.INCOMPLETE,
    Kind.NO_START: Verdict.INCOMPLETE,
    Kind.SPOOL: Verdict.INCOMPLETE,
    Kind.SILENCE: Verdict.INCOMPLETE,
    Kind.OPEN: Verdict.INCOMPLETE,
    Kind.CUT_OFF: Verdict.INCOMPLETE,
    Kind.COPY_UNPROVEN: Verdict.VERIFIED,
}

Problems: TypeAlias = "list[tuple[Kind, str]]"
"""What is wrong with one record, before it is said where that stands."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where. What is not known is empty or 0; a number of 0 speaks of the whole stream."""

    kind: Kind
    message: str
    stream_id: str = ""
    number: int = 0
    record_id: str = ""
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class StreamReport:
    """What can be said of one stream."""

    stream_id: str
    verdict: Verdict
    first: int
    last: int
    verified_through: int
    """Every record from `first` to this number is here (or declared missing) and proven; 0 if not even the first."""
    verified_time_ns: int
    """When that one was sealed."""
    closing: str
    """``ended``, ``recovered`` or ``open``."""
    records: int
    proven: int
    adopted: int
    withheld: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over everything that was read."""

    records: int = 0
    proven: int = 0
    adopted: int = 0
    duplicates: int = 0
    withheld: int = 0
    """Disclosures that are listed in a text and absent or encrypted."""
    unchecked: int = 0
    """Signatures that came without the endorsement of their key."""
    missing: int = 0
    """Records that proven records declare missing."""
    foreign: int = 0
    """Log records that are none of ours."""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a verification."""

    verdict: Verdict
    counts: Counts
    streams: tuple[StreamReport, ...]
    findings: tuple[Finding, ...]
    """In the order of streams and numbers; at most as many as were asked for."""
    found: Mapping[Kind, int]
    """How many there are of each kind, also of those not listed."""
    unpinned: tuple[str, ...]
    """Thumbprints of identity keys that vouch for streams and are not among the trusted ones."""
