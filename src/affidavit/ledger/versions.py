"""What stands under one number of a stream: usually one record, perhaps several times.

The same text again is a duplicate: queues deliver twice. Another text is another version: a fork if two are proven by a
signature of their own, else the work of somebody without the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.ledger import rows

if TYPE_CHECKING:
    from collections.abc import Container

    from affidavit.ledger.rows import RecordRow

_WORTH = {rows.SIGNED: 4, rows.ADOPTED: 3, rows.UNCHECKED: 2, rows.UNSIGNED: 1, rows.REFUSED: 0}
_REMEMBERED = 8  # further versions are reported as duplicates of nothing we keep: memory stays bounded


class Versions:
    """The records under one number, by their leaf."""

    def __init__(self) -> None:
        self.found: dict[bytes, RecordRow] = {}
        self.duplicates = 0

    def add(self, record: RecordRow) -> None:
        """Take one. Of the same text, the copy that proves most stays, with the least withheld in any copy."""
        known = self.found.get(record.leaf)
        if known is None:
            if len(self.found) < _REMEMBERED:
                self.found[record.leaf] = record
            return
        self.duplicates += 1
        better = max(known, record, key=_worth)
        self.found[record.leaf] = better._replace(withheld=min(known.withheld, record.withheld))

    def choose(self, leaves: Container[bytes]) -> tuple[RecordRow, list[RecordRow]]:
        """The version to believe: what is proven, else what links to one of `leaves`; and the others."""
        if len(self.found) == 1:
            return next(iter(self.found.values())), []
        chosen, *others = sorted(
            self.found.values(), key=lambda record: (_worth(record), record.previous in leaves), reverse=True
        )
        return chosen, others


def is_fork(chosen: RecordRow, other: RecordRow) -> bool:
    """Whether both versions are proven by a signature of their own."""
    return all(record.signed in (rows.SIGNED, rows.ADOPTED) for record in (chosen, other))


def _worth(record: RecordRow) -> tuple[int, bool]:
    return _WORTH[record.signed], record.trusted
