"""The findings of one verification: all of them counted, the first of them kept."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from affidavit.ledger.report import Finding, Kind, Verdict
from affidavit.ledger.rows import NO_RECORD, format_uuid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from affidavit.ledger.rows import Place


class Findings:
    """Collects. A class, because memory is bounded: what is not kept is counted."""

    def __init__(self, paths: Sequence[str], limit: int) -> None:
        """`paths` are the files by their index in a ``Place``; at most `limit` findings are kept."""
        self._paths = paths
        self._limit = limit
        self.kept: list[Finding] = []
        self.found: Counter[Kind] = Counter()

    def add(
        self, kind: Kind, message: str, place: Place, *, stream: bytes, number: int = 0, record_id: bytes = NO_RECORD
    ) -> None:
        """Count it, and keep it if there is room."""
        self.found[kind] += 1
        if len(self.kept) < self._limit:
            path = self._paths[place.file] if place.line else ""
            self.kept.append(
                Finding(kind, message, format_uuid(stream), number, format_uuid(record_id), path, place.line)
            )

    def verdict(self, best: Verdict) -> Verdict:
        """The worst that applies; `best` if nothing does."""
        return max([best, *(kind.verdict for kind in self.found)])
