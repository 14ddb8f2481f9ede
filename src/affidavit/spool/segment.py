"""One segment while it is written: whole frames up to ``size``, nothing else.

A write that was cut short is taken back in the same call, so that ``size`` is always where the next frame goes and
a refused record leaves nothing behind.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from affidavit.errors import SpoolBrokenError, SpoolError, SpoolFullError
from affidavit.spool.files import spool_error, spool_errors
from affidavit.spool.frame import MAX_FRAME_BYTES, encode_frame, scan
from affidavit.spool.payload import HEADER_BYTES, encode_head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from affidavit.spool.files import Files
    from affidavit.spool.frame import Frame
    from affidavit.spool.payload import Label

SUFFIX = ".seg"


def segment_path(directory: str, number: int) -> str:
    """Where segment `number` of `directory` stands."""
    return f"{directory}/{number:010}{SUFFIX}"


class Segment:
    """A segment under its writer's hand. `capacity` is where it ends by plan; a rotation may widen it."""

    __slots__ = ("_descriptor", "_files", "capacity", "newest_number", "number", "path", "size")

    def __init__(self, files: Files, directory: str, number: int, label: Label, capacity: int) -> None:
        """Create the file and write its head.

        Raises:
            SpoolError: It could not be made, and no file is left.
        """
        self.number = number
        self.path = segment_path(directory, number)
        self.capacity = capacity
        self.size = 0
        self.newest_number = 0
        """The greatest record number that a frame in here speaks of."""
        self._files = files
        with spool_errors(self.path):
            self._descriptor = files.create(self.path)
        try:
            self.append(encode_head(label, number), 0)
        except SpoolError:
            self.remove()
            raise

    def fits(self, size: int) -> bool:
        """Whether a frame of `size` bytes still belongs in here."""
        return self.size + size <= self.capacity

    def append(self, frames: bytes, newest_number: int) -> None:
        """Write whole frames behind the others.

        Raises:
            SpoolFullError: No space; nothing was kept, and the next call may succeed.
            SpoolBrokenError: The file takes no more; nothing was kept, and nothing fits any more.
        """
        try:
            written = self._files.append(self._descriptor, frames, self.size)
        except OSError as error:
            raise self._refusal(error) from error
        if written != len(frames):
            self._take_back()
            raise SpoolFullError(f"{self.path}: {written} of {len(frames)} bytes found space")
        self.size += written
        self.newest_number = max(self.newest_number, newest_number)

    @property
    def is_unlinked(self) -> bool:
        """Whether the file has been removed by somebody else: writes to it succeed, and nobody will ever read them."""
        return self._files.status(self._descriptor).st_nlink == 0

    @property
    def is_held(self) -> bool:
        """Whether the file is open here."""
        return self._descriptor >= 0

    def frames(self) -> Iterator[Frame]:
        """The frames in it, also when the file has been removed."""
        position = HEADER_BYTES
        while position < self.size:
            chunk = self._files.read(self._descriptor, min(MAX_FRAME_BYTES, self.size - position), position)
            found = scan(chunk, is_end=position + len(chunk) == self.size)
            if not found.consumed:
                return
            yield from found.frames
            position += found.consumed

    def release(self) -> None:
        """Let go of the file. Nothing is appended after this."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self._files.close(descriptor)

    def remove(self) -> None:
        """Let go of the file and delete it. Where that fails it only takes space, until its directory goes."""
        self.release()
        with suppress(OSError):
            self._files.unlink(self.path)

    def _refusal(self, error: OSError) -> SpoolError:
        refusal = spool_error(error, self.path)
        if isinstance(refusal, SpoolBrokenError):
            self._take_back()
            self.capacity = self.size
        return refusal

    def _take_back(self) -> None:
        # If even this fails, the next frame is still written at `size`, and a reader passes over what is torn.
        with suppress(OSError):
            self._files.truncate(self._descriptor, self.size)


def rewrite(files: Files, lost: Segment, directory: str, number: int, label: Label, after: int) -> Segment:
    """A segment with what `lost` holds of records beyond `after`.

    Raises:
        SpoolError: It could not be made.
    """
    segment = Segment(files, directory, number, label, lost.size)
    try:
        with spool_errors(lost.path):
            for frame in lost.frames():
                if frame.number > after:
                    segment.append(encode_frame(*frame), frame.number)
    except SpoolError:
        segment.remove()
        raise
    return segment
