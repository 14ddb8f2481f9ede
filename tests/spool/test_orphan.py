"""What a dead process left is read whole, or as far as it is whole."""

from __future__ import annotations

import errno
import os

import pytest

from affidavit.errors import SpoolError
from affidavit.spool.orphan import adopt_orphans
from support.spools import (
    META,
    STREAM_ID,
    FaultyFiles,
    directories_of,
    fill,
    numbers_of,
    open_spool,
    record,
    segments_of,
    sign,
    signature,
)

SMALL = 64 * 1024


@pytest.fixture
def dead(tmp_path):
    """A root in which a process died: 100 records in three segments, 90 of them signed, 4 of them shipped."""
    spool = open_spool(tmp_path, SMALL)
    fill(spool, range(1, 91))
    sign(spool, range(1, 91))
    fill(spool, range(91, 101))
    spool.acknowledge(4)
    spool.close()
    return tmp_path


@pytest.fixture
def adopt(dead):
    """Adopts the only orphan; lets go of it at the end."""
    adopted = []

    def adopt_one(files=None):
        adopted.extend(adopt_orphans(dead, files) if files else adopt_orphans(dead))
        return adopted[-1]

    yield adopt_one
    for orphan in adopted:
        orphan.close()


def test_its_records_come_from_behind_the_cursor_signed_as_far_as_they_are(adopt):
    orphan = adopt()
    expected = [(record(n), signature(n) if n <= 90 else None) for n in range(5, 101)]
    assert (orphan.stream_id, orphan.meta) == (STREAM_ID, META)
    assert list(orphan.records()) == expected
    assert list(orphan.records()) == expected
    assert orphan.damaged == 0
    assert not orphan.is_empty


def test_records_that_were_shipped_and_are_still_there_can_be_asked_for(adopt):
    assert numbers_of(adopt().records(after=0)) == [*range(1, 101)]


def test_what_is_acknowledged_is_not_read_by_the_next_adopter(adopt):
    orphan = adopt()
    orphan.acknowledge(98)
    orphan.close()
    assert numbers_of(adopt().records()) == [99, 100]


def test_an_orphan_with_nothing_left_is_empty(adopt):
    orphan = adopt()
    orphan.acknowledge(100)
    assert orphan.is_empty


def test_discarding_leaves_nothing_and_letting_go_everything(dead, adopt):
    orphan = adopt()
    orphan.close()
    orphan = adopt()
    orphan.discard()
    orphan.close()
    assert directories_of(dead) == []


def test_a_process_that_died_before_its_first_segment_left_an_empty_one(dead, adopt):
    for path in segments_of(dead):
        path.unlink()
    orphan = adopt()
    assert (orphan.stream_id, orphan.meta, orphan.is_empty) == ("", b"", True)


def test_a_torn_head_is_no_obstacle(dead, adopt):
    path = segments_of(dead)[-1]
    for number, size in ((97, 0), (99, 30)):
        path.with_name(f"{number:010}.seg").write_bytes(path.read_bytes()[:size])
    assert numbers_of(adopt().records()) == [*range(5, 101)]


@pytest.mark.parametrize("range_", [(0, 64), (64, 100), (0, 120)])
def test_another_segment_says_whose_it_is(dead, adopt, range_):
    first = segments_of(dead)[0]
    data = bytearray(first.read_bytes())
    data[slice(*range_)] = os.urandom(range_[1] - range_[0])
    first.write_bytes(data)
    orphan = adopt()
    assert (orphan.stream_id, orphan.meta) == (STREAM_ID, META)
    assert numbers_of(orphan.records()) == [*range(5, 101)]


def test_damage_costs_the_records_that_it_hit_and_is_counted(dead, adopt):
    for path, number in zip(segments_of(dead), (10, 50), strict=False):
        path.write_bytes(path.read_bytes().replace(b'"number":%d' % number, b'"number":77'))
    orphan = adopt()
    assert numbers_of(orphan.records()) == [n for n in range(5, 101) if n not in (10, 50)]
    assert orphan.damaged == 2


def test_a_torn_tail_costs_the_last_record(dead, adopt):
    path = segments_of(dead)[-1]
    path.write_bytes(path.read_bytes()[:-1])
    assert numbers_of(adopt().records()) == [*range(5, 100)]


def test_one_that_cannot_be_opened_now_stays_for_later(dead, adopt):
    class WithoutSegments(FaultyFiles):
        def open(self, path, *, create=False):
            self.open_error = errno.EMFILE if path.endswith(".seg") else 0
            return super().open(path, create=create)

    assert list(adopt_orphans(dead, WithoutSegments())) == []
    assert numbers_of(adopt().records()) == [*range(5, 101)]


def test_files_that_are_not_ours_are_left_alone(dead, adopt):
    (directory,) = directories_of(dead)
    (directory / "notes.txt").touch()
    (directory / "1.seg").touch()
    orphan = adopt()
    assert numbers_of(orphan.records()) == [*range(5, 101)]
    with pytest.raises(SpoolError, match="Directory not empty"):
        orphan.discard()
    assert sorted(path.name for path in directory.iterdir()) == ["1.seg", "notes.txt"]
