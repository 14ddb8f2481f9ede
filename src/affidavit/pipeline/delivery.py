"""One batch on its way to the sink: records become log records, and the exporter takes them whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.ledger.projection import project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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

    def deliver(self, resource: Mapping[str, Value], batch: Iterable[SignedRecord]) -> None:
        """Deliver `batch`.

        Raises:
            ExportError: The sink did not accept it.
        """
        records = [project(signed, statement_as_body=self._statement_as_body) for signed in batch]
        self._exporter.export(resource, records)


def size_of(signed: SignedRecord) -> int:
    """Roughly the bytes that `signed` takes in a request."""
    return len(signed.record.text) + sum(map(len, signed.record.disclosures)) + len(signed.endorsement)
