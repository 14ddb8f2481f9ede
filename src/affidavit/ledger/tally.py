"""What is counted while streams are judged."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from affidavit.ledger import rows

if TYPE_CHECKING:
    from affidavit.ledger.rows import RecordRow


@dataclass(slots=True)
class Tally:
    """Counts by the names that they have in ``report.Counts``. Grows."""

    records: int = 0
    proven: int = 0
    adopted: int = 0
    duplicates: int = 0
    withheld: int = 0
    unchecked: int = 0
    missing: int = 0
    foreign: int = 0

    def count(self, record: RecordRow, duplicates: int) -> None:
        """One record, and how often it came again."""
        self.records += 1
        self.duplicates += duplicates
        self.withheld += record.withheld
        self.adopted += record.signed == rows.ADOPTED
        self.unchecked += record.signed == rows.UNCHECKED

    def merge(self, other: Tally) -> None:
        """All that `other` has counted."""
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))
