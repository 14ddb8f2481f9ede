"""Signs what was sealed, within 200 ms, and seals a checkpoint now and then.

A checkpoint covers the records that were signed before it: no lock is held while signing, so requests may seal behind
its back. It is due after 512 records, 10 s after the first record not yet covered, and every heartbeat when idle.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.errors import SpoolError
from affidavit.ledger.checkpoint import Checkpoint, sign_checkpoint
from affidavit.ledger.merkle import Frontier
from affidavit.ledger.signature import RECORD, Signer
from affidavit.model import SignedRecord
from affidavit.pipeline.control import checkpoint_facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from affidavit.interfaces import Clock
    from affidavit.pipeline.audit_logger import AuditLogger

CHECKPOINT_RECORDS = 512
CHECKPOINT_NS = 10 * 10**9
_MOST_AT_HAND = 1024
_AT_ONCE = 128
"""Records whose signatures are spooled together. Behind a busy process a backlog takes its time."""


class StreamSigner:
    """Follows one stream: its signatures, its tree, its checkpoints. One thread uses it."""

    def __init__(
        self, logger: AuditLogger, heartbeat_s: int, clock: Clock, newest_spool_number: Callable[[], int]
    ) -> None:
        self.signed_through = 0
        """Every record up to this number has its signature, in the spool or in ``kept``. The shipper reads it."""
        self.kept: dict[int, str] = {}
        """Signatures that a full spool refused, by number: the shipper takes them from here."""
        self.at_hand: deque[SignedRecord] = deque()
        """What was signed last, for a shipper that keeps up: it need not read that from the spool again."""
        self._logger = logger
        self._stream = logger.stream
        self._signer = Signer(self._stream.key, RECORD)
        self._heartbeat_ns = heartbeat_s * 10**9
        self._clock = clock
        self._newest_spool_number = newest_spool_number
        self._tree = Frontier()
        self._uncovered = 0
        self._own_number = 0
        self._due_ns = clock() + self._heartbeat_ns

    @property
    def endorsement(self) -> str:
        """What vouches for the key that signs here."""
        return self._stream.endorsement

    def step(self) -> float:
        """Sign what is unsigned, seal a checkpoint if one is due; the seconds until the next may be."""
        self.sign()
        if self._clock() >= self._due_ns:
            self.checkpoint(semconv.STREAM_CHECKPOINT)
            self.sign()
        return max(0.0, (self._due_ns - self._clock()) / 10**9)

    def sign(self) -> None:
        """Sign what was sealed since the last call, and spool the signatures behind the records, some at a time."""
        unsigned = iter(self._stream.take_unsigned())
        while some := list(islice(unsigned, _AT_ONCE)):
            signatures = []
            for record, leaf in some:
                self._tree.append(leaf)
                signatures.append((record.number, self._signer.sign(record.text)))
                self._uncovered += record.number != self._own_number
            self._keep(signatures)
            self.signed_through = self._tree.size  # only now: the shipper's thread must not overtake the signatures
            if len(self.at_hand) <= _MOST_AT_HAND:
                pairs = zip(some, signatures, strict=True)
                self.at_hand.extend(SignedRecord(record, text, self.endorsement) for (record, _), (_, text) in pairs)
            self._hasten()

    def checkpoint(self, event_name: str, *, last: bool = False) -> None:
        """Seal size and root of everything signed so far, as a checkpoint or as the stream's end.

        Raises:
            SpoolError: The spool did not take it.
        """
        checkpoint = Checkpoint(self._stream.stream_id, self._tree.size, self._tree.root())
        note = sign_checkpoint(checkpoint, self._stream.key)
        facts = checkpoint_facts(self._stream.endorsement, note, self._newest_spool_number())
        self._due_ns = self._clock() + self._heartbeat_ns
        self._own_number = self._logger.emit_control(event_name, facts, last=last).number
        self._uncovered = 0

    def end(self) -> None:
        """Sign what is left and seal the end; the stream takes no more.

        Raises:
            SpoolError: The spool did not take it: the stream has no end, and its adopter will say so.
        """
        self._stream.close()
        self.sign()
        self.checkpoint(semconv.STREAM_END, last=True)
        self.sign()

    def _keep(self, signatures: list[tuple[int, str]]) -> None:
        try:
            self._stream.put_signatures(signatures)
        except SpoolError:
            self.kept.update(signatures)

    def _hasten(self) -> None:
        now = self._clock()
        if self._uncovered >= CHECKPOINT_RECORDS:
            self._due_ns = now
        elif self._uncovered:
            self._due_ns = min(self._due_ns, now + CHECKPOINT_NS)
