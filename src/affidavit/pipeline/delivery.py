"""One batch on its way to the sink: records become log records, and the exporter takes them whole or not at all."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from affidavit.ledger.projection import project
from affidavit.model import LogRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from affidavit.interfaces import Exporter
    from affidavit.model import SignedRecord, Value

BATCH_RECORDS = 512
BATCH_BYTES = 4 * 1024 * 1024
"""Collectors refuse requests above 20 MiB; a text has at most 32 KiB, and travels once."""


class Delivery:
    """Hands batches of one origin to the exporter."""

    def __init__(self, exporter: Exporter, *, statement_as_body: bool) -> None:
        self._exporter = exporter
        self._statement_as_body = statement_as_body

    def deliver(self, resource: Mapping[str, Value], batch: Sequence[SignedRecord]) -> None:
        """Deliver `batch`.

        Raises:
            ExportError: The sink did not accept it.
        """
        self._exporter.export(resource, _Projected(batch, statement_as_body=self._statement_as_body))


class _Projected(Collection[LogRecord]):
    """The log records of a batch, one at a time.

    All at once they are tens of thousands of objects. The collector of garbage went through the whole process for
    them, once every few batches: a tenth of what a record cost.
    """

    def __init__(self, batch: Sequence[SignedRecord], *, statement_as_body: bool) -> None:
        self._batch = batch
        self._statement_as_body = statement_as_body

    def __len__(self) -> int:
        return len(self._batch)

    def __iter__(self) -> Iterator[LogRecord]:
        return (project(signed, statement_as_body=self._statement_as_body) for signed in self._batch)

    def __contains__(self, record: object) -> bool:
        return any(record == own for own in self)


def size_of(signed: SignedRecord) -> int:
    """Roughly the bytes that `signed` takes in a request."""
    return len(signed.record.text) + sum(map(len, signed.record.disclosures)) + len(signed.endorsement)
