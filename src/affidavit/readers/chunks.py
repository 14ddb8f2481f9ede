"""Files as chunks of lines: bounded memory whatever a file holds, and a portion of work that is worth sending away."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from affidavit.readers.sources import Source

MAX_LINE_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024


class Chunk(NamedTuple):
    """Some whole lines of a file, in a row."""

    file: int
    """Index of the file."""
    first: int
    """Number of the first line, from 1."""
    lines: Sequence[bytes | None]
    """With their newlines; None for a line that is too long to be read."""
    size: int
    """Bytes."""
    start: int = 0
    """Bytes of the file before it."""
    source: Source | None = None
    """Where another process can read it."""


def read_chunks(
    stream: IO[bytes], file: int, *, chunk_bytes: int = CHUNK_BYTES, source: Source | None = None
) -> Iterator[Chunk]:
    """The lines of `stream`, about `chunk_bytes` at a time.

    Raises:
        OSError: It cannot be read.
    """
    lines: list[bytes | None] = []
    first, size, start = 1, 0, 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        size += len(line)
        is_long = len(line) > MAX_LINE_BYTES
        lines.append(None if is_long else line)
        if is_long:
            size += _skip_line(stream, line)
        if size >= chunk_bytes:
            yield Chunk(file, first, lines, size, start, source)
            lines, first, size, start = [], first + len(lines), 0, start + size
    if lines:
        yield Chunk(file, first, lines, size, start, source)


def _skip_line(stream: IO[bytes], line: bytes) -> int:
    size = 0
    while line and not line.endswith(b"\n"):
        line = stream.readline(CHUNK_BYTES)
        size += len(line)
    return size
