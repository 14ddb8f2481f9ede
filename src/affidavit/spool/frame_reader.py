"""Reads frames out of segments, in order and as a stream: never more than a chunk in memory."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Protocol

from affidavit.spool.files import spool_error
from affidavit.spool.frame import MAX_FRAME_BYTES, Frame, Scan, scan
from affidavit.spool.payload import HEADER_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from affidavit.spool.files import Files


class Extent(Protocol):
    """A segment as a reader sees it."""

    @property
    def number(self) -> int:
        """Its place in the row."""

    @property
    def path(self) -> str:
        """Where it stands."""

    @property
    def size(self) -> int:
        """How many bytes of it are whole frames, as far as nobody damaged them."""

    @property
    def is_held(self) -> bool:
        """Whether a writer has it open still, and can bring it back."""


class Chunks:
    """Reads and scans chunks of segments, for several readers that walk the same row at a little distance."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._extent: Extent | None = None
        self._descriptor = -1
        self._last: tuple[int, int, Scan] | None = None

    def read(self, extent: Extent, position: int, end: int) -> Scan:
        """The frames from `position` on, up to `end` at most, where whole frames end.

        Raises:
            FileNotFoundError: The segment is gone.
            SpoolError: It cannot be opened now.
        """
        if extent is not self._extent:
            self.close()
            self._descriptor = self._open(extent.path)
            self._extent = extent
        if self._last is None or self._last[:2] != (position, end):
            self._last = position, end, self._scan(position, end)
        return self._last[2]

    def settle(self, row: Sequence[Extent]) -> None:
        """Let go of the file in hand if its segment has left the row: its space is free only then."""
        if self._extent not in row:
            self.close()

    def close(self) -> None:
        """Let go of the file in hand."""
        descriptor, self._descriptor = self._descriptor, -1
        self._extent = self._last = None
        if descriptor >= 0:
            self._files.close(descriptor)

    def _open(self, path: str) -> int:
        try:
            return self._files.open(path)
        except FileNotFoundError:
            raise
        except OSError as error:  # too many open files, say: not a reason to give records up
            raise spool_error(error, path) from error

    def _scan(self, position: int, end: int) -> Scan:
        wanted = min(MAX_FRAME_BYTES, end - position)
        try:
            chunk = self._files.read(self._descriptor, wanted, position)
        except OSError:  # a bad block; what is behind it may be good
            return Scan([], wanted, 1)
        found = scan(chunk, is_end=len(chunk) < wanted or position + wanted == end)
        if len(chunk) == wanted:
            return found
        return Scan(found.frames, end - position, found.damaged + 1)  # somebody has cut the file off


class FrameReader:
    """The frames of a row of segments, from a position that moves on. The row may grow and lose its head meanwhile."""

    def __init__(self, chunks: Chunks, row: Callable[[], Sequence[Extent]]) -> None:
        """`row` gives the segments as they are now; only the last one may still grow."""
        self.damaged = 0
        """Damaged ranges passed over so far; a segment that is gone is one."""
        self._chunks = chunks
        self._row = row
        self._extent: Extent | None = None
        self._position = 0
        self._frames: Iterator[Frame] = iter(())

    def take(self) -> Frame | None:
        """The next frame, or none as yet."""
        while True:
            frame = next(self._frames, None)
            if frame is not None:
                return frame
            if not self._advance():
                return None

    def overtake(self, other: FrameReader) -> None:
        """Go to where `other` is, unless this one is further on already."""
        if self._place < other._place:
            self._extent, self._position, self._frames = other._extent, other._position, copy(other._frames)

    @property
    def _place(self) -> tuple[int, int]:
        return (self._extent.number if self._extent is not None else 0, self._position)

    def _advance(self) -> bool:
        """Read a chunk, or step to the next segment; whether that was possible."""
        row = self._row()  # before any size: once there is a segment behind it, one grows no more
        extent = self._extent
        if extent is None:
            following = row
        elif extent not in row:
            # Removed, or written anew behind its old number: then it begins again, and the caller passes over repeats.
            following = [other for other in row if other.number >= extent.number]
        elif self._position < extent.size:
            return self._read_chunk(extent)
        else:
            following = [other for other in row if other.number > extent.number]
        if following:
            self._extent, self._position = following[0], HEADER_BYTES
        return bool(following)

    def _read_chunk(self, extent: Extent) -> bool:
        end = extent.size
        try:
            found = self._chunks.read(extent, self._position, end)
        except FileNotFoundError:
            if extent.is_held:
                return False  # somebody has removed it; its writer notices, and writes it anew
            found = Scan([], end - self._position, 1)
        self._frames = iter(found.frames)
        self._position += found.consumed
        self.damaged += found.damaged
        return True
