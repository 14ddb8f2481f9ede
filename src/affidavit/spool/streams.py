"""The streams of a spool root: the texts of all starts, one a line, in the order of their numbers.

``<root>/v1/streams`` is append-only and is never shortened but by a torn last line. Each start names the number and the
hash of the one before it, so a stream that is deleted whole leaves a number missing. A stream exists once its line
stands here: start records are made and listed under one lock of this file.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from affidavit import filelock, semconv
from affidavit.errors import SpoolFullError
from affidavit.spool.directories import home
from affidavit.spool.files import FILES, Files, spool_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from affidavit.interfaces import Entropy

NAME: Final = "streams"
_CHUNK: Final = 8 * 1024
_UUID_BYTES: Final = 16
_NUMBERS_END: Final = 2**53


@dataclass(frozen=True, slots=True)
class Place:
    """A stream's place among those of its root."""

    spool_id: str
    """UUIDv4 of the root."""
    number: int
    """1, 2, 3 …"""
    previous_text: bytes | None
    """The start text before it; none for the first."""


def register(root: Path, build: Callable[[Place], bytes], entropy: Entropy, files: Files = FILES) -> Place:
    """Give out the next place; `build` seals and spools the start record that names it, and returns its text.

    Raises:
        SpoolError: The text could not be listed: what `build` has spooled is no stream.
    """
    path = _path(root)
    with spool_errors(path), _locked(files, path) as descriptor:
        end = _end_of_last_line(files, descriptor)
        files.truncate(descriptor, end)  # a start that was being listed when its process died
        newest = _newest(files, descriptor, end)
        if newest is None:
            place = Place(str(UUID(bytes=entropy(_UUID_BYTES), version=4)), 1, None)
        else:
            place = Place(newest.spool_id, newest.number + 1, newest.text)
        line = build(place) + b"\n"
        if files.write(descriptor, line, end) != len(line):
            files.truncate(descriptor, end)
            raise SpoolFullError(f"{path}: no space for another line")
    return place


def contains(root: Path, text: bytes, files: Files = FILES) -> bool:
    """Whether `text` is listed: the start of something that is not never became a stream.

    Raises:
        SpoolError: The file cannot be read.
    """
    with _reading(files, _path(root)) as descriptor:
        return descriptor >= 0 and text in _lines_backwards(files, descriptor, _end_of_last_line(files, descriptor))


def newest_number(root: Path, files: Files = FILES) -> int:
    """The greatest number given out under `root`; 0 before the first.

    Raises:
        SpoolError: The file cannot be read.
    """
    with _reading(files, _path(root)) as descriptor:
        newest = _newest(files, descriptor, _end_of_last_line(files, descriptor)) if descriptor >= 0 else None
    return newest.number if newest is not None else 0


@dataclass(frozen=True, slots=True)
class _Start:
    spool_id: str
    number: int
    text: bytes


def _path(root: Path) -> str:
    return f"{home(str(root))}/{NAME}"


@contextmanager
def _locked(files: Files, path: str) -> Iterator[int]:
    descriptor = files.open(path, create=True)
    try:
        with filelock.exclusive(descriptor):
            yield descriptor
    finally:
        files.close(descriptor)


@contextmanager
def _reading(files: Files, path: str) -> Iterator[int]:
    """A descriptor, or -1 where there is no file. No lock: a line that is being written has no newline yet."""
    with spool_errors(path):
        try:
            descriptor = files.open(path)
        except FileNotFoundError:
            yield -1
            return
        try:
            yield descriptor
        finally:
            files.close(descriptor)


def _newest(files: Files, descriptor: int, end: int) -> _Start | None:
    """The last start that can be read. Lines behind it that cannot have had their numbers too: they stay taken."""
    for behind, line in enumerate(_lines_backwards(files, descriptor, end)):
        start = _parse(line)
        if start is not None:
            return _Start(start.spool_id, start.number + behind, line)
    return None


def _parse(line: bytes) -> _Start | None:
    try:
        facts = json.loads(line)
        spool_id, number = facts[semconv.SPOOL_ID], facts[semconv.SPOOL_NUMBER]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    is_start = isinstance(spool_id, str) and type(number) is int and 0 < number < _NUMBERS_END
    return _Start(spool_id, number, line) if is_start else None


def _end_of_last_line(files: Files, descriptor: int) -> int:
    position = files.status(descriptor).st_size
    while position > 0:
        start = max(0, position - _CHUNK)
        found = files.read(descriptor, position - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0


def _lines_backwards(files: Files, descriptor: int, end: int) -> Iterator[bytes]:
    """The lines up to `end`, which is just behind a newline; the last one first."""
    if end == 0:
        return
    position, rest = end - 1, b""
    while position > 0:
        start = max(0, position - _CHUNK)
        rest, *lines = (files.read(descriptor, position - start, start) + rest).split(b"\n")
        yield from reversed(lines)
        position = start
    yield rest
