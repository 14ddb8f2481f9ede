"""Takes over what dead processes left in the spool root: signs it in its own name, says so, ships it, clears it away.

A record without a signature gets one by the adopter's stream key, of type ``affidavit-adopted+jws``, and travels with
the adopter's endorsement: whoever could write the spool between the crash and the adoption could have altered it, and
a verifier says so. ``audit.stream.recovered``, sealed in the adopter's own stream, tells where the dead stream
stopped. It is shipped first: without it, what was signed as adopted proves nothing.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.errors import SpoolError
from affidavit.ledger.hashing import leaf_hash
from affidavit.ledger.signature import ADOPTED, Signer
from affidavit.model import SignedRecord
from affidavit.pipeline.control import Recovered, recovered_facts
from affidavit.pipeline.delivery import BATCH_RECORDS
from affidavit.pipeline.losses import find_damage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from affidavit.interfaces import Clock
    from affidavit.model import SealedRecord, Value
    from affidavit.pipeline.audit_logger import AuditLogger
    from affidavit.pipeline.delivery import Delivery
    from affidavit.spool.orphan import Orphan

_log = logging.getLogger(__name__)

ADOPTION_NS = 30 * 10**9


def format_meta(endorsement: str, resource: Mapping[str, Value]) -> bytes:
    """What an adopter must know of a stream, kept at the head of each of its segments."""
    return json.dumps({"endorsement": endorsement, "resource": dict(resource)}).encode()


@dataclass(frozen=True, slots=True)
class _Batch:
    orphan: Orphan
    resource: Mapping[str, Value]
    records: list[SignedRecord]
    after: int
    """The number, in our own stream, of the record that says so."""


class Adopter:
    """Looks for dead processes' spools when it starts and every 30 s, and ships them one batch at a time."""

    def __init__(
        self,
        logger: AuditLogger,
        delivery: Delivery,
        clock: Clock,
        find: Callable[[], Iterator[Orphan]],
        is_listed: Callable[[bytes], bool],
    ) -> None:
        """`find` gives the spools that nobody lives in, each locked for us; `is_listed` knows the starts of streams."""
        self._logger = logger
        self._endorsement = logger.stream.endorsement
        self._signer = Signer(logger.stream.key, ADOPTED)
        self._delivery = delivery
        self._clock = clock
        self._find = find
        self._is_listed = is_listed
        self._batches = self._adopt_none()
        self._batch: _Batch | None = None
        self._due_ns = clock()

    def seconds_until_due(self) -> float:
        """When to look for orphans again."""
        return max(0.0, (self._due_ns - self._clock()) / 10**9)

    def ship(self, shipped_through: int) -> bool:
        """Ship one batch of what was adopted, if there is any and its time has come; whether there may be more.

        Args:
            shipped_through: The last number of our own stream that the sink has.

        Raises:
            ExportError: The sink did not accept the batch; the next call tries it again.
        """
        if self._batch is None:
            self._batch = next(self._batches, None)
        if self._batch is None and self._clock() >= self._due_ns:
            self._due_ns = self._clock() + ADOPTION_NS
            self._batches = self._adopt_all()
            self._batch = next(self._batches, None)
        if self._batch is None or self._batch.after > shipped_through:
            return False
        self._delivery.deliver(self._batch.resource, self._batch.records)
        self._batch.orphan.acknowledge(self._batch.records[-1].record.number)
        self._batch = None
        return True

    def close(self) -> None:
        """Let go of the orphan in hand; somebody else finds it."""
        self._batches.close()

    def _adopt_none(self) -> Generator[_Batch]:
        yield from ()

    def _adopt_all(self) -> Generator[_Batch]:
        for orphan in self._find():
            try:
                yield from self._adopt(orphan)
                # Only reached once the sink has taken the last batch: until then the records are nowhere else.
                orphan.discard()
            except (SpoolError, ValueError) as error:  # ValueError: what it says of itself cannot be read
                _log.warning("affidavit: a dead process's records wait for a later adopter: %s", error)
            finally:
                orphan.close()

    def _adopt(self, orphan: Orphan) -> Generator[_Batch]:
        after = self._survey(orphan)
        if after is None:
            return
        meta = json.loads(orphan.meta)
        records = orphan.records()
        while batch := [self._sign(*pair, meta["endorsement"]) for pair in islice(records, BATCH_RECORDS)]:
            yield _Batch(orphan, meta["resource"], batch, after)

    def _sign(self, record: SealedRecord, signature: str | None, endorsement: str) -> SignedRecord:
        if signature is not None:
            return SignedRecord(record, signature, endorsement)
        return SignedRecord(record, self._signer.sign(record.text), self._endorsement)

    def _survey(self, orphan: Orphan) -> int | None:
        """Say in our own stream where the dead one stopped, and which of its records are damaged.

        Returns the number of the record that says where, or None if it was no stream: its start was never listed.
        """
        last: SealedRecord | None = None
        first = last_signed = 0
        for record, signature in orphan.records(after=0):
            if record.number == 1 and not self._is_listed(record.text):
                return None
            first = first or record.number
            after = record.number - 1 if last is None else last.number
            for missing in find_damage([record], after, self._clock()):
                self._logger.declare(missing)
            last_signed = record.number if signature is not None else last_signed
            last = record
        if last is None:
            return None
        recovered = Recovered(orphan.stream_id, first, last.number, leaf_hash(last.text).hex(), last_signed)
        return self._logger.emit_control(semconv.STREAM_RECOVERED, recovered_facts(recovered)).number
