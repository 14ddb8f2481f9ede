"""The streams of a root have their numbers without a hole, and each knows the one before it."""

from __future__ import annotations

import errno
import json
import os

import pytest

from affidavit.errors import SpoolBrokenError, SpoolFullError
from affidavit.spool.files import Files
from affidavit.spool.streams import Place, contains, newest_number, register
from support.spools import FaultyFiles

SPOOL_ID = "00010203-0405-4607-8809-0a0b0c0d0e0f"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "v1").mkdir()
    return tmp_path


def entropy(size):
    return bytes(range(size))


def build(place):
    text = {"affidavit.spool.id": place.spool_id, "affidavit.spool.number": place.number, "fill": "x" * 1500}
    return json.dumps(text).encode()


def text_of(number):
    return build(Place(SPOOL_ID, number, None))


def lines_of(root):
    return (root / "v1" / "streams").read_bytes().split(b"\n")


def test_places_follow_one_another(root):
    assert [register(root, build, entropy) for _ in range(3)] == [
        Place(SPOOL_ID, 1, None),
        Place(SPOOL_ID, 2, text_of(1)),
        Place(SPOOL_ID, 3, text_of(2)),
    ]
    assert lines_of(root) == [text_of(1), text_of(2), text_of(3), b""]
    assert newest_number(root) == 3


def test_the_file_is_private(root):
    register(root, build, entropy)
    assert (root / "v1" / "streams").stat().st_mode & 0o777 == 0o600


def test_before_the_first_there_is_no_number_and_no_text(root):
    assert newest_number(root) == 0
    assert not contains(root, text_of(1))


def test_a_start_is_found_wherever_it_stands(root):
    for _ in range(30):
        register(root, build, entropy)
    assert [contains(root, text_of(number)) for number in (1, 2, 17, 30)] == [True] * 4
    assert not contains(root, text_of(31))
    assert not contains(root, text_of(30)[:-1])
    assert not contains(root, text_of(30)[1:])
    assert not contains(root, b"")


@pytest.mark.parametrize("kept", [1, 20, 1500])
def test_a_line_torn_by_a_death_never_was_one(root, kept):
    register(root, build, entropy)
    with (root / "v1" / "streams").open("ab") as file:
        file.write(text_of(2)[:kept])
    assert newest_number(root) == 1
    assert not contains(root, text_of(2)[:kept])
    assert register(root, build, entropy) == Place(SPOOL_ID, 2, text_of(1))
    assert lines_of(root) == [text_of(1), text_of(2), b""]


def test_a_file_that_is_one_torn_line_begins_anew(root):
    (root / "v1" / "streams").write_bytes(b"x" * 20_000)
    assert newest_number(root) == 0
    assert register(root, build, entropy) == Place(SPOOL_ID, 1, None)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\x00\xff" * 50,
        b"[]",
        b"7",
        b"[" * 100_000,
        b'{"affidavit.spool.id":"x"}',
        b'{"affidavit.spool.id":7,"affidavit.spool.number":7}',
        b'{"affidavit.spool.id":"x","affidavit.spool.number":true}',
        b'{"affidavit.spool.id":"x","affidavit.spool.number":-1}',
        b'{"affidavit.spool.id":"x","affidavit.spool.number":9007199254740992}',
    ],
)
def test_the_number_of_a_line_that_cannot_be_read_stays_taken(root, line):
    register(root, build, entropy)
    with (root / "v1" / "streams").open("ab") as file:
        file.write(line + b"\n" + line + b"\n")
    assert newest_number(root) == 3
    assert register(root, build, entropy) == Place(SPOOL_ID, 4, text_of(1))


def test_a_start_that_could_not_be_spooled_is_not_listed(root):
    register(root, build, entropy)

    def refuse(_):
        raise SpoolFullError("full")

    with pytest.raises(SpoolFullError, match="full"):
        register(root, refuse, entropy)
    assert lines_of(root) == [text_of(1), b""]
    assert register(root, build, entropy).number == 2


@pytest.mark.parametrize("room", [0, 1, 700])
def test_on_a_full_disk_no_half_line_stays(root, room):
    class FullFiles(Files):
        def write(self, descriptor, data, offset):
            if room == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(descriptor, data[:room], offset)

    register(root, build, entropy)
    with pytest.raises(SpoolFullError, match=rf"{root}/v1/streams: "):
        register(root, build, entropy, FullFiles())
    assert lines_of(root) == [text_of(1), b""]


def test_an_unreadable_file_is_named(root):
    files = FaultyFiles()
    files.open_error = errno.EACCES
    for call in (
        lambda: register(root, build, entropy, files),
        lambda: contains(root, text_of(1), files),
        lambda: newest_number(root, files),
    ):
        with pytest.raises(SpoolBrokenError, match=rf"{root}/v1/streams: Permission denied"):
            call()
