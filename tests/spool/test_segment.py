"""A segment holds whole frames and nothing else, whatever the disk does."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from affidavit.errors import SpoolBrokenError, SpoolFullError
from affidavit.spool.files import FILES, Files
from affidavit.spool.frame import META, RECORD
from affidavit.spool.payload import encode_head, encode_record
from affidavit.spool.segment import Segment, rewrite
from support.spools import LABEL, FaultyFiles, record

CAPACITY = 4096
HEAD = encode_head(LABEL, 1)
ONE, TWO = encode_record(record(1)), encode_record(record(2))


@pytest.fixture
def files():
    return FaultyFiles()


@pytest.fixture
def segment(tmp_path, files):
    segment = Segment(files, str(tmp_path), 1, LABEL, CAPACITY)
    yield segment
    segment.release()


def test_it_is_a_private_file_of_head_and_frames(tmp_path, segment):
    segment.append(ONE, 1)
    segment.append(TWO, 2)
    path = tmp_path / "0000000001.seg"
    assert segment.path == str(path)
    assert path.read_bytes() == HEAD + ONE + TWO
    assert path.stat().st_mode & 0o777 == 0o600
    assert (segment.size, segment.newest_number) == (len(HEAD + ONE + TWO), 2)


@pytest.mark.parametrize("room", [0, 1, 23, 24, len(ONE) - 1])
def test_a_full_disk_leaves_nothing_behind_and_can_become_free(segment, files, room):
    files.room = room
    with pytest.raises(SpoolFullError, match=r"0000000001\.seg: "):
        segment.append(ONE, 1)
    assert Path(segment.path).read_bytes() == HEAD
    files.room = None
    segment.append(TWO, 2)
    assert Path(segment.path).read_bytes() == HEAD + TWO


def test_a_fault_of_another_kind_ends_the_segment(segment, files):
    files.append_error = errno.EIO
    with pytest.raises(SpoolBrokenError, match=r"0000000001\.seg: Input/output error"):
        segment.append(ONE, 1)
    assert not segment.fits(1)
    assert Path(segment.path).read_bytes() == HEAD


@pytest.mark.parametrize("room", [0, 10, len(HEAD) - 1])
def test_without_room_for_its_head_there_is_no_file(tmp_path, files, room):
    files.room = room
    with pytest.raises(SpoolFullError):
        Segment(files, str(tmp_path), 1, LABEL, CAPACITY)
    assert list(tmp_path.iterdir()) == []


def test_a_frame_fits_up_to_the_last_byte(segment):
    assert segment.fits(CAPACITY - len(HEAD))
    assert not segment.fits(CAPACITY - len(HEAD) + 1)


def test_a_file_removed_by_somebody_else_is_noticed_and_can_be_written_anew(tmp_path, segment):
    assert not segment.is_unlinked
    segment.append(ONE, 1)
    segment.append(TWO, 2)
    Path(segment.path).unlink()
    assert segment.is_unlinked
    assert [(frame.kind, frame.number) for frame in segment.frames()] == [(META, 0), (RECORD, 1), (RECORD, 2)]
    anew = rewrite(FILES, segment, str(tmp_path), 2, LABEL, after=1)
    anew.release()
    assert (tmp_path / "0000000002.seg").read_bytes() == encode_head(LABEL, 2) + TWO


def test_an_append_through_the_c_library_and_through_os_are_the_same(tmp_path, monkeypatch):
    for name in ("kept", "given-up"):
        directory = tmp_path / name
        directory.mkdir()
        segment = Segment(Files(), str(directory), 1, LABEL, CAPACITY)
        segment.append(ONE, 1)
        Files().truncate(segment._descriptor, len(HEAD))
        segment.release()
        with pytest.raises(OSError, match="Bad file descriptor"):
            Files().append(-1, b"x", 0)
        monkeypatch.setattr("affidavit.spool.files._libc", None)
        assert (directory / "0000000001.seg").read_bytes() == HEAD
