"""A stream: the one place where a record gets its number and its link.

The lock orders sealing. Nothing done under it gives up the GIL, so no thread ever waits for it while its holder is
scheduled out. The head moves only after the spool has taken the record: a refused record leaves no hole.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.errors import AffidavitError
from affidavit.ledger.canonical import MAX_TEXT_BYTES, join_members
from affidavit.ledger.hashing import leaf_hash
from affidavit.model import SealedRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from affidavit.interfaces import Clock, Spool
    from affidavit.ledger.keys import StreamKey


class StreamClosedError(AffidavitError):
    """The stream has sealed its end; the process's next stream takes the record."""


class OversizeError(AffidavitError):
    """The statement or a disclosure would be longer than 32 KiB."""


class Stream:
    """One numbered and chained sequence of records under one key."""

    def __init__(self, stream_id: str, key: StreamKey, endorsement: str, spool: Spool, clock: Clock) -> None:
        self.stream_id = stream_id
        self.key = key
        self.endorsement = endorsement
        self._clock = clock
        self._lock = Lock()
        self._spool = spool
        self._is_closed = False
        self._number = 0
        self._head = b""
        self._unsigned: list[SealedRecord] = []

    def seal(self, members: Iterable[str], disclosures: tuple[bytes, ...] = (), *, last: bool = False) -> SealedRecord:
        """Number `members`, link them to the record before, and spool them; only the `last` goes behind ``close``.

        Raises:
            SpoolError: The spool did not take the record; the stream is as before.
            OversizeError: The text would be too long.
            StreamClosedError: The stream has ended.
        """
        with self._lock:
            if self._is_closed is not last:
                raise StreamClosedError(f"stream {self.stream_id} is closed")
            number = self._number + 1
            link = (f'"{semconv.PREVIOUS_HASH}":"{self._head.hex()}"',) if number > 1 else ()
            text = join_members(
                (
                    *members,
                    *link,
                    f'"{semconv.NUMBER}":{number}',
                    f'"{semconv.OBSERVED_TIMESTAMP}":"{self._clock()}"',
                )
            )
            if len(text) > MAX_TEXT_BYTES:
                raise OversizeError(f"a statement of {len(text)} bytes")
            record = SealedRecord(self.stream_id, number, text, disclosures)
            self._spool.append(record)
            self._number, self._head = number, leaf_hash(text)
            self._unsigned.append(record)
            return record

    def close(self) -> None:
        """Take nothing more but the end: what it covers must be all that there is before it."""
        with self._lock:
            self._is_closed = True

    def put_signatures(self, signatures: Sequence[tuple[int, str]]) -> None:
        """Spool `signatures`, by number.

        Raises:
            SpoolError: They were not kept.
        """
        with self._lock:
            self._spool.append_signatures(signatures)

    def take_unsigned(self) -> Sequence[SealedRecord]:
        """The records sealed since the last call, in order."""
        with self._lock:
            records, self._unsigned = self._unsigned, []
        return records
