"""One stream's records as they hang together: numbers, links, and the Merkle tree as far as every leaf is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.ledger.merkle import Frontier
from affidavit.ledger.ranges import Range

if TYPE_CHECKING:
    from affidavit.ledger.rows import RecordRow


class Chain:
    """Where the stream stands. A class, because it only grows."""

    def __init__(self) -> None:
        self.number = 0
        """The newest number that is accounted for, by a record or by what stands in its place."""
        self.first: RecordRow | None = None
        self.last: RecordRow | None = None
        self._leaves: frozenset[bytes] = frozenset()
        self._frontier: Frontier | None = Frontier()

    @property
    def leaves(self) -> frozenset[bytes]:
        """What the next record may link to: several if the newest has versions, none if it is unsound or not here."""
        return self._leaves

    def skips(self, number: int) -> Range | None:
        """The numbers between the newest and `number`, of which nothing is here."""
        return Range(self.number + 1, number - 1) if number > self.number + 1 else None

    def takes(self, record: RecordRow) -> bool:
        """Whether `record` links to the newest one, as far as that can be said."""
        return not self._leaves or record.previous in self._leaves

    def append(self, record: RecordRow, versions: frozenset[bytes]) -> None:
        """Make `record` the newest one; `versions` are the leaves of all that stands under its number."""
        if self._frontier is not None:
            self._frontier.append(record.leaf)
        self.first, self.last = self.first or record, record
        self.number, self._leaves = record.number, versions

    def leave_out(self, number: int) -> None:
        """Nothing sound is here up to `number`: the next record cannot be compared, nor any root computed."""
        self.number, self._leaves, self._frontier = number, frozenset(), None

    def doubt(self) -> None:
        """The leaves are not surely those that were sealed: no root can be computed from here on."""
        self._frontier = None

    def root(self, size: int) -> bytes | None:
        """The root over records 1 to `size`, if those are all that is here so far and none is in doubt."""
        return self._frontier.root() if self._frontier is not None and size == self.number else None
