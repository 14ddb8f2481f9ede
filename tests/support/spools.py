"""Spools for tests: records that can be told apart, a directory of one's own, and a disk that can be made to fail."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from affidavit.model import SealedRecord
from affidavit.spool.directories import Owner
from affidavit.spool.disk import DiskSpool
from affidavit.spool.files import FILES, Files
from affidavit.spool.payload import Label

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STREAM_ID = "6f1c2f0e-3f5b-4c8e-9d55-0123456789ab"
META = b'{"service.name":"orders"}'
LABEL = Label(STREAM_ID, META)
OWNER = Owner("web-1", 4711, 99)
CAP = 1024 * 1024 * 1024
THROUGH = 2**53


def record(number: int, size: int = 300) -> SealedRecord:
    """Record `number`: its text says so, in `size` bytes; every third one has two disclosures."""
    text = b'{"number":%d,"fill":"%s"}' % (number, b"x" * size)
    disclosures = (b'{"user.id":"alice-%d"}' % number, b'{"client.address":"192.0.2.1"}') if number % 3 == 0 else ()
    return SealedRecord(STREAM_ID, number, text, disclosures)


def records(first: int, last: int) -> list[SealedRecord]:
    """Records `first` to `last`."""
    return [record(number) for number in range(first, last + 1)]


def signature(number: int) -> str:
    """A signature of record `number`, by its looks."""
    return f"eyJhbGciOiJFZERTQSJ9..{number:086}"


def open_spool(root: Path, max_bytes: int = CAP, files: Files = FILES) -> DiskSpool:
    """A spool under `root`."""
    return DiskSpool(root, LABEL, OWNER, os.urandom, max_bytes, files)


def fill(spool: DiskSpool, numbers: Iterable[int]) -> None:
    """Append the records of these numbers."""
    for number in numbers:
        spool.append(record(number))


def sign(spool: DiskSpool, numbers: Iterable[int]) -> None:
    """Append the signatures of the records of these numbers."""
    spool.append_signatures([(number, signature(number)) for number in numbers])


def numbers_of(pairs: Iterable[tuple[SealedRecord, str | None]]) -> list[int]:
    """The numbers of what a spool gave, once each record was found to be the one that was appended."""
    found = []
    for stored, signed in pairs:
        assert stored == record(stored.number, len(stored.text) - len(record(stored.number, 0).text))
        assert signed in (None, signature(stored.number))
        found.append(stored.number)
    return found


def directories_of(root: Path) -> list[Path]:
    """The directories of processes under `root`."""
    return sorted(path for path in (root / "v1").iterdir() if path.is_dir())


def segments_of(root: Path) -> list[Path]:
    """All segments under `root`."""
    return sorted((root / "v1").glob("*/*.seg"))


class FaultyFiles(Files):
    """The real disk, until one of its faults is switched on."""

    def __init__(self) -> None:
        self.room: int | None = None
        """So many more bytes can be appended; then the disk is full."""
        self.append_error = 0
        self.create_error = 0
        self.read_error = 0
        self.open_error = 0
        self.creations = 0

    def create(self, path: str) -> int:
        self.creations += 1
        _fail(self.create_error)
        return super().create(path)

    def open(self, path: str, *, create: bool = False) -> int:
        _fail(self.open_error)
        return super().open(path, create=create)

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        _fail(self.read_error)
        return super().read(descriptor, size, offset)

    def append(self, descriptor: int, data: bytes, offset: int) -> int:
        _fail(self.append_error)
        if self.room is None:
            return super().append(descriptor, data, offset)
        if self.room == 0:
            _fail(errno.ENOSPC)
        written = super().append(descriptor, data[: self.room], offset)
        self.room -= written
        return written


def _fail(number: int) -> None:
    if number:
        raise OSError(number, os.strerror(number))
