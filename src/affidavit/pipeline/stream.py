"""A stream: the one place where a record gets its number and its link.

The lock orders sealing. Nothing done under it gives up the GIL, so no thread ever waits for it while its holder is
scheduled out. The head moves only after the spool has taken the record: a refused record leaves no hole.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.errors import AffidavitError
from affidavit.ledger.canonical import MAX_TEXT_BYTES
from affidavit.ledger.hashing import leaf_hash
from affidavit.ledger.template import GAP
from affidavit.model import SealedRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from affidavit.interfaces import Clock, Spool
    from affidavit.ledger.keys import StreamKey
    from affidavit.ledger.template import Template

_NUMBERED = tuple(f'"{key}":{GAP}' for key in (semconv.NUMBER, semconv.OBSERVED_TIMESTAMP))
_LINKED = (*_NUMBERED, f'"{semconv.PREVIOUS_HASH}":{GAP}')


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
        self._unsigned: list[tuple[SealedRecord, bytes]] = []

    @property
    def has_unsigned(self) -> bool:
        """Whether there is something for the signer."""
        return bool(self._unsigned)

    @property
    def gaps(self) -> tuple[str, ...]:
        """The members of the next record that ``seal`` itself gives a value; the first record has no link."""
        return _LINKED if self._number else _NUMBERED

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
            number = self._number + 1
            values[semconv.NUMBER] = str(number)
            values[semconv.PREVIOUS_HASH] = f'"{self._head.hex()}"'
            values[semconv.OBSERVED_TIMESTAMP] = f'"{self._clock()}"'
            text = template.fill(values)
            if len(text) > MAX_TEXT_BYTES:
                raise OversizeError(f"a statement of {len(text)} bytes")
            record = SealedRecord(self.stream_id, number, text, disclosures)
            self._spool.append(record)
            self._number, self._head = number, leaf_hash(text)
            self._unsigned.append((record, self._head))
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

    def take_unsigned(self) -> Sequence[tuple[SealedRecord, bytes]]:
        """The records sealed since the last call with their hashes, in order."""
        with self._lock:
            records, self._unsigned = self._unsigned, []
        return records
