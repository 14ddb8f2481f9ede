"""A stream: the one place where a record gets its number and its link.

The lock orders sealing. Nothing done under it gives up the GIL, so no thread ever waits for it while its holder is
scheduled out. The head moves only after the spool has taken the record: a refused record leaves no hole.

The handler of a signal may raise anywhere in between (a server ends a worker that takes too long, an alarm is a
request's timeout), and the process may go on. So the head moves in one step, and a record that was begun and not
finished is spooled again before the next one: a reader passes over a repeat.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from affidavit import semconv
from affidavit.errors import AffidavitError, SpoolError
from affidavit.ledger.canonical import MAX_TEXT_BYTES
from affidavit.ledger.hashing import leaf_hash
from affidavit.ledger.template import leave_gap
from affidavit.model import SealedRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from affidavit.interfaces import Clock, Spool
    from affidavit.ledger.keys import StreamKey
    from affidavit.ledger.template import Template

_NUMBERED = (leave_gap(semconv.NUMBER), leave_gap(semconv.OBSERVED_TIMESTAMP))
_LINKED = (*_NUMBERED, leave_gap(semconv.PREVIOUS_HASH))


class StreamClosedError(AffidavitError):
    """The stream has sealed its end; the process's next stream takes the record."""


class OversizeError(AffidavitError):
    """The statement or a disclosure would be longer than 32 KiB."""


class _Link(NamedTuple):
    """A record and what the next one needs of it."""

    record: SealedRecord
    leaf: bytes
    before: _Link | None
    """The one before it, unless that was taken to be signed."""


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
        self._begun: _Link | None = None
        self._head: _Link | None = None
        """The newest record that the spool has for certain; the one begun, unless something came in between."""
        self._taken_through = 0

    @property
    def has_unsigned(self) -> bool:
        """Whether there is something for the signer."""
        return self._head is not None and self._head.record.number > self._taken_through

    @property
    def gaps(self) -> tuple[str, ...]:
        """The members of the next record that ``seal`` itself gives a value; the first record has no link."""
        return _LINKED if self._head is not None else _NUMBERED

    def seal(
        self, template: Template, values: dict[str, str], disclosures: tuple[bytes, ...] = (), *, last: bool = False
    ) -> SealedRecord:
        """Number a record, link it to the one before, and spool it; only the `last` goes behind ``close``.

        Args:
            template: Made with ``gaps``.
            values: What fills its other gaps. The record's own are put beside them.
            disclosures: What stands beside the text.
            last: The stream ends with it.

        Raises:
            SpoolError: The spool did not take the record; the stream is as before.
            OversizeError: The text would be too long.
            StreamClosedError: The stream has ended.
        """
        with self._lock:
            if self._is_closed is not last:
                raise StreamClosedError(f"stream {self.stream_id} is closed")
            if self._begun is not self._head:
                self._finish()
            head, number = self._head, 1
            if head is not None:
                number = head.record.number + 1
                values[semconv.PREVIOUS_HASH] = f'"{head.leaf.hex()}"'
                if head.record.number <= self._taken_through:
                    head = None
            values[semconv.NUMBER] = str(number)
            values[semconv.OBSERVED_TIMESTAMP] = f'"{self._clock()}"'
            text = template.fill(values)
            if len(text) > MAX_TEXT_BYTES:
                raise OversizeError(f"a statement of {len(text)} bytes")
            record = SealedRecord(self.stream_id, number, text, disclosures)
            self._begun = _Link(record, leaf_hash(text), head)
            try:
                self._spool.append(record)
            except SpoolError:
                self._begun = self._head
                raise
            self._head = self._begun
            return record

    def close(self) -> None:
        """Take nothing more but the end: what it covers must be all that there is before it.

        Raises:
            SpoolError: A record that was begun could not be finished.
        """
        with self._lock:
            self._is_closed = True
            if self._begun is not self._head:
                self._finish()

    def put_signatures(self, signatures: Sequence[tuple[int, str]]) -> None:
        """Spool `signatures`, by number.

        Raises:
            SpoolError: They were not kept.
        """
        with self._lock:
            self._spool.append_signatures(signatures)

    def take_unsigned(self) -> Sequence[tuple[SealedRecord, bytes]]:
        """The records sealed since the last call with their hashes, in order."""
        with self._lock:
            link, taken_through = self._head, self._taken_through
            if link is not None:
                self._taken_through = link.record.number
        records = []
        while link is not None and link.record.number > taken_through:
            records.append((link.record, link.leaf))
            link = link.before
        return records[::-1]

    def _finish(self) -> None:
        if self._begun is not None:
            self._spool.append(self._begun.record)
        self._head = self._begun
