"""The spool of a process whose directory cannot be written: it works, and what it holds dies with the process."""

from __future__ import annotations

from collections import deque
from itertools import islice, takewhile
from threading import Lock
from typing import TYPE_CHECKING

from affidavit.errors import SpoolFullError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from affidavit.model import SealedRecord


class MemorySpool:
    """Fulfils ``interfaces.Spool``. Any thread appends; one thread reads and acknowledges."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = Lock()
        self._records: deque[SealedRecord] = deque()
        self._signatures: dict[int, str] = {}

    def append(self, record: SealedRecord) -> None:
        """Keep `record`.

        Raises:
            SpoolFullError: The cap is reached.
        """
        with self._lock:
            if self._records and self._records[-1].number == record.number:
                return  # a repeat, which a reader passes over on the disk
            self._claim(_size(record))
            self._records.append(record)

    def append_signatures(self, signatures: Sequence[tuple[int, str]]) -> None:
        """Keep the signatures of records by number.

        Raises:
            SpoolFullError: The cap is reached; none was kept.
        """
        with self._lock:
            self._claim(sum(len(signature) for _, signature in signatures))
            self._signatures.update(signatures)

    def read(self, limit: int, through: int) -> list[tuple[SealedRecord, str | None]]:
        """Up to `limit` records after the last acknowledged one, up to number `through`, with signatures; in order."""
        with self._lock:
            records = takewhile(lambda record: record.number <= through, islice(self._records, limit))
            return [(record, self._signatures.get(record.number)) for record in records]

    def acknowledge(self, through: int) -> None:
        """The sink has accepted every record up to this number: they go."""
        with self._lock:
            while self._records and self._records[0].number <= through:
                record = self._records.popleft()
                self._bytes -= _size(record) + len(self._signatures.pop(record.number, ""))

    def prepare(self) -> None:
        """Nothing needs to be made ahead of need."""

    def close(self) -> None:
        """Let go of what is left: nobody can adopt it."""
        with self._lock:
            self._records.clear()
            self._signatures.clear()
            self._bytes = 0

    def abandon(self) -> None:
        """In a forked child: forget the parent's records, which the parent ships."""
        self._lock = Lock()  # a thread of the parent may have held it, and is not here to release it
        self.close()

    def _claim(self, size: int) -> None:
        if self._bytes + size > self._max_bytes:
            raise SpoolFullError(f"the spool in memory holds {self._bytes} of {self._max_bytes} bytes")
        self._bytes += size


def _size(record: SealedRecord) -> int:
    return len(record.text) + sum(map(len, record.disclosures))
