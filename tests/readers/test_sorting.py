"""Sorting rows beyond memory."""

from __future__ import annotations

from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from affidavit.readers.sorting import Sorter


@given(st.lists(st.lists(st.binary(max_size=40), max_size=8), max_size=12), st.integers(1, 9))
def test_gives_back_what_it_took_in_the_order_of_the_bytes(batches, run_rows):
    with closing(Sorter(run_rows)) as sorter:
        for batch in batches:
            sorter.add(batch)
        assert list(sorter.sorted()) == sorted(row for batch in batches for row in batch)


def test_rows_larger_than_a_block_of_the_file_come_back_whole():
    rows = [bytes([number]) * 50_000 for number in range(5)]
    with closing(Sorter(2)) as sorter:
        for row in reversed(rows):
            sorter.add([row])
        assert list(sorter.sorted()) == rows


def test_many_runs_are_merged():
    rows = [number.to_bytes(4, "big") * 10 for number in range(5000)]
    with closing(Sorter(100)) as sorter:
        for start in range(0, 5000, 50):
            sorter.add(reversed(rows[start : start + 50]))
        assert list(sorter.sorted()) == rows
