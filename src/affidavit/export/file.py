"""Appends batches to one file of OTLP JSON lines, a whole line or nothing.

Any number of processes may share the file: a line is written under an exclusive lock. The file is opened anew for each
batch, so one that was renamed, deleted or rotated away is made again, mode 0600.

A last line without its newline was left by a writer killed in the middle. Nobody acknowledged it, its batch is still in
a spool, and whoever appends next cuts it off. A tail that is no beginning of such a line is not ours to cut.
What was written survives the process, however it ends; the page cache is the system's to keep.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from affidavit.errors import ExportError
from affidavit.export.otlp_json import OPENING, encode_line
from affidavit.filelock import exclusive

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from affidavit.model import LogRecord, Value

_BLOCK = 64 * 1024
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK


class FileExporter:
    """Writes to `path`, which is made absolute at once: the process may change its directory."""

    def __init__(self, path: str, version: str) -> None:
        self._path = Path(path).absolute()
        self._version = version

    def export(self, resource: Mapping[str, Value], records: Collection[LogRecord]) -> None:
        """Append the batch as one line.

        Raises:
            ExportError: The line is not in the file, nor any part of it.
        """
        line = encode_line(resource, records, self._version)
        try:
            with self._locked() as descriptor:
                _append(descriptor, line, self._path)
        except OSError as error:
            raise ExportError(f"{self._path} cannot be written: {_reason(error, self._path)}") from None

    def close(self) -> None:
        """Nothing is held between batches."""

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file that stands under our path, held by nobody else."""
        while True:
            descriptor = os.open(self._path, _FLAGS, 0o600)
            try:
                with exclusive(descriptor):
                    if self._still_names(descriptor):
                        yield descriptor
                        return
            finally:
                os.close(descriptor)

    def _still_names(self, descriptor: int) -> bool:
        """Whether the path still leads to the open file: it may have been rotated while we waited for the lock."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(descriptor))
        except FileNotFoundError:
            return False


def _append(descriptor: int, line: bytes, path: Path) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise ExportError(f"{path} is not a regular file")
    end = _end_of_last_line(descriptor, status.st_size, path)
    if end < status.st_size:
        os.ftruncate(descriptor, end)
    rest = memoryview(line)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        # Where even this fails, the torn line is cut off by the next who appends.
        with suppress(OSError):
            os.ftruncate(descriptor, end)
        raise


def _end_of_last_line(descriptor: int, size: int, path: Path) -> int:
    """Where the next line belongs: right behind the last newline."""
    end, tail = size, b""
    while end:
        start = max(0, end - _BLOCK)
        block = os.pread(descriptor, end - start, start)
        newline = block.rfind(b"\n") + 1
        tail = (block[newline:] + tail)[: len(OPENING)]
        end = start + newline
        if newline:
            break
    if not (tail.startswith(OPENING) or OPENING.startswith(tail)):
        raise ExportError(
            f"{path} ends, from byte {end} on, in a torn line of another writer: end it by a newline, or move the file"
        )
    return end


def _reason(error: OSError, path: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return f"the directory {path.parent} does not exist"
    return error.strerror or type(error).__name__
