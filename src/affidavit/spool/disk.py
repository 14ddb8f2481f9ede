"""The spool of a living process: a directory of its own, written on the request's path, shipped by a worker.

When ``append`` has returned, the record is in the system's hands: the process may be killed, and whoever adopts the
directory finds it. Only what the sink has acknowledged is deleted, and that needs no space.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from affidavit.errors import SpoolError
from affidavit.spool import directories
from affidavit.spool.cursor import Cursor
from affidavit.spool.files import FILES, Files
from affidavit.spool.payload import Label, encode_record, encode_signatures
from affidavit.spool.reader import RecordReader
from affidavit.spool.segments import Segments
from affidavit.spool.space import Space

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from affidavit.interfaces import Entropy
    from affidavit.model import SealedRecord
    from affidavit.spool.directories import Owner
    from affidavit.spool.directory import Directory


class DiskSpool:
    """Fulfils ``interfaces.Spool``. Any thread appends, one at a time; one thread reads and acknowledges."""

    def __init__(
        self, root: Path, label: Label, owner: Owner, entropy: Entropy, max_bytes: int, files: Files = FILES
    ) -> None:
        """Make the directory under `root` and its first segment; `max_bytes` is the cap of the whole root.

        Raises:
            SpoolFullError: There is no space for a segment now.
            SpoolBrokenError: `root` cannot be written.
        """
        self._files = files
        self._root = str(root)
        self._owner = owner
        self._entropy = entropy
        self._acknowledged = 0
        self._upkeep = Lock()
        """Held by whoever makes, drops or closes files; never on the request's path."""
        self._is_closed = False
        self._directory = self._make_directory()
        try:
            self._segments = Segments(files, self._directory.path, label, Space(files, self._root, max_bytes))
        except SpoolError:
            with suppress(SpoolError):
                self._directory.remove()
            self._directory.release()
            raise
        self._cursor = Cursor(files, self._directory.path)
        self._reader = RecordReader(files, lambda: self._segments.row, label.stream_id, 0)

    @property
    def damaged(self) -> int:
        """Damaged ranges that ``read`` has passed over so far; the numbers of the records say which are missing."""
        return self._reader.damaged

    def append(self, record: SealedRecord) -> None:
        """Keep `record`. When this returns, a killed process loses nothing of it.

        Raises:
            SpoolFullError: The cap or the disk's end is reached; there may be space later.
            SpoolBrokenError: The directory cannot be written, or the spool is closed.
            SpoolError: This record can never be kept: it is too long.
        """
        self._segments.append(encode_record(record), record.number)

    def append_signatures(self, signatures: Sequence[tuple[int, str]]) -> None:
        """Keep the signatures of records by number, which ascends from call to call.

        Raises:
            SpoolError: They were not kept, or not all of them; the records were.
        """
        for frames, newest_number in encode_signatures(signatures):
            self._segments.append(frames, newest_number)

    def read(self, limit: int, through: int) -> list[tuple[SealedRecord, str | None]]:
        """Up to `limit` records after the last acknowledged one, up to number `through`, with signatures; in order.

        Raises:
            SpoolError: A segment cannot be opened now; a later call goes on there.
        """
        return self._reader.read(limit, through)

    def acknowledge(self, through: int) -> None:
        """The sink has accepted every record up to this number: they may go."""
        with self._upkeep:
            self._acknowledged = max(self._acknowledged, through)
            self._cursor.advance(through)
            self._segments.drop(through)
            self._reader.acknowledge(through)

    def prepare(self) -> None:
        """Make the next segment ready, write anew what somebody has removed. What stands in the way, appends say."""
        with self._upkeep:
            if self._is_closed:
                return
            with suppress(SpoolError):
                if not self._directory.is_alive:
                    self._move()
            self._segments.prepare(self._directory.path, self._acknowledged)

    def close(self) -> None:
        """Let go of the files. What is not acknowledged stays for an adopter; when all of it is, nothing stays."""
        with self._upkeep:
            if self._is_closed:
                return
            self._is_closed = True
            self._segments.close()
            self._reader.close()
            self._cursor.close()
            if all(segment.newest_number <= self._acknowledged for segment in self._segments.row):
                with suppress(SpoolError):  # an adopter finds it empty and removes it
                    self._directory.remove()
            self._directory.release()

    def abandon(self) -> None:
        """In a forked child: let go of the parent's files without a trace. Its lock dies with the parent only then."""
        self._is_closed = True
        self._upkeep = Lock()  # a thread of the parent may have held it, and is not here to release it
        self._directory.release()
        self._segments.abandon()
        self._reader.close()
        self._cursor.close()

    def _make_directory(self) -> Directory:
        return directories.create(self._files, self._root, self._owner, self._entropy)

    def _move(self) -> None:
        """Somebody has removed the directory: go on in another."""
        lost, self._directory = self._directory, self._make_directory()
        lost.release()
        self._cursor.close()
        self._cursor = Cursor(self._files, self._directory.path)
        self._cursor.advance(self._acknowledged)
