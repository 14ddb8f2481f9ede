"""The frame: how a payload stands in a segment so that damage is noticed and left behind. Pure.

::

    magic 4 │ crc32 4 │ length 4 │ number 8 │ kind 1 │ flags 1 │ reserved 2 │ payload

Big-endian. The checksum covers everything behind it. The magic holds bytes that UTF-8 never does, so no text can look
like the head of a frame. ``scan`` never raises, never loops, and returns no payload that was not written: on damage it
searches the next magic and counts the range.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, NamedTuple
from zlib import crc32

from affidavit.errors import SpoolError

MAGIC: Final = b"\xffAF\xfe"
HEADER_BYTES: Final = 24
MAX_FRAME_BYTES: Final = 256 * 1024
MAX_PAYLOAD_BYTES: Final = MAX_FRAME_BYTES - HEADER_BYTES
"""Room for a statement of 32 KiB and several disclosures of as much; a length beyond it is damage."""

META: Final = 1
RECORD: Final = 2
SIGNATURE: Final = 3

_HEADER: Final = struct.Struct(">4sIIQBBH")
_CHECKED: Final = struct.Struct(">IQBBH")
_CHECKSUM: Final = struct.Struct(">I")
_CHECKED_FROM: Final = 8

# crc32 gives up the GIL for more than 5 KiB, and a frame is made on the request's path: feed it smaller pieces.
_PIECE: Final = 4096


class Frame(NamedTuple):
    """What stood in the segment, unaltered. `number` is a record's number, 0 where there is none."""

    kind: int
    number: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Scan:
    """What a buffer held: whole frames, how many bytes are done with, and how many damaged ranges were passed over."""

    frames: list[Frame]
    consumed: int
    damaged: int


def encode_frame(kind: int, number: int, payload: bytes) -> bytes:
    """The bytes of one frame.

    Raises:
        SpoolError: The payload is too long to be kept.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise SpoolError(f"record {number}: {len(payload)} bytes, at most {MAX_PAYLOAD_BYTES} can be kept")
    checked = _CHECKED.pack(len(payload), number, kind, 0, 0)
    checksum = crc32(checked)
    for start in range(0, len(payload), _PIECE):
        checksum = crc32(payload[start : start + _PIECE], checksum)
    return b"".join((MAGIC, _CHECKSUM.pack(checksum), checked, payload))


def scan(buffer: bytes, *, is_end: bool) -> Scan:
    """The frames at the head of `buffer`. Unless `is_end`, a frame that it cuts off is left for the next buffer."""
    frames: list[Frame] = []
    view = memoryview(buffer)
    size = len(buffer)
    position = damaged = 0
    is_whole = True
    while position < size:
        start = position + HEADER_BYTES
        end = size + 1
        if start <= size:
            magic, checksum, length, number, kind, _, _ = _HEADER.unpack_from(buffer, position)
            end = start + length
            if magic == MAGIC and end <= size and crc32(view[position + _CHECKED_FROM : end]) == checksum:
                frames.append(Frame(kind, number, buffer[start:end]))
                position, is_whole = end, True
                continue
        if end > size and not is_end and _may_begin(buffer, position):
            break
        damaged += is_whole
        is_whole = False
        position = _next_magic(buffer, position + 1, is_end=is_end)
    return Scan(frames, position, damaged)


def _may_begin(buffer: bytes, position: int) -> bool:
    """Whether a frame that goes on behind the buffer could begin here."""
    head = buffer[position : position + HEADER_BYTES]
    if len(head) < HEADER_BYTES:
        return head.startswith(MAGIC[: len(head)])
    length = _HEADER.unpack(head)[2]
    return head.startswith(MAGIC) and length <= MAX_PAYLOAD_BYTES


def _next_magic(buffer: bytes, position: int, *, is_end: bool) -> int:
    found = buffer.find(MAGIC, position)
    if found >= 0:
        return found
    # The last three bytes may be the first ones of a magic that the next buffer completes.
    return len(buffer) if is_end else max(position, len(buffer) - len(MAGIC) + 1)
