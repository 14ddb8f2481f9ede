"""The cursor saves repeats, and losing it loses nothing else."""

from __future__ import annotations

from zlib import crc32

import pytest

from affidavit.spool.cursor import Cursor, format_slot, parse_slots
from affidavit.spool.files import FILES


def test_a_slot_is_number_checksum_and_zeros():
    number = bytes.fromhex("0000000000000102")
    assert format_slot(0x0102) == number + crc32(number).to_bytes(4, "big") + bytes(4)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (bytes(32), 0),
        (format_slot(7), 7),
        (format_slot(7) + format_slot(9), 9),
        (format_slot(9) + format_slot(7), 9),
        (format_slot(7) + format_slot(9)[:-1], 7),
        (format_slot(7)[:4] + b"\x01" + format_slot(7)[5:] + format_slot(3), 3),
        (b"\xff" * 32, 0),
    ],
)
def test_the_greatest_number_in_a_whole_slot_counts(data, expected):
    assert parse_slots(data) == expected


def test_it_is_found_again(tmp_path):
    cursor = Cursor(FILES, str(tmp_path))
    for number in (3, 8, 5, 20):
        cursor.advance(number)
    cursor.close()
    again = Cursor(FILES, str(tmp_path))
    assert (cursor.number, again.number) == (20, 20)
    assert (tmp_path / "cursor").read_bytes() in (format_slot(20) + format_slot(8), format_slot(8) + format_slot(20))
    again.close()


def test_a_torn_write_costs_only_the_newest(tmp_path):
    cursor = Cursor(FILES, str(tmp_path))
    cursor.advance(3)
    cursor.advance(8)
    cursor.close()
    data = (tmp_path / "cursor").read_bytes()
    (tmp_path / "cursor").write_bytes(data.replace(format_slot(8), format_slot(8)[:9] + bytes(7)))
    again = Cursor(FILES, str(tmp_path))
    assert again.number == 3
    again.close()


def test_where_there_is_no_file_to_be_had_it_counts_on(tmp_path):
    cursor = Cursor(FILES, str(tmp_path / "missing"))
    cursor.advance(4)
    cursor.close()
    cursor.close()
    assert cursor.number == 4
    assert list(tmp_path.iterdir()) == []
