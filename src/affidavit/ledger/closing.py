"""What is left to say of a stream when all its records have been seen: how it ends, and under whom it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit import base64url
from affidavit.ledger.report import Kind, StreamReport
from affidavit.ledger.rows import format_uuid

if TYPE_CHECKING:
    from affidavit.ledger.judge import StreamJudge
    from affidavit.ledger.rows import RecordRow

_SECOND = 1_000_000_000
_SILENT_HEARTBEATS = 2


def close_stream(judge: StreamJudge, newest_ns: int) -> StreamReport | None:
    """The report of the stream; None if it has no sound record. `newest_ns` is the newest time seen in any stream."""
    first, last, progress, tally = judge.chain.first, judge.chain.last, judge.progress, judge.tally
    if first is None or last is None:
        return None
    judge.leave_unproven()
    tally.proven = progress.proven
    closing = "ended" if judge.end == last.number else "recovered" if judge.recovered >= last.number else "open"
    if closing == "open" and not judge.demands.is_subset:
        _check_tail(judge, last, newest_ns)
    for identity in sorted(judge.keys.unpinned):
        thumbprint = base64url.encode(identity)
        judge.find(Kind.UNPINNED, f"consistent under {thumbprint}, which is not a trusted key", last.place)
    return StreamReport(
        stream_id=format_uuid(judge.stream),
        verdict=judge.verdict,
        first=first.number,
        last=last.number,
        verified_through=progress.through,
        verified_time_ns=progress.through_ns,
        closing=closing,
        records=tally.records,
        proven=tally.proven,
        adopted=tally.adopted,
        withheld=tally.withheld,
    )


def _check_tail(judge: StreamJudge, last: RecordRow, newest_ns: int) -> None:
    if judge.demands.is_closed:
        judge.find(Kind.OPEN, f"no end after #{last.number}", last.place, record_id=last.record_id)
    start = judge.start if judge.progress.is_first_proven else None
    silent_ns = newest_ns - judge.progress.newest_ns
    if start and judge.progress.proven and silent_ns > _SILENT_HEARTBEATS * start.heartbeat_s * _SECOND:
        judge.find_at(
            Kind.SILENCE, f"then silence for {silent_ns // _SECOND} s, its heartbeat is {start.heartbeat_s} s", last
        )
