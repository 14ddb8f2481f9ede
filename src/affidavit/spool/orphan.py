"""What a dead process left: its records behind the cursor, for whoever has locked its directory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from affidavit.errors import MalformedError, SpoolError
from affidavit.spool.cursor import Cursor
from affidavit.spool.directories import lock_dead
from affidavit.spool.files import FILES, Files, spool_errors
from affidavit.spool.frame import MAX_FRAME_BYTES, META, scan
from affidavit.spool.payload import HEADER_BYTES, Label, parse_header
from affidavit.spool.reader import RecordReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from affidavit.model import SealedRecord
    from affidavit.spool.directory import Directory, StoredSegment

_AT_A_TIME: Final = 64
_HEAD_BYTES: Final = HEADER_BYTES + MAX_FRAME_BYTES


class Orphan:
    """A dead process's spool, locked for us. Ends with ``discard`` or ``close``."""

    def __init__(self, directory: Directory, files: Files = FILES) -> None:
        """Look at what is there.

        Raises:
            SpoolError: It cannot be read now.
        """
        self.path = directory.path
        self.damaged = 0
        """Damaged ranges that the last ``records`` has passed over so far."""
        self._directory = directory
        self._files = files
        with spool_errors(directory.path):
            self._segments: Sequence[StoredSegment] = directory.segments()
            label = self._read_label()
        self.stream_id: Final = label.stream_id
        """Of all its records. Empty if no segment's header can be read."""
        self.meta: Final = label.meta
        """What the opener gave. Empty if no segment has it whole."""
        self._cursor = Cursor(files, directory.path)

    @property
    def is_empty(self) -> bool:
        """Whether it holds no record behind its cursor."""
        return next(self.records(), None) is None

    def records(self, after: int | None = None) -> Iterator[tuple[SealedRecord, str | None]]:
        """Its records with their signatures, in order, as a stream. Each call begins anew.

        By default those behind the cursor; with `after` all behind that number that are still there.

        Raises:
            SpoolError: A segment cannot be opened now.
        """
        reader = RecordReader(
            self._files, lambda: self._segments, self.stream_id, self._cursor.number if after is None else after
        )
        try:
            while batch := reader.read(_AT_A_TIME, sys.maxsize):
                for pair in batch:
                    self.damaged = reader.damaged
                    yield pair
                reader.acknowledge(batch[-1][0].number)
            self.damaged = reader.damaged
        finally:
            reader.close()

    def acknowledge(self, through: int) -> None:
        """The sink has accepted every record up to this number: whoever adopts it next begins behind it."""
        self._cursor.advance(through)

    def discard(self) -> None:
        """Delete it: the sink has all of it, or it never was a stream.

        Raises:
            SpoolError: Something could not be deleted.
        """
        self._cursor.close()
        self._directory.remove()

    def close(self) -> None:
        """Let go of it: somebody else may adopt it."""
        self._cursor.close()
        self._directory.release()

    def _read_label(self) -> Label:
        """The label, put together from the first good header and the first good META frame."""
        stream_id, meta = "", b""
        for segment in self._segments:
            head = self._read_head(segment)
            if not stream_id:
                stream_id = _find_stream_id(head)
            if not meta:
                meta = _find_meta(head)
            if stream_id and meta:
                break
        return Label(stream_id, meta)

    def _read_head(self, segment: StoredSegment) -> bytes:
        descriptor = self._files.open(segment.path)
        try:
            return self._files.read(descriptor, _HEAD_BYTES, 0)
        except OSError:  # a bad block: another segment says the same
            return b""
        finally:
            self._files.close(descriptor)


def adopt_orphans(root: Path, files: Files = FILES) -> Iterator[Orphan]:
    """Lock and give out what dead processes left under `root`, each to one adopter only; what is unreadable stays."""
    for directory in lock_dead(files, str(root)):
        orphan = _open(directory, files)
        if orphan is not None:
            yield orphan


def _open(directory: Directory, files: Files) -> Orphan | None:
    try:
        return Orphan(directory, files)
    except SpoolError:  # it may be readable next time
        directory.release()
        return None


def _find_stream_id(head: bytes) -> str:
    try:
        return parse_header(head[:HEADER_BYTES])
    except MalformedError:
        return ""


def _find_meta(head: bytes) -> bytes:
    frames = scan(head[HEADER_BYTES:], is_end=False).frames
    return next((frame.payload for frame in frames if frame.kind == META), b"")
