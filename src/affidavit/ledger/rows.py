"""What the examination of one record leaves for the judgement of its stream: rows of bytes that sort into order.

Each row begins with the stream (16 bytes), the number (8, big-endian) and its type (1): sorting the bytes sorts by
stream, then number, then type, so that files in any order, in any number of pieces, are judged in one ordered pass.
A claim that one record makes about another travels to the place of which it speaks: a checkpoint over n records comes
right after record n, what was declared missing or is said to be adopted from number n on comes right before it.

Rows are made and read in one run of one program; they are no format.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple
from uuid import UUID

from affidavit.ledger.report import Kind

KEY_SIZE = 25
STREAM_AND_NUMBER = slice(0, 24)
_TYPE = 24
NO_STREAM = bytes(16)
NO_HASH = bytes(32)
NO_RECORD = bytes(16)

# The types, in the order in which a stream's judge wants to see them at one number.
MISSING, ADOPTION, RECORD, FINDING, START, CHECKPOINT, RECOVERED = range(7)

# What a record's own signature says of it: there is none; its stream's key made it; the key of the stream that adopted
# it did; it proves nothing; the endorsement of the key that made it is not there.
UNSIGNED, SIGNED, ADOPTED, REFUSED, UNCHECKED = range(5)

# What kind of event it is.
ORDINARY, CONTROL, END = range(3)


class Place(NamedTuple):
    """Where a record stands: index of the file, and line."""

    file: int
    line: int


class RecordRow(NamedTuple):
    """A record whose text is sound."""

    stream: bytes
    number: int
    row_type: int
    leaf: bytes
    previous: bytes
    record_id: bytes
    observed_ns: int
    began_ns: int
    """When the stream's key was endorsed, where the record carries that endorsement; else 0."""
    key: bytes
    """The stream's own key, where the record carries its endorsement; else NO_HASH."""
    identity: bytes
    """Thumbprint of the identity key behind the endorsement, in either case."""
    adopter: bytes
    """The stream whose key signed it as adopted; else NO_STREAM."""
    trusted: bool
    signed: int
    event: int
    withheld: int
    file: int
    line: int

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.file, self.line)


class StartRow(NamedTuple):
    """What a start record says of its stream."""

    stream: bytes
    number: int
    row_type: int
    heartbeat_s: int
    spool: bytes
    spool_number: int
    spool_previous: bytes


class ClaimRow(NamedTuple):
    """What a control record under a valid signature says of the records of a stream: its own, or another."""

    stream: bytes
    number: int
    row_type: int
    trusted: bool
    value: int
    """Checkpoint: the newest number given out under the spool root. Missing: the last number, or 0 for records that
    were never sealed. Adoption: the last number. Recovered: the last number that was signed."""
    amount: int
    """Missing: how many."""
    hash: bytes
    """Checkpoint: the root. Recovered: the last leaf."""
    by_stream: bytes
    by_number: int
    by_record: bytes
    file: int
    line: int

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.file, self.line)


class FindingRow(NamedTuple):
    """Something wrong with one record, or with a line (NO_STREAM, 0)."""

    stream: bytes
    number: int
    row_type: int
    kind: Kind
    record_id: bytes
    place: Place
    message: str


_RECORD = Struct(">16sQB32s32s16sQQ32s32s16s?BBHII")
_OBSERVED = slice(105, 113)  # in a RECORD row
_SIGNED = 202  # likewise
_START = Struct(">16sQBQ16sQ32s")
_CLAIM = Struct(">16sQB?QQ32s16sQ16sII")
_FINDING = Struct(">16sQBB16sII")
_KINDS = tuple(Kind)

pack_record = _RECORD.pack
pack_start = _START.pack
pack_claim = _CLAIM.pack


def pack_finding(
    kind: Kind, message: str, place: Place, *, stream: bytes = NO_STREAM, number: int = 0, record_id: bytes = NO_RECORD
) -> bytes:
    """A row for something wrong."""
    head = _FINDING.pack(stream, number, FINDING, _KINDS.index(kind), record_id, *place)
    return head + message.encode("utf-8", "backslashreplace")


def row_type(row: bytes) -> int:
    """One of MISSING to FINDING."""
    return row[_TYPE]


def unpack_record(row: bytes) -> RecordRow:
    """The fields of a RECORD row."""
    return RecordRow._make(_RECORD.unpack(row))


def signed_time(row: bytes) -> int:
    """When the record of a RECORD row was sealed, if its own signature proves it; else 0."""
    if row[_TYPE] != RECORD or row[_SIGNED] not in (SIGNED, ADOPTED):
        return 0
    return int.from_bytes(row[_OBSERVED], "big")


def unpack_start(row: bytes) -> StartRow:
    """The fields of a START row."""
    return StartRow._make(_START.unpack(row))


def unpack_claim(row: bytes) -> ClaimRow:
    """The fields of a MISSING, ADOPTION, CHECKPOINT or RECOVERED row."""
    return ClaimRow._make(_CLAIM.unpack(row))


def unpack_finding(row: bytes) -> FindingRow:
    """The fields of a FINDING row."""
    stream, number, kind_of_row, kind, record_id, file, line = _FINDING.unpack_from(row)
    message = row[_FINDING.size :].decode()
    return FindingRow(stream, number, kind_of_row, _KINDS[kind], record_id, Place(file, line), message)


def pack_uuid(text: str) -> bytes:
    """The 16 bytes behind a UUID in its usual spelling."""
    return bytes.fromhex(text.replace("-", ""))


def format_uuid(data: bytes) -> str:
    """The UUID in its usual spelling; empty for sixteen zero bytes."""
    return str(UUID(bytes=data)) if any(data) else ""
