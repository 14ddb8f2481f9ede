"""From examined records to the report: streams first, then the roots they share, then one verdict.

Two ordered passes in constant memory, but for one ``StreamReport`` a stream: the rows of all records, and the few rows
that streams leave about their spool roots. Whoever calls brings what sorts them, since that takes a disk.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol

from affidavit import base64url
from affidavit.ledger import rows
from affidavit.ledger.closing import close_stream
from affidavit.ledger.findings import Findings
from affidavit.ledger.judge import StreamJudge
from affidavit.ledger.report import Counts, Kind, Report, StreamReport, Verdict
from affidavit.ledger.spools import judge_spools, spool_rows
from affidavit.ledger.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from affidavit.ledger.demands import Demands

_stream_of = itemgetter(slice(0, 16))
_number_of = itemgetter(slice(16, 24))


class Sorter(Protocol):
    """Takes rows in any order and gives them back sorted."""

    def add(self, rows: Iterable[bytes]) -> None:
        """Take `rows`."""

    def sorted(self) -> Iterator[bytes]:
        """All rows, in the order of their bytes."""


@dataclass(slots=True)
class _Sums:
    tally: Tally
    streams: list[StreamReport] = field(default_factory=list)
    unpinned: set[bytes] = field(default_factory=set)


def judge(
    examined: Sorter,
    spools: Sorter,
    demands: Demands,
    *,
    newest_ns: int,
    foreign: int,
    paths: Sequence[str],
    limit: int,
) -> Report:
    """The report over all rows in `examined`; `spools` is empty and used on the way.

    `newest_ns` is the newest time in any signed record, `foreign` how many log records were none of ours, `paths` the
    files by their index in a ``Place``, `limit` how many findings to list.
    """
    findings = Findings(paths, limit)
    sums = _Sums(Tally(foreign=foreign))
    for stream, group in groupby(examined.sorted(), _stream_of):
        if stream == rows.NO_STREAM:
            _report_lines(group, findings)
        else:
            _judge_stream(StreamJudge(stream, demands, findings), group, newest_ns, sums, spools)
    if not demands.is_subset:
        judge_spools(spools.sorted(), findings)
    if not sums.tally.records and not findings.found:
        findings.add(Kind.NO_RECORDS, "there is no audit record here", rows.Place(0, 0), stream=rows.NO_STREAM)
    return Report(
        verdict=findings.verdict(Verdict.AUTHENTIC if demands.is_subset else Verdict.VERIFIED),
        counts=Counts(**asdict(sums.tally)),
        streams=tuple(sums.streams),
        findings=tuple(findings.kept),
        found=dict(findings.found),
        unpinned=tuple(sorted(map(base64url.encode, sums.unpinned))),
    )


def _judge_stream(judge: StreamJudge, group: Iterable[bytes], newest_ns: int, sums: _Sums, spools: Sorter) -> None:
    for number, at_number in groupby(group, _number_of):
        judge.take(int.from_bytes(number, "big"), at_number)
    report = close_stream(judge, newest_ns)
    sums.tally.merge(judge.tally)
    sums.unpinned |= judge.keys.unpinned
    if report is not None:
        sums.streams.append(report)
        spools.add(spool_rows(judge))


def _report_lines(group: Iterable[bytes], findings: Findings) -> None:
    for row in group:
        found = rows.unpack_finding(row)
        findings.add(found.kind, found.message, found.place, stream=rows.NO_STREAM, record_id=found.record_id)
