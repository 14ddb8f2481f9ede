"""What stands in a segment is spelled as its page says."""

from __future__ import annotations

from zlib import crc32

import pytest

from affidavit.errors import MalformedError, SpoolError
from affidavit.model import SealedRecord
from affidavit.spool import frame
from affidavit.spool.frame import Frame, scan
from affidavit.spool.payload import (
    HEADER_BYTES,
    decode_record,
    encode_head,
    encode_record,
    encode_signatures,
    parse_header,
)
from support.spools import LABEL, META, STREAM_ID, record

HEADER = b"AFFSPOOL" + bytes.fromhex("0001 0000 6f1c2f0e3f5b4c8e9d550123456789ab 0000000000000003") + bytes(24)


def seal(header: bytes) -> bytes:
    return header + crc32(header).to_bytes(4, "big")


def test_a_segment_begins_with_these_bytes_and_the_meta():
    assert encode_head(LABEL, 3) == seal(HEADER) + frame.encode_frame(frame.META, 0, META)
    assert len(seal(HEADER)) == HEADER_BYTES


def test_a_header_says_whose_it_is():
    assert parse_header(seal(HEADER)) == STREAM_ID


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "damaged"),
        (seal(HEADER)[:-1], "damaged"),
        (HEADER + b"\x00\x00\x00\x00", "damaged"),
        (seal(HEADER.replace(b"AFFSPOOL\x00\x01", b"AFFSPOOL\x00\x02")), "version 2, expected 1"),
        (seal(HEADER.replace(b"AFFSPOOL", b"OTHERLOG")), "version 1"),
    ],
)
def test_another_header_is_malformed(data, message):
    with pytest.raises(MalformedError, match=message):
        parse_header(data)


@pytest.mark.parametrize("number", [1, 3])
def test_a_record_comes_back_with_its_disclosures(number):
    (found,) = scan(encode_record(record(number)), is_end=True).frames
    assert decode_record(STREAM_ID, found) == record(number)


@pytest.mark.parametrize("disclosures", [(), (b"{}",)])
def test_a_raw_newline_is_refused_since_it_would_come_back_as_a_disclosure(disclosures):
    with pytest.raises(SpoolError, match="record 4: a raw newline"):
        encode_record(SealedRecord(STREAM_ID, 4, b"{\n}", disclosures))


def test_signatures_come_in_pieces_with_their_greatest_number():
    signatures = [(number, "s" * 1000) for number in range(1, 101)]
    pieces = list(encode_signatures(signatures))
    found = [item for piece, _ in pieces for item in scan(piece, is_end=True).frames]
    assert [newest for _, newest in pieces] == [32, 64, 96, 100]
    assert found == [Frame(frame.SIGNATURE, number, b"s" * 1000) for number in range(1, 101)]
