"""Files that another process opens for itself: the same bytes, or an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from affidavit.errors import ReadError
from affidavit.readers.sources import locate, read_lines

CONTENT = b"one\n\r\n\x0btwo\x85\nthree"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "audit.jsonl"
    path.write_bytes(CONTENT)
    return path


def located(path):
    with path.open("rb") as stream:
        return locate(stream, str(path))


def test_the_lines_are_those_of_the_file(path):
    assert read_lines(located(path), 0, len(CONTENT)) == [b"one\n", b"\r\n", b"\x0btwo\x85\n", b"three"]
    assert read_lines(located(path), 4, 2) == [b"\r\n"]


def test_by_whatever_name_it_was_opened(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("link").symlink_to("audit.jsonl")
    assert located(Path("link")) == located(Path("audit.jsonl")) == located(path)


def test_one_that_has_grown_is_the_same_up_to_there(path):
    source = located(path)
    path.write_bytes(CONTENT + b" and more\n")
    assert read_lines(source, 0, len(CONTENT))[-1] == b"three"


def test_one_that_was_replaced_is_refused(path, tmp_path):
    source = located(path)
    with path.open("rb"):  # so that its number is not given to the next file
        (tmp_path / "other").write_bytes(CONTENT)
        (tmp_path / "other").replace(path)
        with pytest.raises(ReadError, match="was replaced or cut while it was read"):
            read_lines(source, 0, len(CONTENT))


def test_one_that_was_cut_is_refused(path):
    source = located(path)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(ReadError, match="was replaced or cut while it was read"):
        read_lines(source, 0, len(CONTENT))


def test_one_that_is_gone_is_refused(path):
    source = located(path)
    path.unlink()
    with pytest.raises(ReadError, match="again: No such file or directory"):
        read_lines(source, 0, len(CONTENT))


def test_what_has_no_name_any_more_has_no_place(path):
    with path.open("rb") as stream:
        path.unlink()
        assert locate(stream, str(path)) is None


def test_a_pipe_has_no_place(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with os.fdopen(os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        assert locate(stream, str(tmp_path / "pipe")) is None


def test_what_stands_under_dev_has_no_place():
    with Path(os.devnull).open("rb") as stream:
        assert locate(stream, os.devnull) is None
