"""The spool keeps what it took, gives it back in order, and deletes only what was acknowledged."""

from __future__ import annotations

import shutil

import pytest

from affidavit.errors import SpoolBrokenError, SpoolError
from affidavit.model import SealedRecord
from affidavit.spool.frame import MAX_PAYLOAD_BYTES
from affidavit.spool.orphan import adopt_orphans
from support.spools import (
    CAP,
    META,
    STREAM_ID,
    THROUGH,
    directories_of,
    fill,
    numbers_of,
    open_spool,
    record,
    records,
    segments_of,
    sign,
    signature,
)

SMALL = 64 * 1024
"""A cap of four segments of 16 KiB, each with room for some forty records."""


@pytest.fixture
def spool(tmp_path):
    spool = open_spool(tmp_path)
    yield spool
    spool.close()


@pytest.fixture
def small(tmp_path):
    """A spool of small segments, whose next one stands ready."""
    spool = open_spool(tmp_path, SMALL)
    spool.prepare()
    yield spool
    spool.close()


def drain(spool, limit=7, through=THROUGH):
    """Read and acknowledge until nothing comes; the numbers."""
    found = []
    while batch := spool.read(limit, through):
        found += numbers_of(batch)
        spool.acknowledge(found[-1])
    return found


class TestReading:
    def test_records_come_back_in_order_with_their_signatures(self, spool):
        fill(spool, range(1, 6))
        sign(spool, range(1, 4))
        one, two, three, four, _ = records(1, 5)
        assert spool.read(4, THROUGH) == [(one, signature(1)), (two, signature(2)), (three, signature(3)), (four, None)]

    def test_what_is_not_acknowledged_is_read_again(self, spool):
        fill(spool, range(1, 6))
        assert numbers_of(spool.read(3, THROUGH)) == [1, 2, 3]
        assert numbers_of(spool.read(4, THROUGH)) == [1, 2, 3, 4]
        assert numbers_of(spool.read(2, THROUGH)) == [1, 2]

    def test_nothing_is_read_beyond_the_number_asked_for(self, spool):
        fill(spool, range(1, 6))
        assert numbers_of(spool.read(10, 2)) == [1, 2]
        spool.acknowledge(2)
        assert spool.read(10, 2) == []
        assert numbers_of(spool.read(10, 4)) == [3, 4]

    def test_a_signature_that_comes_after_the_first_reading_is_seen_by_the_next(self, spool):
        fill(spool, [1, 2])
        assert spool.read(10, THROUGH) == [(record(1), None), (record(2), None)]
        sign(spool, [1, 2])
        assert spool.read(10, THROUGH) == [(record(1), signature(1)), (record(2), signature(2))]

    def test_a_signature_is_found_however_many_records_stand_before_it(self, spool):
        fill(spool, range(1, 2001))
        sign(spool, range(1, 2001))
        assert spool.read(1, THROUGH) == [(record(1), signature(1))]
        assert drain(spool, 300) == [*range(1, 2001)]

    def test_where_only_some_records_are_signed_the_others_come_without(self, spool):
        fill(spool, range(1, 10))
        sign(spool, [1, 9])
        fill(spool, range(10, 12))
        assert [signed for _, signed in spool.read(10, THROUGH)] == [signature(1), *[None] * 7, signature(9), None]

    def test_what_was_acknowledged_unread_is_not_read(self, spool):
        fill(spool, range(1, 6))
        spool.acknowledge(3)
        assert numbers_of(spool.read(10, THROUGH)) == [4, 5]

    def test_writing_and_reading_may_take_turns(self, small):
        found = []
        for first in range(1, 500, 9):
            fill(small, range(first, first + 9))
            sign(small, range(first, first + 9))
            small.prepare()
            batch = small.read(20, first + 7)
            found += [number for number in numbers_of(batch) if number not in found]
            small.acknowledge(first + 4)
        assert found == [*range(1, first + 8)]

    def test_it_holds_no_more_than_was_asked_for(self, spool):
        fill(spool, range(1, 3001))
        spool.read(10, THROUGH)
        assert len(spool._reader._window) == 10


class TestSegments:
    def test_records_stand_in_as_many_as_it_takes(self, tmp_path, small):
        fill(small, range(1, 101))
        assert len(segments_of(tmp_path)) == 3
        assert all(path.stat().st_size <= SMALL // 4 for path in segments_of(tmp_path))
        assert drain(small) == [*range(1, 101)]

    def test_the_next_one_stands_ready_and_an_append_makes_none(self, tmp_path, small):
        before = segments_of(tmp_path)
        fill(small, range(1, 60))
        assert segments_of(tmp_path) == before
        small.prepare()
        assert len(segments_of(tmp_path)) == len(before) + 1

    def test_what_is_acknowledged_is_deleted_by_the_segment(self, tmp_path, small):
        fill(small, range(1, 121))
        first, *_ = segments_of(tmp_path)
        small.acknowledge(5)
        assert first.exists()
        small.acknowledge(119)
        assert len(segments_of(tmp_path)) == 1
        assert drain(small) == [120]

    def test_a_segment_with_a_signature_of_a_waiting_record_stays(self, small):
        fill(small, range(1, 3))
        for _ in range(60):
            sign(small, [1, 2])
        small.acknowledge(1)
        assert small.read(9, THROUGH) == [(record(2), signature(2))]

    def test_a_record_larger_than_a_segment_has_one_of_its_own(self, tmp_path):
        spool = open_spool(tmp_path, SMALL)
        large = SealedRecord(STREAM_ID, 2, b'{"a.b":"%s"}' % (b"x" * 40_000), (b"{}",))
        spool.append(record(1))
        spool.append(large)
        spool.append(record(3))
        assert [stored for stored, _ in spool.read(9, THROUGH)] == [record(1), large, record(3)]
        spool.close()

    def test_a_record_that_no_segment_takes_is_refused_and_the_next_is_not(self, spool):
        with pytest.raises(SpoolError, match="record 1: "):
            spool.append(SealedRecord(STREAM_ID, 1, bytes(MAX_PAYLOAD_BYTES + 1)))
        spool.append(record(1))
        assert drain(spool) == [1]


class TestTheEnd:
    def test_with_everything_acknowledged_nothing_stays(self, tmp_path, small):
        fill(small, range(1, 60))
        small.acknowledge(59)
        small.prepare()
        small.close()
        assert directories_of(tmp_path) == []

    def test_what_is_not_acknowledged_stays_for_an_adopter(self, tmp_path, small):
        fill(small, range(1, 60))
        sign(small, range(1, 60))
        small.acknowledge(57)
        small.close()
        (orphan,) = adopt_orphans(tmp_path)
        assert (orphan.stream_id, orphan.meta) == (STREAM_ID, META)
        assert list(orphan.records()) == [(record(58), signature(58)), (record(59), signature(59))]
        orphan.discard()

    def test_a_second_end_and_a_late_call_do_no_harm(self, spool):
        spool.append(record(1))
        spool.close()
        spool.close()
        spool.prepare()
        spool.acknowledge(1)
        with pytest.raises(SpoolBrokenError, match="the spool is closed"):
            spool.append(record(2))

    def test_an_unopenable_spool_leaves_no_directory(self, tmp_path):
        taken = tmp_path / "v1" / "taken"
        taken.mkdir(parents=True)
        (taken / "0000000001.seg").write_bytes(bytes(SMALL))
        with pytest.raises(SpoolError, match=rf"{tmp_path}: {SMALL} of {SMALL} bytes are taken"):
            open_spool(tmp_path, SMALL)
        assert directories_of(tmp_path) == [taken]


class TestRemovedUnderUs:
    """Somebody tidies up; writes to removed files go on succeeding, so ``prepare`` looks."""

    def test_the_written_segment_is_written_anew(self, tmp_path, small):
        fill(small, range(1, 11))
        sign(small, range(1, 11))
        small.acknowledge(4)
        for path in segments_of(tmp_path):
            path.unlink()
        fill(small, range(11, 13))
        small.prepare()
        fill(small, range(13, 15))
        assert drain(small) == [*range(5, 15)]

    def test_it_is_there_again_for_an_adopter(self, tmp_path, small):
        fill(small, range(1, 101))
        small.acknowledge(70)
        for path in segments_of(tmp_path):
            path.unlink()
        small.prepare()
        small.close()
        (orphan,) = adopt_orphans(tmp_path)
        assert numbers_of(orphan.records()) == [*range(71, 101)]
        orphan.discard()

    def test_a_reader_in_the_middle_of_it_goes_on(self, tmp_path, small):
        fill(small, range(1, 11))
        assert numbers_of(small.read(5, THROUGH)) == [1, 2, 3, 4, 5]
        for path in segments_of(tmp_path):
            path.unlink()
        fill(small, range(11, 21))
        assert numbers_of(small.read(15, THROUGH)) == [*range(1, 16)]
        small.prepare()
        assert drain(small) == [*range(1, 21)]

    def test_nothing_is_read_past_a_removed_segment_that_can_be_brought_back(self, tmp_path, small):
        fill(small, range(1, 60))
        for path in segments_of(tmp_path):
            path.unlink()
        assert small.read(10, THROUGH) == []
        small.prepare()
        assert drain(small) == [*range(1, 60)]

    def test_a_removed_directory_is_made_again(self, tmp_path, small):
        fill(small, range(1, 11))
        small.acknowledge(2)
        (before,) = directories_of(tmp_path)
        shutil.rmtree(tmp_path)
        small.prepare()
        fill(small, range(11, 14))
        (after,) = directories_of(tmp_path)
        assert before != after
        assert list(adopt_orphans(tmp_path)) == []
        small.close()
        (orphan,) = adopt_orphans(tmp_path)
        assert numbers_of(orphan.records()) == [*range(3, 14)]
        orphan.discard()

    def test_a_closed_segment_is_gone_and_its_numbers_say_so(self, tmp_path, small):
        fill(small, range(1, 80))
        small.prepare()
        segments_of(tmp_path)[0].unlink()
        found = drain(small)
        assert found == [*range(found[0], 80)]
        assert found[0] > 30
        assert small.damaged == 1


class TestDamage:
    def test_a_damaged_record_is_passed_over(self, tmp_path, spool):
        fill(spool, range(1, 6))
        (path,) = segments_of(tmp_path)
        path.write_bytes(path.read_bytes().replace(b'"number":3', b'"number":8'))
        assert drain(spool) == [1, 2, 4, 5]
        assert spool.damaged == 1

    def test_a_file_cut_off_by_somebody_ends_neither_reading_nor_writing(self, tmp_path, small):
        fill(small, range(1, 60))
        first, *_ = segments_of(tmp_path)
        first.write_bytes(first.read_bytes()[:2000])
        found = drain(small)
        assert found[:4] == [1, 2, 3, 4]
        assert found[-1] == 59
        assert found == sorted(set(found))

    def test_without_its_cursor_records_are_sent_again_and_none_is_lost(self, tmp_path, spool):
        fill(spool, range(1, 11))
        spool.acknowledge(6)
        (directory,) = directories_of(tmp_path)
        (directory / "cursor").unlink()
        spool.close()
        (orphan,) = adopt_orphans(tmp_path)
        assert numbers_of(orphan.records()) == [*range(1, 11)]
        orphan.discard()


def test_segments_are_of_8_mib_under_the_usual_cap(spool):
    assert spool._segments.row[0].capacity == 8 * 1024 * 1024
    assert CAP == 1024**3
