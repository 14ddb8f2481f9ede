"""Files that another process can open for itself: the place of a chunk travels to it, and no byte of it.

Only what has a name of its own, and the same bytes whenever it is read: no pipe, no terminal. Whoever opens it again
makes sure that it is that very file and no shorter; one that has grown is still the same up to there.
"""

from __future__ import annotations

import os
import stat
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

from affidavit.errors import ReadError

_DEVICES = "/dev/"  # /dev/fd/0 is another file in another process


class Source(NamedTuple):
    """A regular file, and what tells it from one that takes its name."""

    path: str
    device: int
    inode: int


def locate(stream: IO[bytes], path: str) -> Source | None:
    """The source of `stream`, which was opened as `path`; None if another process might open something else."""
    real, opened = os.path.realpath(path), os.fstat(stream.fileno())
    try:
        found = Path(real).stat()
    except OSError:
        return None
    if real.startswith(_DEVICES) or not stat.S_ISREG(opened.st_mode) or not os.path.samestat(found, opened):
        return None
    return Source(real, opened.st_dev, opened.st_ino)


def read_lines(source: Source, start: int, size: int) -> list[bytes]:
    """The lines in the `size` bytes of `source` from `start` on, with their newlines.

    Raises:
        ReadError: It cannot be read, or is not the file any more that it was.
    """
    try:
        with Path(source.path).open("rb") as stream:
            status = os.fstat(stream.fileno())
            stream.seek(start)
            content = stream.read(size)
    except OSError as error:
        raise ReadError(f"cannot read {source.path} again: {error.strerror or error}") from None
    if (status.st_dev, status.st_ino) != source[1:] or len(content) != size:
        raise ReadError(f"{source.path} was replaced or cut while it was read")
    if content.find(b"\n") in (-1, size - 1):  # one line, as of most batches: not to be copied, it may be megabytes
        return [content]
    return BytesIO(content).readlines()
