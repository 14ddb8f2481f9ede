r"""What stands in a segment: its header, and the payloads of its frames. Pure.

::

    header     magic 8 │ version 2 │ reserved 2 │ stream id 16 │ segment number 8 │ reserved 24 │ crc32 4     64 bytes
    META       what the opener gave, opaque; the first frame of every segment
    RECORD     text, then each disclosure, joined by a newline (JCS text never holds a raw one)
    SIGNATURE  the detached JWS in ASCII, of the record that the frame's number names

Every segment says by itself whose it is: an adopter can read it when all the others are gone.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID
from zlib import crc32

from affidavit.errors import MalformedError, SpoolError
from affidavit.model import SealedRecord
from affidavit.spool.frame import META, RECORD, SIGNATURE, Frame, encode_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEADER_BYTES: Final = 64
_MAGIC: Final = b"AFFSPOOL"
_VERSION: Final = 1
_HEADER: Final = struct.Struct(">8sH2x16sQ24x")
_CHECKSUM: Final = struct.Struct(">I")

_SIGNATURES_BYTES: Final = 32 * 1024


@dataclass(frozen=True, slots=True)
class Label:
    """What stands at the head of every segment of a spool."""

    stream_id: str
    """A UUID."""
    meta: bytes
    """Whatever an adopter must know of the stream besides; opaque here."""


def encode_head(label: Label, segment_number: int) -> bytes:
    """The header and the META frame of a segment."""
    header = _HEADER.pack(_MAGIC, _VERSION, UUID(label.stream_id).bytes, segment_number)
    return header + _CHECKSUM.pack(crc32(header)) + encode_frame(META, 0, label.meta)


def parse_header(data: bytes) -> str:
    """The stream id in a segment's first 64 bytes.

    Raises:
        MalformedError: It is not a header of this version, or it is damaged.
    """
    header, checksum = data[: _HEADER.size], data[_HEADER.size : HEADER_BYTES]
    if checksum != _CHECKSUM.pack(crc32(header)):
        raise MalformedError("a segment's header is damaged")
    magic, version, stream_id, _ = _HEADER.unpack(header)
    if (magic, version) != (_MAGIC, _VERSION):
        raise MalformedError(f"a segment of version {version}, expected {_VERSION}")
    return str(UUID(bytes=stream_id))


def encode_record(record: SealedRecord) -> bytes:
    """The frame of `record`.

    Raises:
        SpoolError: It could not be read back as it is: too long, or a raw newline in it.
    """
    payload = b"\n".join((record.text, *record.disclosures)) if record.disclosures else record.text
    if payload.count(b"\n") != len(record.disclosures):
        raise SpoolError(f"record {record.number}: a raw newline in its text or a disclosure")
    return encode_frame(RECORD, record.number, payload)


def decode_record(stream_id: str, frame: Frame) -> SealedRecord:
    """The record in a RECORD frame."""
    text, *disclosures = frame.payload.split(b"\n")
    return SealedRecord(stream_id, frame.number, text, tuple(disclosures))


def encode_signatures(signatures: Iterable[tuple[int, str]]) -> Iterator[tuple[bytes, int]]:
    """The SIGNATURE frames, some tens of KiB at a time, each piece with the greatest number in it."""
    piece = bytearray()
    newest = 0
    for number, signature in signatures:
        piece += encode_frame(SIGNATURE, number, signature.encode("ascii"))
        newest = max(newest, number)
        if len(piece) >= _SIGNATURES_BYTES:
            yield bytes(piece), newest
            piece.clear()
    if piece:
        yield bytes(piece), newest
