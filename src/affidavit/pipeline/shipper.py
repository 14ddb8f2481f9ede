"""Carries signed records from the spool to the sink, and deletes only what the sink has accepted.

What was signed just now it is handed; whatever is older it reads.

At least once: a crash between the answer and the acknowledgement repeats a batch, and the record id tells. While the
sink refuses, the batch is tried again with growing pauses, for ever; the first refusal and the recovery are said once
each.
"""

from __future__ import annotations

import logging
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from affidavit.errors import ExportError
from affidavit.model import SignedRecord
from affidavit.pipeline.delivery import BATCH_BYTES, BATCH_RECORDS, Delivery, size_of
from affidavit.pipeline.losses import find_damage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from affidavit.interfaces import Clock, Spool
    from affidavit.model import Value
    from affidavit.pipeline.adoption import Adopter
    from affidavit.pipeline.control import Missing
    from affidavit.pipeline.signer import StreamSigner

_log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0


class Shipper:
    """Ships one process's own stream, and in between what it has adopted. One thread uses it."""

    def __init__(
        self,
        spool: Spool,
        signer: StreamSigner,
        resource: Mapping[str, Value],
        delivery: Delivery,
        adopter: Adopter,
        declare: Callable[[Missing], None],
        jitter: Callable[[], float],
        clock: Clock,
    ) -> None:
        """`declare` seals what is missing. `jitter` gives numbers from 0 to 1: processes part on their way back."""
        self._spool = spool
        self._signer = signer
        self._resource = resource
        self._delivery = delivery
        self._adopter = adopter
        self._declare = declare
        self._jitter = jitter
        self._clock = clock
        self._shipped_through = 0
        self._batch: list[SignedRecord] = []
        """What the sink has not accepted yet."""
        self._refusals = 0
        self._not_before_ns = 0

    def step(self) -> float:
        """Ship a batch of each source; the seconds until the next step makes sense."""
        pause_s = (self._not_before_ns - self._clock()) / 10**9
        if pause_s > 0:  # new records wake us, and a sink that refuses is not to be asked more often for that
            return pause_s
        try:
            is_more = self.ship()
            is_more |= self._adopter.ship(self._shipped_through)
        except ExportError as error:
            return self._pause(error)
        if self._refusals:
            _log.warning("affidavit: the sink accepts records again")
            self._refusals = 0
        return 0.0 if is_more else self._adopter.seconds_until_due()

    def ship(self) -> bool:
        """Ship one batch of the own stream; whether there may be more.

        Raises:
            ExportError: The sink did not accept it; it stays.
        """
        batch = self._batch = self._batch or self._take_at_hand() or self._read()
        if not batch:
            return False
        sizes = accumulate(map(size_of, batch))
        count = max(1, sum(1 for _ in takewhile(lambda size: size <= BATCH_BYTES, sizes)))
        self._delivery.deliver(self._resource, batch[:count])
        self._batch = batch[count:]
        through = batch[count - 1].record.number
        self._note_damage(batch[:count])
        self._spool.acknowledge(through)
        kept = self._signer.kept
        for number in [number for number in kept if number <= through]:
            del kept[number]
        return through < self._signer.signed_through

    def _take_at_hand(self) -> list[SignedRecord]:
        """What comes next, if the signer has put it ready."""
        at_hand, number = self._signer.at_hand, self._shipped_through + 1
        while at_hand and at_hand[0].record.number < number:
            at_hand.popleft()
        batch: list[SignedRecord] = []
        while at_hand and at_hand[0].record.number == number and len(batch) < BATCH_RECORDS:
            batch.append(at_hand.popleft())
            number += 1
        return batch

    def _read(self) -> list[SignedRecord]:
        """What comes next, from the spool."""
        signer = self._signer
        return [
            SignedRecord(record, signature or signer.kept.get(record.number), signer.endorsement)
            for record, signature in self._spool.read(BATCH_RECORDS, signer.signed_through)
        ]

    def close(self) -> None:
        """Let go of what was adopted and not shipped; somebody else finds it."""
        self._adopter.close()

    def _note_damage(self, batch: Sequence[SignedRecord]) -> None:
        """A bad block, or somebody's hand: what the spool has lost is declared, or a verifier would call it a gap."""
        records = [signed.record for signed in batch]
        for missing in find_damage(records, self._shipped_through, self._clock()):
            self._declare(missing)
        self._shipped_through = records[-1].number

    def _pause(self, error: ExportError) -> float:
        if not self._refusals:
            _log.warning("affidavit: records wait in the spool: %s", error)
        longest_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._refusals, 10))
        pause_s = error.retry_after_s or longest_s * (0.5 + self._jitter() / 2)
        self._refusals += 1
        self._not_before_ns = self._clock() + int(pause_s * 10**9)
        return pause_s
