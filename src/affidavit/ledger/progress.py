"""How far a stream is proven, record by record in the order of its numbers.

A record is proven if its own signature verifies, or if a proven record's previous hash names it, or if it is among the
leaves of a valid checkpoint. So unproven records wait in a run, each linked to the one before it: the next proven one
proves them all, and a gap or a broken link leaves them unproven for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.ledger import rows

if TYPE_CHECKING:
    from affidavit.ledger.rows import RecordRow


class Progress:
    """The proof of one stream so far."""

    def __init__(self) -> None:
        self.proven = 0
        self.through = 0
        """Everything up to this number is here (or declared missing) and proven."""
        self.through_ns = 0
        self.newest_ns = 0
        """The newest time in any proven record."""
        self.is_first_proven = False
        self.waits_from = 0
        """The first number of the waiting run; 0 if there is none."""
        self.waits_for: RecordRow | None = None
        """The first sound record of the run."""
        self.has_control = False
        """Whether a control record waits: those carry a signature always, so it should not."""
        self._waiting = 0
        self._last_ns = 0
        self._latest_ns = 0
        self._last = 0
        self._is_whole = True

    def add(self, record: RecordRow, *, proven: bool, is_sound: bool) -> None:
        """The next record; the link to the one before it holds, unless the run was dropped.

        Of one that is not sound something worse has been said than that nothing proves it.
        """
        self._is_whole = self._is_whole and is_sound
        self._waiting += 1
        self._last, self._last_ns = record.number, record.observed_ns
        self._latest_ns = max(self._latest_ns, record.observed_ns)
        if proven:
            self.prove()
            return
        if not self.waits_from:
            self.waits_from = record.number
        if is_sound:
            self.waits_for = self.waits_for or record
            self.has_control = self.has_control or record.event != rows.ORDINARY

    def prove(self) -> None:
        """The newest record is proven, and with it all that waited."""
        if not self._waiting:
            return
        if self.proven == 0 and self._is_whole:
            self.is_first_proven = True
        self.proven += self._waiting
        self.newest_ns = max(self.newest_ns, self._latest_ns)
        if self._is_whole:
            self.through, self.through_ns = self._last, self._last_ns
        self._forget()

    def drop(self) -> None:
        """What waits cannot be proven any more."""
        if self._waiting:
            self._is_whole = False
        self._forget()

    def spoil(self) -> None:
        """Here is a record that is not as it was sealed, or none at all: nothing behind this is whole."""
        self._is_whole = False

    def _forget(self) -> None:
        self.waits_from = self._waiting = self._latest_ns = 0
        self.waits_for = None
        self.has_control = False
