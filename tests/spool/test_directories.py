"""A directory belongs to one process, and when that is dead to one adopter."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from affidavit.errors import SpoolBrokenError
from affidavit.spool.directories import Owner, create, lock_dead, usage
from affidavit.spool.files import FILES, Files
from support.spools import OWNER


def entropy(size):
    return bytes(range(size))


@pytest.fixture
def directory(tmp_path):
    directory = create(FILES, str(tmp_path / "root"), OWNER, entropy)
    yield directory
    directory.release()


def lock_all(tmp_path):
    found = list(lock_dead(FILES, str(tmp_path / "root")))
    for directory in found:
        directory.release()
    return [directory.path for directory in found]


def test_it_is_private_and_named_after_its_process(tmp_path, directory):
    path = tmp_path / "root" / "v1" / "web_1-4711-99-00010203"
    assert directory.path == str(path)
    assert [entry.name for entry in path.iterdir()] == ["lock"]
    assert [p.stat().st_mode & 0o777 for p in (tmp_path / "root", path.parent, path, path / "lock")] == [
        0o700,
        0o700,
        0o700,
        0o600,
    ]


def test_a_host_name_cannot_lead_elsewhere():
    assert Owner("../etc/\n", 1, 2).directory_name(b"\x00") == ".._etc__-1-2-00"


def test_a_living_one_is_not_found_and_a_dead_one_is(tmp_path, directory):
    assert lock_all(tmp_path) == []
    directory.release()
    assert lock_all(tmp_path) == [directory.path]


def test_nobody_finds_what_somebody_has_found(tmp_path, directory):
    directory.release()
    (found,) = lock_dead(FILES, str(tmp_path / "root"))
    assert lock_all(tmp_path) == []
    found.release()


def test_a_lock_on_a_file_that_was_removed_meanwhile_is_worth_nothing(tmp_path, directory):
    class LateFiles(Files):
        """Between opening the lock and taking it, its last holder finishes."""

        def open(self, path, *, create=False):
            descriptor = super().open(path, create=create)
            directory.remove()
            return descriptor

    assert list(lock_dead(LateFiles(), str(tmp_path / "root"))) == []


def test_removing_takes_all_that_is_ours(tmp_path, directory):
    for name in ("0000000001.seg", "0000000003.seg", "cursor"):
        (tmp_path / "root" / "v1" / "web_1-4711-99-00010203" / name).write_bytes(b"x")
    directory.remove()
    assert list((tmp_path / "root" / "v1").iterdir()) == []


def test_what_was_never_finished_is_cleared_away_unless_its_maker_lives(tmp_path, directory):
    base = tmp_path / "root" / "v1"
    (base / ".new-dead").mkdir()
    (base / ".new-dead" / "lock").touch()
    (base / ".new-died-at-once").mkdir()
    (base / "removed-but-for-the-last-step").mkdir()
    Path(directory.path).rename(base / ".new-living")
    assert lock_all(tmp_path) == []
    assert list(base.iterdir()) == [base / ".new-living"]


def test_a_maker_whose_directory_was_taken_for_a_dead_ones_makes_another(tmp_path):
    class CleanedFiles(Files):
        """An adopter comes by just before the first lock is taken."""

        def __init__(self):
            self.visits = 2

        def open(self, path, *, create=False):
            if self.visits:
                self.visits -= 1
                list(lock_dead(FILES, str(tmp_path)))
            return super().open(path, create=create)

    made = create(CleanedFiles(), str(tmp_path), OWNER, os.urandom)
    assert made.is_alive
    assert list((tmp_path / "v1").iterdir()) == [Path(made.path)]
    made.release()


def test_the_usage_is_that_of_all_directories(tmp_path, directory):
    base = tmp_path / "root" / "v1"
    (base / "other").mkdir()
    (base / "other" / "0000000001.seg").write_bytes(bytes(1000))
    (base / "web_1-4711-99-00010203" / "0000000001.seg").write_bytes(bytes(200))
    (base / "streams").write_bytes(bytes(50_000))
    assert usage(FILES, str(tmp_path / "root")) == 1200


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_root_that_cannot_be_written_is_named_with_the_reason(tmp_path, place):
    (tmp_path / "file").touch()
    with pytest.raises(SpoolBrokenError, match=rf"{tmp_path}/{place}/v1: Not a directory"):
        create(FILES, str(tmp_path / place), OWNER, entropy)


def test_a_root_that_is_not_there_has_no_dead_and_no_usage(tmp_path):
    assert lock_all(tmp_path) == []
    assert usage(FILES, str(tmp_path / "root")) == 0
