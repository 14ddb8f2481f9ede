"""Whatever happens to a segment's bytes, a scan ends, and returns only what was written."""

from __future__ import annotations

import struct
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affidavit.errors import SpoolError
from affidavit.spool.frame import (
    HEADER_BYTES,
    MAGIC,
    MAX_PAYLOAD_BYTES,
    META,
    RECORD,
    SIGNATURE,
    Frame,
    Scan,
    encode_frame,
    scan,
)

ONE = Frame(RECORD, 1, b'{"a.b":1}')
TWO = Frame(SIGNATURE, 1, b"eyJ9..c2ln")
THREE = Frame(RECORD, 2, b'{"a.b":2}')
FRAMES = st.lists(
    st.builds(Frame, st.sampled_from([META, RECORD, SIGNATURE]), st.integers(0, 2**63), st.binary(max_size=200)),
    max_size=8,
)


def encode(*frames: Frame) -> bytes:
    return b"".join(encode_frame(*frame) for frame in frames)


def test_a_frame_is_these_bytes():
    checked = bytes.fromhex("00000009 0000000000000001 02 00 0000") + b'{"a.b":1}'
    assert encode_frame(*ONE) == b"\xffAF\xfe" + struct.pack(">I", crc32(checked)) + checked


def test_frames_come_back_in_order():
    assert scan(encode(ONE, TWO, THREE), is_end=True) == Scan([ONE, TWO, THREE], 24 * 3 + 9 + 10 + 9, 0)


@pytest.mark.parametrize("size", [0, 4095, 4096, 4097, 5121, 70_000, MAX_PAYLOAD_BYTES])
def test_the_checksum_is_the_same_in_pieces(size):
    frame = Frame(RECORD, 7, bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    assert scan(encode(frame), is_end=True).frames == [frame]


def test_a_payload_that_no_reader_would_accept_is_refused():
    with pytest.raises(SpoolError, match="record 5: 262121 bytes, at most 262120"):
        encode_frame(RECORD, 5, bytes(MAX_PAYLOAD_BYTES + 1))


@pytest.mark.parametrize("at", range(HEADER_BYTES + len(ONE.payload)))
def test_a_flipped_bit_anywhere_costs_its_frame_and_no_other(at):
    buffer = bytearray(encode(TWO, ONE, THREE))
    buffer[HEADER_BYTES + len(TWO.payload) + at] ^= 0x10
    assert scan(bytes(buffer), is_end=True) == Scan([TWO, THREE], len(buffer), 1)


@pytest.mark.parametrize("length", [10, 1000, MAX_PAYLOAD_BYTES, 2**32 - 1])
def test_an_absurd_length_costs_its_frame_and_no_other(length):
    buffer = encode(TWO) + encode(ONE)[:8] + struct.pack(">I", length) + encode(ONE)[12:] + encode(THREE)
    assert scan(buffer, is_end=True) == Scan([TWO, THREE], len(buffer), 1)


@pytest.mark.parametrize("cut", range(1, HEADER_BYTES + len(THREE.payload)))
def test_a_torn_tail_is_damage_at_the_end_and_patience_before_it(cut):
    buffer = encode(ONE, THREE)[:-cut]
    assert scan(buffer, is_end=True) == Scan([ONE], len(buffer), 1)
    assert scan(buffer, is_end=False) == Scan([ONE], len(encode(ONE)), 0)


def test_neighbouring_damage_is_one_range():
    buffer = encode(ONE) + MAGIC * 30 + bytes(100) + encode(THREE)
    assert scan(buffer, is_end=True) == Scan([ONE, THREE], len(buffer), 1)


@given(FRAMES, st.data())
def test_in_chunks_of_any_size_the_frames_are_the_same(frames, data):
    buffer, found, position = encode(*frames), [], 0
    while position < len(buffer):
        size = data.draw(st.integers(HEADER_BYTES + 200, 600))
        part = scan(buffer[position : position + size], is_end=position + size >= len(buffer))
        found += part.frames
        position += part.consumed
    assert found == frames


@settings(max_examples=300)
@given(FRAMES, FRAMES, st.data())
def test_no_damage_makes_a_frame_that_was_not_written(frames, others, data):
    buffer = bytearray(encode(*frames) + data.draw(st.binary(max_size=60)) + encode(*others))
    for at in data.draw(st.lists(st.integers(0, max(0, len(buffer) - 1)), max_size=12)):
        buffer[at : at + 1] = data.draw(st.sampled_from([b"", b"\x00", b"\xff", MAGIC, bytes([at % 256])]))
    cut = bytes(buffer[: data.draw(st.integers(0, len(buffer)))])
    for is_end in (True, False):
        found = scan(cut, is_end=is_end)
        assert set(found.frames) <= {*frames, *others}
        assert found.consumed <= len(cut)
        assert found.consumed == len(cut) or not is_end
