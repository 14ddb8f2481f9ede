"""The judgement of one stream: its rows in the order of numbers, once, in constant memory.

What a verifier believes. A record is proven as ``progress`` says. Order is by number, never by time. Nothing in an
unproven record is believed; what a control record says of other records counts only under the signature of its own
stream's key (``claims``), and beside a key that a pinned identity vouches for only under such a one (``vouching``).

A gap is what no proven record declares missing. An end closes a stream if the stream's key signed it and nothing
follows; a recovery closes one if its last leaf is the one that the adopter saw. Everything else is an open tail.

A record that its own key has not signed may wait for a checkpoint. In a stream that signs each record nothing waits:
there, and for a control record in any stream, what nothing proves is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from affidavit.ledger import rows
from affidavit.ledger.merkle import Frontier
from affidavit.ledger.progress import Progress
from affidavit.ledger.ranges import Range
from affidavit.ledger.report import Kind, Verdict
from affidavit.ledger.versions import Versions, is_fork
from affidavit.ledger.vouching import StreamKeys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from affidavit.ledger.findings import Findings
    from affidavit.ledger.rows import ClaimRow, Place, RecordRow, StartRow


@dataclass(frozen=True, slots=True)
class Demands:
    """What is asked of the files."""

    is_subset: bool = False
    """They were filtered: nothing is asked of records that are not there."""
    is_closed: bool = False
    """Every stream must have its end."""
    since_ns: int | None = None
    """They begin at this time: a stream that was there before may begin in its middle. Its endorsement tells."""


@dataclass(slots=True)
class Tally:
    """What is counted in one stream."""

    records: int = 0
    adopted: int = 0
    duplicates: int = 0
    withheld: int = 0
    unchecked: int = 0
    missing: int = 0


class StreamJudge:
    """Takes the rows of one stream, number by number; then ``closing`` says how it ends."""

    def __init__(self, stream: bytes, demands: Demands, findings: Findings) -> None:
        self.stream = stream
        self.demands = demands
        self.verdict = Verdict.AUTHENTIC if demands.is_subset else Verdict.VERIFIED
        self.progress = Progress()
        self.keys = StreamKeys()
        self.tally = Tally()
        self.first: RecordRow | None = None
        self.last: RecordRow | None = None
        self.number = 0
        """The newest number that is accounted for, by a record or by what stands in its place."""
        self.start: StartRow | None = None
        self.newest: ClaimRow | None = None
        """The claim with the newest number given out under the spool root."""
        self.end = 0
        """The number of the end; 0 if there is none that can be believed."""
        self.recovered = 0
        """The last number that an adopter found; 0 if nobody did."""
        self._findings = findings
        self._frontier: Frontier | None = Frontier()
        """Over the records 1 to the newest; None once one of them is missing or in doubt."""
        self._leaves: frozenset[bytes] = frozenset()
        """What the next record may link to; empty if the newest is unsound or not here."""
        self._declared: list[Range] = []
        self._signs_each = False
        """Whether records other than control records are signed by the stream's key."""

    def take(self, number: int, group: Iterable[bytes]) -> None:
        """All rows at `number`, in their order."""
        versions = Versions()
        for row in group:
            row_type = rows.row_type(row)
            if row_type == rows.RECORD:
                versions.add(rows.unpack_record(row))
                continue
            if versions.found:
                self._settle(versions)
                versions = Versions()
            if row_type == rows.FINDING:
                self._take_finding(row, number)
            elif row_type == rows.START:
                self.start = rows.unpack_start(row)
            elif self.keys.believe(claim := rows.unpack_claim(row)):
                _TAKE[row_type](self, claim)
        if versions.found:
            self._settle(versions)

    def find(
        self, kind: Kind, message: str, place: Place, *, number: int = 0, record_id: bytes = rows.NO_RECORD
    ) -> None:
        """Report something about this stream."""
        self.verdict = max(self.verdict, kind.verdict)
        self._findings.add(kind, message, place, stream=self.stream, number=number, record_id=record_id)

    def find_at(self, kind: Kind, message: str, record: RecordRow) -> None:
        """Report something about `record`."""
        self.find(kind, message, record.place, number=record.number, record_id=record.record_id)

    def leave_unproven(self) -> None:
        """No proof will come any more for the records that wait. Where they should not have waited, say so."""
        waiting, progress = self.progress.waits_for, self.progress
        if waiting and (self._signs_each or progress.has_control or self.demands.is_subset or not progress.proven):
            self.find_at(Kind.UNPROVEN, f"nothing proves {Range(waiting.number, self.number)}", waiting)
            progress.drop()

    def _take_finding(self, row: bytes, number: int) -> None:
        found = rows.unpack_finding(row)
        if number > self.number:  # no record is here: its text is unsound
            self._skip_to(number, found.place, found.record_id, may_begin=self.demands.since_ns is not None)
            self._abandon()
            self._lose_sight()
            self.number = number
        self.find(found.kind, found.message, found.place, number=number, record_id=found.record_id)

    def _settle(self, versions: Versions) -> None:
        """Decide which record stands under the next number, and how it hangs on what was before."""
        record, others = versions.choose(self._leaves)
        since_ns = self.demands.since_ns
        may_begin = since_ns is not None and record.began_ns < since_ns <= record.observed_ns
        self._skip_to(record.number, record.place, record.record_id, may_begin=may_begin)
        self._check_link(record)
        is_sound = record.signed != rows.REFUSED and not others
        for version in (record, *others):
            if not self.keys.admit(version):
                is_sound = False
                self.find_at(Kind.FORK, "a second key for this stream", version)
        for other in others:
            kind = Kind.FORK if is_fork(record, other) else Kind.VERSION
            self.find_at(kind, "another record with the same number", other)
        self._hang(record, frozenset(versions.found), is_sound=is_sound)
        self._count(record, versions.duplicates)

    def _skip_to(self, number: int, place: Place, record_id: bytes, *, may_begin: bool) -> None:
        """Account for the numbers between the newest and `number`, where nothing is."""
        if number <= self.number + 1:
            return
        skipped = Range(self.number + 1, number - 1)
        self._lose_sight()
        bereft = self._abandon()
        lost = skipped.minus(self._declared)
        if self.demands.is_subset or (self.number == 0 and may_begin):
            return
        if lost:
            self.progress.spoil()
        if lost and self.number == 0:
            self.find(Kind.NO_START, f"it begins with #{number}", place, record_id=record_id)
            return
        because = f", and with it what would prove {bereft}" if bereft else ""
        for range_ in lost:
            self.find(Kind.GAP, f"{range_} missing{because}", place, number=range_.first, record_id=record_id)
        if bereft and not lost:
            self.find(Kind.GAP, f"what would prove {bereft} is missing", place, number=bereft.first)

    def _check_link(self, record: RecordRow) -> None:
        if self.end:
            self.find_at(Kind.LINK, f"it stands behind the end, #{self.end}", record)
        if not self._leaves or record.previous in self._leaves:
            return
        if rows.REFUSED not in (record.signed, self.last.signed if self.last else rows.UNSIGNED):
            self.find_at(Kind.LINK, f"it does not link to #{self.number} as that is here", record)
        self._abandon()
        self.progress.spoil()
        self._frontier = None

    def _hang(self, record: RecordRow, leaves: frozenset[bytes], *, is_sound: bool) -> None:
        """Make `record` the newest one."""
        if not is_sound:
            self.progress.spoil()
            self._frontier = None
        if self._frontier is not None:
            self._frontier.append(record.leaf)
        proven = self.keys.prove(record)
        self.progress.add(record, proven=proven)
        if proven and record.signed == rows.SIGNED:
            self._signs_each = self._signs_each or record.event == rows.ORDINARY
            self.end = record.number if record.event == rows.END else self.end
        self.first, self.last = self.first or record, record
        self.number, self._leaves = record.number, leaves

    def _count(self, record: RecordRow, duplicates: int) -> None:
        tally = self.tally
        tally.records += 1
        tally.duplicates += duplicates
        tally.withheld += record.withheld
        tally.adopted += record.signed == rows.ADOPTED
        tally.unchecked += record.signed == rows.UNCHECKED

    def _abandon(self) -> Range | None:
        """The records that wait are proven by nothing from here on; which, unless that was reported already."""
        self.leave_unproven()
        bereft = Range(self.progress.waits_from, self.number) if self.progress.waits_for else None
        self.progress.drop()
        return bereft

    def _lose_sight(self) -> None:
        self._frontier = None
        self._leaves = frozenset()

    def _take_missing(self, claim: ClaimRow) -> None:
        self.tally.missing += claim.amount
        if claim.value:
            self._declared = [range_ for range_ in self._declared if range_.last > self.number]
            self._declared.append(Range(claim.number, claim.value))

    def _take_checkpoint(self, claim: ClaimRow) -> None:
        if self.newest is None or claim.value > self.newest.value:
            self.newest = claim
        if self._frontier is None or claim.number != self.number:
            return  # a root needs every leaf
        if self._frontier.root() == claim.hash:
            self.progress.prove()
        else:
            message = f"its root is not that of records 1 to {claim.number}"
            self.find(Kind.CHECKPOINT, message, claim.place, number=claim.by_number, record_id=claim.by_record)

    def _take_recovered(self, claim: ClaimRow) -> None:
        self.recovered = claim.number
        if self.number < claim.number:
            may_begin = self.demands.since_ns is not None
            self._skip_to(claim.number + 1, claim.place, claim.by_record, may_begin=may_begin)
            self.number = claim.number
        elif self._leaves and claim.hash not in self._leaves and self.last:
            self.find_at(Kind.RECOVERY, "its adopter saw another record with this number", self.last)


_TAKE = {
    rows.MISSING: StreamJudge._take_missing,  # noqa: SLF001  # the class's own
    rows.CHECKPOINT: StreamJudge._take_checkpoint,  # noqa: SLF001  # likewise
    rows.RECOVERED: StreamJudge._take_recovered,  # noqa: SLF001  # likewise
}
