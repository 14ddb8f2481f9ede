"""Where there is no space a record is refused in the same call, and taken again as soon as there is some."""

from __future__ import annotations

import errno
import subprocess
from itertools import count

import pytest

from affidavit.errors import SpoolBrokenError, SpoolError, SpoolFullError
from affidavit.spool.directories import usage
from affidavit.spool.files import FILES
from affidavit.spool.orphan import adopt_orphans
from support.spools import (
    THROUGH,
    FaultyFiles,
    directories_of,
    fill,
    numbers_of,
    open_spool,
    record,
    segments_of,
    sign,
)

SMALL = 64 * 1024


@pytest.fixture
def files():
    return FaultyFiles()


@pytest.fixture
def spool(tmp_path, files):
    spool = open_spool(tmp_path, SMALL, files)
    spool.prepare()
    yield spool
    spool.close()


def fill_up(spool, first=1):
    """Append until it is refused; the first number refused."""
    for number in count(first):
        try:
            spool.append(record(number))
        except SpoolFullError:
            return number
    raise AssertionError


class TestTheCap:
    def test_it_is_never_passed_by_one_process(self, tmp_path, spool):
        refused = fill_up(spool)
        assert refused > 100
        assert SMALL * 3 // 4 < usage(FILES, str(tmp_path)) <= SMALL

    def test_a_refusal_leaves_nothing_behind(self, tmp_path, spool):
        refused = fill_up(spool)
        before = [path.read_bytes() for path in segments_of(tmp_path)]
        for _ in range(3):
            with pytest.raises(SpoolFullError, match=rf"{tmp_path}: \d+ of {SMALL} bytes are taken"):
                spool.append(record(refused))
        assert [path.read_bytes() for path in segments_of(tmp_path)] == before
        assert numbers_of(spool.read(1000, THROUGH)) == [*range(1, refused)]

    def test_a_refusal_does_not_measure_the_disk_again(self, spool, files, monkeypatch):
        refused = fill_up(spool)
        asked = []
        monkeypatch.setattr(files, "entries", lambda path: asked.append(path) or [])
        with pytest.raises(SpoolFullError):
            spool.append(record(refused))
        assert asked == []

    def test_acknowledging_makes_room(self, spool):
        refused = fill_up(spool)
        spool.acknowledge(refused // 2)
        fill(spool, range(refused, refused + 10))
        assert numbers_of(spool.read(1000, THROUGH)) == [*range(refused // 2 + 1, refused + 10)]

    def test_room_made_by_another_process_is_found_by_prepare(self, tmp_path, spool):
        other = open_spool(tmp_path, SMALL)
        fill(other, range(1, 40))
        refused = fill_up(spool)
        other.acknowledge(39)
        other.close()
        with pytest.raises(SpoolFullError):
            spool.append(record(refused))
        spool.prepare()
        spool.append(record(refused))

    def test_all_directories_count_whoever_made_them(self, tmp_path, spool):
        others = [open_spool(tmp_path, SMALL) for _ in range(3)]
        for other in others:
            fill(other, range(1, 31))
        others.pop().close()
        refused = fill_up(spool)
        assert refused < 100
        assert usage(FILES, str(tmp_path)) <= SMALL
        with pytest.raises(SpoolFullError):
            open_spool(tmp_path, SMALL)
        for other in others:
            other.close()

    def test_signatures_are_refused_like_records(self, spool):
        refused = fill_up(spool)
        with pytest.raises(SpoolFullError):
            sign(spool, [*range(1, refused)] * 10)


class TestAFullDisk:
    def test_an_append_is_refused_and_a_later_one_is_not(self, spool, files):
        fill(spool, [1, 2])
        files.room = 100
        for _ in range(3):
            with pytest.raises(SpoolFullError):
                spool.append(record(3))
        files.room = None
        fill(spool, [3, 4])
        assert numbers_of(spool.read(10, THROUGH)) == [1, 2, 3, 4]

    def test_deleting_needs_no_space(self, tmp_path, spool, files):
        fill(spool, range(1, 60))
        files.room = 0
        files.create_error = errno.ENOSPC
        spool.acknowledge(59)
        assert len(segments_of(tmp_path)) == 1
        spool.close()
        assert directories_of(tmp_path) == []

    def test_a_segment_that_cannot_be_made_is_tried_again_by_prepare_only(self, spool, files):
        files.create_error = errno.ENOSPC
        refused = fill_up(spool)
        before = files.creations
        for _ in range(5):
            with pytest.raises(SpoolFullError, match="No space left on device"):
                spool.append(record(refused))
        assert files.creations == before
        files.create_error = 0
        spool.prepare()
        spool.append(record(refused))
        assert numbers_of(spool.read(1000, THROUGH)) == [*range(1, refused + 1)]

    def test_on_a_real_small_disk(self, tmp_path):
        disk = tmp_path / "disk"
        disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting is not permitted here")
        try:
            spool = open_spool(disk)
            spool.prepare()
            (disk / "ballast").write_bytes(bytes(64 * 1024))
            refused = fill_up(spool)
            assert numbers_of(spool.read(10_000, THROUGH)) == [*range(1, refused)]
            (disk / "ballast").unlink()
            fill(spool, range(refused, refused + 100))
            again = fill_up(spool, refused + 100)
            spool.close()
            (orphan,) = adopt_orphans(disk)
            assert numbers_of(orphan.records()) == [*range(1, again)]
            orphan.discard()
            assert directories_of(disk) == []
        finally:
            subprocess.run(["umount", str(disk)], check=True)


class TestABrokenDisk:
    def test_the_spool_goes_on_in_the_next_segment(self, tmp_path, spool, files):
        fill(spool, [1, 2])
        files.append_error = errno.EIO
        with pytest.raises(SpoolBrokenError, match=rf"{tmp_path}.*0000000001\.seg: Input/output error"):
            spool.append(record(3))
        files.append_error = 0
        fill(spool, [3, 4])
        assert numbers_of(spool.read(10, THROUGH)) == [1, 2, 3, 4]

    def test_it_does_not_make_a_segment_for_every_refusal(self, spool, files):
        files.append_error = errno.EIO
        for _ in range(10):
            with pytest.raises(SpoolBrokenError):
                spool.append(record(1))
        assert files.creations == 2
        files.append_error = 0
        spool.prepare()
        spool.append(record(1))
        assert numbers_of(spool.read(10, THROUGH)) == [1]

    def test_a_bad_block_is_passed_over(self, spool, files):
        fill(spool, [1, 2])
        files.read_error = errno.EIO
        assert spool.read(10, THROUGH) == []
        files.read_error = 0
        fill(spool, [3])
        assert numbers_of(spool.read(10, THROUGH)) == [3]
        assert spool.damaged == 1

    def test_too_many_open_files_give_no_record_up(self, spool, files):
        fill(spool, [1, 2])
        files.open_error = errno.EMFILE
        with pytest.raises(SpoolError, match="Too many open files"):
            spool.read(10, THROUGH)
        files.open_error = 0
        assert numbers_of(spool.read(10, THROUGH)) == [1, 2]
