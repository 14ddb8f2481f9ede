"""One directory of a spool root, as whoever holds its lock sees it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from affidavit import filelock
from affidavit.spool import cursor
from affidavit.spool.files import spool_errors
from affidavit.spool.segment import SUFFIX

if TYPE_CHECKING:
    from affidavit.spool.files import Files

LOCK: Final = "lock"
_SEGMENT: Final = re.compile(rf"[0-9]{{10}}{re.escape(SUFFIX)}")


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment of a directory whose writer is gone."""

    number: int
    path: str
    size: int
    is_held: bool = False


class Directory:
    """A directory whose lock file this process has open, and locked once ``try_lock`` said so."""

    def __init__(self, files: Files, path: str, lock: int) -> None:
        self.path = path
        self._files = files
        self._lock = lock

    @property
    def is_alive(self) -> bool:
        """Whether the locked file is still the one under the path."""
        try:
            there, here = self._files.status_at(f"{self.path}/{LOCK}"), self._files.status(self._lock)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)

    def try_lock(self) -> bool:
        """Take the lock if nobody holds it."""
        return filelock.try_exclusive(self._lock)

    def segments(self) -> list[StoredSegment]:
        """The segments that stand here, in order."""
        names = filter(_SEGMENT.fullmatch, self._files.entries(self.path))
        paths = ((int(name.removesuffix(SUFFIX)), f"{self.path}/{name}") for name in names)
        return [StoredSegment(number, path, self._files.status_at(path).st_size) for number, path in paths]

    def remove(self) -> None:
        """Delete the directory with all that is ours in it, the lock last, and let go of it.

        Raises:
            SpoolError: Something could not be deleted; it is locked still.
        """
        with spool_errors(self.path), suppress(FileNotFoundError):
            for segment in self.segments():
                self._files.unlink(segment.path)
            with suppress(FileNotFoundError):
                self._files.unlink(f"{self.path}/{cursor.NAME}")
            self._files.unlink(f"{self.path}/{LOCK}")
            self._files.remove_directory(self.path)
        self.release()

    def release(self) -> None:
        """Let go of the lock: whoever wants may adopt the directory."""
        lock, self._lock = self._lock, -1
        if lock >= 0:
            self._files.close(lock)
