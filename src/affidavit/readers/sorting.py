"""More rows than memory holds, in order: sorted in runs, spilled to one temporary file, merged on the way back.

Rows that come in order, as from a file that nobody reordered, cost next to nothing: sorting a sorted run takes one
comparison a row. Memory is one run, and while merging one block a run.
"""

from __future__ import annotations

import heapq
import tempfile
from itertools import pairwise
from struct import Struct
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

RUN_ROWS = 32_768
_BLOCK_BYTES = 16 * 1024
_LENGTH = Struct(">I")


class Sorter:
    """Takes rows of bytes in any order and gives them back sorted. Close it: it may hold a temporary file."""

    def __init__(self, run_rows: int = RUN_ROWS) -> None:
        self._run_rows = run_rows
        self._run: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._ends: list[int] = []
        """Where each spilled run ends in the file."""

    def add(self, rows: Iterable[bytes]) -> None:
        """Take `rows`."""
        self._run.extend(rows)
        if len(self._run) >= self._run_rows:
            self._spill()

    def sorted(self) -> Iterator[bytes]:
        """All rows, in the order of their bytes."""
        self._run.sort()
        return heapq.merge(*(self._read(*run) for run in pairwise([0, *self._ends])), self._run)

    def close(self) -> None:
        """Let go of the temporary file."""
        if self._file is not None:
            self._file.close()

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="affidavit-")  # noqa: SIM115  # closed by ``close``
        self._run.sort()
        self._file.seek(0, 2)
        for row in self._run:
            self._file.write(_LENGTH.pack(len(row)) + row)
        self._ends.append(self._file.tell())
        self._run = []

    def _read(self, start: int, end: int) -> Iterator[bytes]:
        """The rows of one run. The file is shared, so each block is sought anew."""
        assert self._file is not None  # noqa: S101  # for the type checker: a run was written to it
        rest = b""
        while start < end:
            self._file.seek(start)
            block = rest + self._file.read(min(_BLOCK_BYTES, end - start))
            start += len(block) - len(rest)
            rest = yield from _split(block)


def _split(block: bytes) -> Generator[bytes, None, bytes]:
    """The whole rows in `block`; returns what is left over."""
    position = 0
    while position + _LENGTH.size <= len(block):
        (length,) = _LENGTH.unpack_from(block, position)
        end = position + _LENGTH.size + length
        if end > len(block):
            break
        yield block[position + _LENGTH.size : end]
        position = end
    return block[position:]
