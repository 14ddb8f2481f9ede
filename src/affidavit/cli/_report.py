"""A verification's report, for people and for machines.

For people: one line a stream, then what is wrong, then the counts, and the verdict as the last line. For machines: the
whole report as one JSON object.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from affidavit.ledger.projection import escape
from affidavit.ledger.report import Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from affidavit.ledger.report import Counts, Finding, Report, StreamReport

_SHOWN_STREAMS = 50
_SHOWN_FINDINGS = 20
_SECOND = 1_000_000_000


def format_json(report: Report) -> str:
    """The whole report as JSON."""
    return json.dumps(
        {
            "verdict": report.verdict.word,
            "exit_code": report.verdict.exit_code,
            "unpinned_identities": report.unpinned,
            "counts": _members(report.counts),
            "streams": [{**_members(stream), "verdict": stream.verdict.word} for stream in report.streams],
            "findings": [{**_members(finding), "kind": finding.kind.value} for finding in report.findings],
            "found": {kind.value: count for kind, count in report.found.items()},
        },
        indent=2,
    )


def format_text(report: Report) -> str:
    """The report for people."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    for stream in report.streams[:_SHOWN_STREAMS]:
        yield _format_stream(stream)
    if len(report.streams) > _SHOWN_STREAMS:
        yield f"and {len(report.streams) - _SHOWN_STREAMS} more streams"
    if report.streams and report.findings:
        yield ""
    for finding in report.findings[:_SHOWN_FINDINGS]:
        yield from _format_finding(finding)
    left = sum(report.found.values()) - min(len(report.findings), _SHOWN_FINDINGS)
    if left:
        counted = ", ".join(f"{count} {kind.value}" for kind, count in report.found.items())
        yield f"and {left} more findings; in all: {counted}"
    yield ""
    yield _format_counts(report.counts)
    yield _format_verdict(report)


def _format_stream(stream: StreamReport) -> str:
    if stream.verdict is Verdict.AUTHENTIC:
        said = f"{stream.proven} of {_plural(stream.records, 'record')} shown proven"
    elif stream.verified_through:
        since = f"from #{stream.first} " if stream.first > 1 else ""
        said = f"{since}through #{stream.verified_through} at {_format_time(stream.verified_time_ns)}"
        if stream.last > stream.verified_through:
            said += f", of #{stream.last}"
        said += f", {stream.closing}"
    else:
        said = f"nothing from #{stream.first} to #{stream.last}, {stream.closing}"
    extra = [
        f", {count} {word}" for word, count in (("adopted", stream.adopted), ("withheld", stream.withheld)) if count
    ]
    return f"{stream.verdict.word:<12}  {stream.stream_id}  {said}{''.join(extra)}"


def _format_finding(finding: Finding) -> Iterator[str]:
    where = " ".join(
        word
        for word in (
            f"stream {finding.stream_id}" if finding.stream_id else "",
            f"#{finding.number}" if finding.number else "",
            f"record {finding.record_id}" if finding.record_id else "",
        )
        if word
    )
    place = f"{escape(finding.path)}:{finding.line}: " if finding.path else ""
    yield f"{place}{finding.kind.value}: {escape(finding.message)}"
    if where:
        yield f"    {where}"


def _format_counts(counts: Counts) -> str:
    words = [_plural(counts.records, "record"), f"{counts.proven} proven"]
    words += [f"{count} {name}" for name, count in list(_members(counts).items())[2:] if count]
    return ", ".join(words)


def _format_verdict(report: Report) -> str:
    if report.unpinned and report.verdict is Verdict.UNVERIFIABLE and set(report.found) == {Kind.UNPINNED}:
        return f"unverifiable: consistent under {', '.join(report.unpinned)}"
    return report.verdict.word


def _format_time(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // _SECOND, timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _members(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
