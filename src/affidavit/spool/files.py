"""The file calls of the spool, all of them, behind one small object. Tests put faults in its place.

On the request's path nothing may give up the GIL: beside one busy thread that costs milliseconds, and ``os.pwrite``
gives it up. So an append calls the C library's ``pwrite`` through ``ctypes.PyDLL``, which keeps the GIL (microseconds
into the page cache). Where that cannot be had (PyPy, a 32-bit ``off_t``, no C library found) ``os`` does it.
"""

# Plain strings and descriptors: a Path would be made and thrown away for each call.
# ruff: noqa: PTH103, PTH104, PTH106, PTH108, PTH116, PTH208

from __future__ import annotations

import ctypes
import errno
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from affidavit.errors import SpoolBrokenError, SpoolError, SpoolFullError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_MAX_32_BIT: Final = 2**32
_PRIVATE_FILE: Final = 0o600
_PRIVATE_DIRECTORY: Final = 0o700


def spool_error(error: OSError, path: str) -> SpoolError:
    """`error` at `path` in the spool's own terms: is it a matter of space, or not."""
    kind = SpoolFullError if error.errno in _FULL else SpoolBrokenError
    return kind(f"{path}: {error.strerror}")


@contextmanager
def spool_errors(path: str) -> Iterator[None]:
    """Any ``OSError`` of the block as a ``SpoolError`` that names `path`."""
    try:
        yield
    except OSError as error:
        raise spool_error(error, path) from error


def _find_libc() -> ctypes.PyDLL | None:
    if sys.implementation.name != "cpython" or sys.maxsize <= _MAX_32_BIT:
        return None
    try:
        libc = ctypes.PyDLL(None, use_errno=True)
        libc.pwrite.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int64)
        libc.pwrite.restype = ctypes.c_ssize_t
        libc.ftruncate.argtypes = (ctypes.c_int, ctypes.c_int64)
    except (OSError, AttributeError):
        return None
    return libc


_libc: Final = _find_libc()


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


class Files:
    """The system's files, private to their owner. Every method may raise ``OSError``."""

    def create(self, path: str) -> int:
        """A descriptor of a new file, for reading and writing."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)

    def open(self, path: str, *, create: bool = False) -> int:
        """A descriptor for reading and writing; with `create`, of a new file if there is none."""
        return os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0), _PRIVATE_FILE)

    def append(self, descriptor: int, data: bytes, offset: int) -> int:
        """Write `data` at `offset` without giving up the GIL; how many bytes were written."""
        if _libc is None:
            return os.pwrite(descriptor, data, offset)
        written: int = _libc.pwrite(descriptor, data, len(data), offset)
        return written if written >= 0 else _checked(written)

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        """Write `data` at `offset`; how many bytes were written."""
        return os.pwrite(descriptor, data, offset)

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        """At most `size` bytes from `offset` on; fewer only at the end of the file."""
        return os.pread(descriptor, size, offset)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut the file off at `size` without giving up the GIL."""
        if _libc is None:
            os.ftruncate(descriptor, size)
        else:
            _checked(_libc.ftruncate(descriptor, size))

    def status(self, descriptor: int) -> os.stat_result:
        """What ``fstat`` says."""
        return os.fstat(descriptor)

    def close(self, descriptor: int) -> None:
        """Let go of the descriptor."""
        os.close(descriptor)

    def entries(self, path: str) -> list[str]:
        """The names in a directory, in order."""
        return sorted(os.listdir(path))

    def status_at(self, path: str) -> os.stat_result:
        """What ``stat`` says."""
        return os.stat(path)

    def make_directory(self, path: str) -> None:
        """A new directory; those above it too."""
        os.makedirs(path, _PRIVATE_DIRECTORY)

    def rename(self, old: str, new: str) -> None:
        """Give a file or directory another name."""
        os.rename(old, new)

    def unlink(self, path: str) -> None:
        """Remove a file. Needs no space."""
        os.unlink(path)

    def remove_directory(self, path: str) -> None:
        """Remove an empty directory."""
        os.rmdir(path)


FILES: Final = Files()
