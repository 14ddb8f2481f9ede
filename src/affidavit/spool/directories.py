"""The directories under a spool root: one a process life, locked for as long as its process lives.

::

    <root>/v1/streams                                what ``streams`` keeps
    <root>/v1/<host>-<pid>-<start time>-<random>/    lock  cursor  0000000001.seg ...

A directory is made as ``.new-…``, locked, and then renamed: whoever sees it under its name sees it locked. Who locks
one that is there compares the locked file with the one under the path before trusting it, since its last holder may
have removed it in between. So every dead directory is found, and by one only.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from affidavit.errors import SpoolBrokenError
from affidavit.spool.directory import LOCK, Directory
from affidavit.spool.files import spool_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from affidavit.interfaces import Entropy
    from affidavit.spool.files import Files

_UNBORN: Final = ".new-"
_RANDOM_BYTES: Final = 4
_ATTEMPTS: Final = 10
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9._]")


def home(root: str) -> str:
    """Where version 1 of everything stands under `root`."""
    return f"{root}/v1"


@dataclass(frozen=True, slots=True)
class Owner:
    """The process a directory is named after."""

    host: str
    pid: int
    start_time: int
    """Whatever tells two processes of one pid apart."""

    def directory_name(self, random: bytes) -> str:
        """The name of a directory of this process."""
        return f"{_FOREIGN.sub('_', self.host)}-{self.pid}-{self.start_time}-{random.hex()}"


def create(files: Files, root: str, owner: Owner, entropy: Entropy) -> Directory:
    """A new directory under `root`, locked.

    Raises:
        SpoolError: It could not be made.
    """
    with spool_errors(home(root)):
        for path in (root, home(root)):
            with suppress(FileExistsError):
                files.make_directory(path)
        for _ in range(_ATTEMPTS):
            directory = _try_create(files, root, owner.directory_name(entropy(_RANDOM_BYTES)))
            if directory is not None:
                return directory
    raise SpoolBrokenError(f"{home(root)}: {_ATTEMPTS} new directories in a row were taken away")


def lock_dead(files: Files, root: str) -> Iterator[Directory]:
    """Lock the directories that nobody lives in, one after the other; clear away what was never finished."""
    for name in _names(files, root):
        path = f"{home(root)}/{name}"
        if name.startswith(_UNBORN):
            _clear_unborn(files, path)
            continue
        directory = _try_lock(files, path)
        if directory is not None:
            yield directory


def usage(files: Files, root: str) -> int:
    """The bytes of all files in all directories under `root`; ``streams`` does not count, for it never shrinks."""
    total = 0
    for name in _names(files, root):
        path = f"{home(root)}/{name}"
        with suppress(OSError):  # not a directory, or gone since
            for entry in files.entries(path):
                with suppress(FileNotFoundError):
                    total += files.status_at(f"{path}/{entry}").st_size
    return total


def _names(files: Files, root: str) -> list[str]:
    try:
        return files.entries(home(root))
    except OSError:  # nothing there yet, or nothing that we may see
        return []


def _try_create(files: Files, root: str, name: str) -> Directory | None:
    """The new directory, unless somebody took it for a dead maker's before it was locked."""
    unborn, path = f"{home(root)}/{_UNBORN}{name}", f"{home(root)}/{name}"
    files.make_directory(unborn)
    is_ours = False
    with suppress(FileNotFoundError):
        directory = Directory(files, path, files.open(f"{unborn}/{LOCK}", create=True))
        try:
            if directory.try_lock():
                files.rename(unborn, path)
                is_ours = directory.is_alive
        finally:
            if not is_ours:
                directory.release()
    return directory if is_ours else None


def _try_lock(files: Files, path: str) -> Directory | None:
    """The directory, if it is one and nobody lives in it."""
    try:
        directory = Directory(files, path, files.open(f"{path}/{LOCK}"))
    except OSError:
        # Who removes a directory removes its lock last; had he died there, only the empty directory is left.
        with suppress(OSError):
            files.remove_directory(path)
        return None
    if directory.try_lock() and directory.is_alive:
        return directory
    directory.release()
    return None


def _clear_unborn(files: Files, path: str) -> None:
    with suppress(OSError):
        directory = Directory(files, path, files.open(f"{path}/{LOCK}", create=True))
        try:
            if directory.try_lock():
                files.unlink(f"{path}/{LOCK}")
                files.remove_directory(path)
        finally:
            directory.release()
