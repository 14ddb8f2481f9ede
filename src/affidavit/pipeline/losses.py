"""Records that could not be kept, counted until there is space to say so in ``audit.records.missing``.

A process has one count, whichever of its streams comes to declare it.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from affidavit.pipeline.control import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from affidavit.model import SealedRecord


class Losses:
    """A count that any thread adds to and one declaration takes away. A class, because it is state with a lock."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.missing: Missing | None = None
        """What is to be declared."""

    def add(self, missing: Missing) -> bool:
        """Count `missing` in; whether it is the first since the last declaration."""
        with self._lock:
            known = self.missing
            self.missing = missing if known is None else _join(known, missing)
        return known is None

    def take(self) -> Missing | None:
        """What is to be declared now. Who cannot declare it adds it again."""
        with self._lock:
            missing, self.missing = self.missing, None
        return missing


def _join(one: Missing, other: Missing) -> Missing:
    return Missing(
        count=one.count + other.count,
        reason=one.reason,
        since_ns=min(one.since_ns, other.since_ns),
        until_ns=max(one.until_ns, other.until_ns),
    )


def find_damage(records: Iterable[SealedRecord], after: int, now_ns: int) -> Iterator[Missing]:
    """The records behind number `after` that a spool no longer has, told by the numbers of those that it has."""
    for record in records:
        if record.number > after + 1:
            first, last = after + 1, record.number - 1
            yield Missing(last - first + 1, "damaged", now_ns, now_ns, record.stream_id, first, last)
        after = record.number
