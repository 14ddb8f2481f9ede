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

from typing import TYPE_CHECKING

from affidavit.ledger import rows
from affidavit.ledger.adoptions import Adoptions
from affidavit.ledger.chain import Chain
from affidavit.ledger.progress import Progress
from affidavit.ledger.ranges import Range
from affidavit.ledger.report import Kind, Verdict
from affidavit.ledger.tally import Tally
from affidavit.ledger.versions import Versions, is_fork
from affidavit.ledger.vouching import StreamKeys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from affidavit.ledger.demands import Demands
    from affidavit.ledger.findings import Findings
    from affidavit.ledger.rows import ClaimRow, FindingRow, Place, RecordRow, StartRow


class StreamJudge:
    """Takes the rows of one stream, number by number; then ``closing`` says how it ends."""

    def __init__(self, stream: bytes, demands: Demands, findings: Findings) -> None:
        self.stream = stream
        self.demands = demands
        self.verdict = Verdict.AUTHENTIC if demands.is_subset else Verdict.VERIFIED
        self.chain = Chain()
        self.progress = Progress()
        self.keys = StreamKeys()
        self.tally = Tally()
        self.start: StartRow | None = None
        self.newest: ClaimRow | None = None
        """The claim with the newest number given out under the spool root."""
        self.end = 0
        """The number of the end; 0 if there is none that can be believed."""
        self.recovered = 0
        """The last number that an adopter found; 0 if nobody did."""
        self._findings = findings
        self._declared: list[Range] = []
        self._adoptions = Adoptions()
        self._signs_each = False
        """Whether records other than control records carry signatures."""

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
                self._take_finding(rows.unpack_finding(row), number)
            elif row_type == rows.START:
                self.start = rows.unpack_start(row)
            else:
                self._take_claim(row_type, rows.unpack_claim(row))
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
            self.find_at(Kind.UNPROVEN, f"nothing proves {Range(waiting.number, self.chain.number)}", waiting)
            progress.drop()

    def _settle(self, versions: Versions) -> None:
        """Decide which record stands under the next number, and how it hangs on what was before."""
        record, others = versions.choose(self.chain.leaves)
        skipped = self.chain.skips(record.number)
        if skipped:
            may_begin = self.demands.may_begin_with(record.began_ns, record.observed_ns)
            self._skip(skipped, record.place, record.record_id, may_begin=may_begin)
        elif not self.chain.takes(record):
            self._break(record)
        if self.end:
            self.find_at(Kind.LINK, f"it stands behind the end, #{self.end}", record)
        is_sound = self._check_versions(record, others)
        if not is_sound:
            self.chain.doubt()
        self.chain.append(record, frozenset(versions.found))
        self.tally.count(record, versions.duplicates)
        self._weigh(record, is_sound=is_sound)

    def _check_versions(self, record: RecordRow, others: list[RecordRow]) -> bool:
        """Whether there is nothing against `record` itself, nor any other under its number."""
        is_sound = record.signed != rows.REFUSED and not others
        for version in (record, *others):
            if not self.keys.admit(version):
                is_sound = False
                self.find_at(Kind.FORK, "a second key for this stream", version)
        for other in others:
            kind = Kind.FORK if is_fork(record, other) else Kind.VERSION
            self.find_at(kind, "another record with the same number", other)
        return is_sound

    def _weigh(self, record: RecordRow, *, is_sound: bool) -> None:
        """What the newest record proves."""
        proven = self.keys.prove(record)
        if record.signed == rows.ADOPTED and not self.demands.may_lack_adopters:
            proven = proven and self._adoptions.cover(record)
        self.progress.add(record, proven=proven, is_sound=is_sound)
        if record.event == rows.ORDINARY and record.signed != rows.UNSIGNED:
            self._signs_each = True
        if record.event == rows.END and record.signed == rows.SIGNED and proven:
            self.end = record.number

    def _skip(self, skipped: Range, place: Place, record_id: bytes, *, may_begin: bool) -> None:
        """Account for numbers where nothing is."""
        is_start = self.chain.number == 0
        bereft = self._abandon()
        self.chain.leave_out(skipped.last)
        lost = skipped.minus(self._declared)
        if self.demands.is_subset or (is_start and may_begin):
            return
        if lost:
            self.progress.spoil()
        if lost and is_start:
            self.find(Kind.NO_START, f"it begins with #{skipped.last + 1}", place, record_id=record_id)
            return
        because = f", and with it what would prove {bereft}" if bereft else ""
        for range_ in lost:
            self.find(Kind.GAP, f"{range_} missing{because}", place, number=range_.first, record_id=record_id)
        if bereft and not lost:
            self.find(Kind.GAP, f"what would prove {bereft} is missing", place, number=bereft.first)

    def _break(self, record: RecordRow) -> None:
        """`record` does not link to the newest one. If either was altered, that has been said."""
        last = self.chain.last
        if rows.REFUSED not in (record.signed, last.signed if last else rows.UNSIGNED):
            self.find_at(Kind.LINK, f"it does not link to #{self.chain.number} as that is here", record)
        self._abandon()
        self.progress.spoil()
        self.chain.doubt()

    def _abandon(self) -> Range | None:
        """The records that wait are proven by nothing from here on; which, unless that was reported already."""
        self.leave_unproven()
        waits_from = self.progress.waits_from
        bereft = Range(waits_from, self.chain.number) if self.progress.waits_for else None
        self.progress.drop()
        return bereft

    def _take_finding(self, found: FindingRow, number: int) -> None:
        if number == self.chain.number + 1:  # no record is here: its text is unsound
            self._abandon()
            self.progress.spoil()
            self.chain.leave_out(number)
        self.find(found.kind, found.message, found.place, number=number, record_id=found.record_id)

    def _take_claim(self, row_type: int, claim: ClaimRow) -> None:
        if not self.keys.believe(claim):
            return
        if row_type == rows.MISSING:
            self._take_missing(claim)
        elif row_type == rows.ADOPTION:
            self._adoptions.declare(claim)
        elif row_type == rows.CHECKPOINT:
            self._take_checkpoint(claim)
        else:
            self._take_recovered(claim)

    def _take_missing(self, claim: ClaimRow) -> None:
        self.tally.missing += claim.amount
        if claim.value:
            self._declared = [range_ for range_ in self._declared if range_.last > self.chain.number]
            self._declared.append(Range(claim.number, claim.value))

    def _take_checkpoint(self, claim: ClaimRow) -> None:
        if self.newest is None or claim.value > self.newest.value:
            self.newest = claim
        root = self.chain.root(claim.number)
        if root == claim.hash:
            self.progress.prove()
        elif root is not None:
            message = f"its root is not that of records 1 to {claim.number}"
            self.find(Kind.CHECKPOINT, message, claim.place, number=claim.by_number, record_id=claim.by_record)

    def _take_recovered(self, claim: ClaimRow) -> None:
        self.recovered = claim.number
        skipped, last = self.chain.skips(claim.number + 1), self.chain.last
        if skipped:
            may_begin = self.demands.since_ns is not None
            self._skip(skipped, claim.place, claim.by_record, may_begin=may_begin)
        elif self.chain.leaves and claim.hash not in self.chain.leaves and last:
            self.find_at(Kind.RECOVERY, "its adopter saw another record with this number", last)
