"""The spool in memory keeps to the same contract, as long as its process lives."""

from __future__ import annotations

import pytest

from affidavit.errors import SpoolFullError
from affidavit.spool.memory import MemorySpool
from support.spools import THROUGH, fill, numbers_of, record, records, sign, signature

RECORD_BYTES = len(record(1).text)


def test_records_come_back_in_order_with_their_signatures():
    spool = MemorySpool(10_000)
    fill(spool, range(1, 6))
    sign(spool, range(1, 4))
    one, two, three, four, _ = records(1, 5)
    assert spool.read(4, THROUGH) == [(one, signature(1)), (two, signature(2)), (three, signature(3)), (four, None)]
    assert numbers_of(spool.read(10, 3)) == [1, 2, 3]


def test_what_is_acknowledged_goes():
    spool = MemorySpool(10_000)
    fill(spool, range(1, 6))
    spool.acknowledge(3)
    assert numbers_of(spool.read(10, THROUGH)) == [4, 5]


def test_the_cap_holds_and_acknowledging_makes_room():
    spool = MemorySpool(RECORD_BYTES * 2 + 150)
    fill(spool, [1, 2])
    sign(spool, [1])
    with pytest.raises(SpoolFullError, match=r"holds \d+ of \d+ bytes"):
        spool.append(record(4))
    with pytest.raises(SpoolFullError):
        sign(spool, [2])
    spool.acknowledge(1)
    spool.append(record(4))
    assert numbers_of(spool.read(10, THROUGH)) == [2, 4]


@pytest.mark.parametrize("end", [MemorySpool.close, MemorySpool.abandon])
def test_at_the_end_it_is_empty(end):
    spool = MemorySpool(10_000)
    fill(spool, [1])
    spool.prepare()
    end(spool)
    assert spool.read(10, THROUGH) == []
