"""The streams of one spool root among themselves: a stream that was deleted whole is a number that nobody has.

Each start takes the next number under its root and names the start before it; each checkpoint says the newest number
given out. As with records, small rows that sort by root and number are judged in one ordered pass. What is numbered
below the least that is here may have been exported earlier, and is nobody's gap.
"""

from __future__ import annotations

from itertools import groupby
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from affidavit.ledger import rows
from affidavit.ledger.ranges import Range
from affidavit.ledger.report import Kind
from affidavit.ledger.rows import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from affidavit.ledger.findings import Findings
    from affidavit.ledger.judge import StreamJudge

_STREAM, _NEWEST = range(2)
_ROW = Struct(">16sQB16s32s32s16sII")
_SPOOL = slice(0, 16)


class SpoolRow(NamedTuple):
    """A stream with its place under a root; or that a number was given out, by the record that says so."""

    spool: bytes
    number: int
    row_type: int
    stream: bytes
    leaf: bytes
    previous: bytes
    record_id: bytes
    file: int
    line: int


def spool_rows(judge: StreamJudge) -> Iterator[bytes]:
    """What `judge` has learnt of its stream's root, once the stream's first record is proven."""
    start, first, newest = judge.start, judge.chain.first, judge.newest
    if start is None or first is None or first.number != 1 or not judge.progress.is_first_proven:
        return
    own = (judge.stream, first.leaf, start.spool_previous, first.record_id, *first.place)
    yield _ROW.pack(start.spool, start.spool_number, _STREAM, *own)
    if newest is not None and newest.value:
        said = (judge.stream, rows.NO_HASH, rows.NO_HASH, newest.by_record, *newest.place)
        yield _ROW.pack(start.spool, newest.value, _NEWEST, *said)


def judge_spools(ordered: Iterable[bytes], findings: Findings) -> None:
    """Report what is missing among the streams of each root, from sorted ``spool_rows``."""
    for _, group in groupby(ordered, key=lambda row: row[_SPOOL]):
        _judge_spool(map(_unpack, group), findings)


def _judge_spool(places: Iterator[SpoolRow], findings: Findings) -> None:
    last: SpoolRow | None = None
    for place in places:
        if last is not None:
            _compare(last, place, findings)
        if place.row_type == _STREAM or last is None or place.number > last.number:
            last = place


def _compare(last: SpoolRow, place: SpoolRow, findings: Findings) -> None:
    is_stream = place.row_type == _STREAM
    where = Place(place.file, place.line)
    missing_to = place.number - 1 if is_stream else place.number
    if last.number < missing_to:
        missing = Range(last.number + 1, missing_to)
        message = f"of the streams under root {rows.format_uuid(place.spool)}, {missing} missing"
        findings.add(Kind.SPOOL, message, where, stream=place.stream, record_id=place.record_id)
    if not is_stream or last.row_type != _STREAM:
        return
    if last.number == place.number and last.stream != place.stream:
        message = f"two streams are #{place.number} under root {rows.format_uuid(place.spool)}"
        findings.add(Kind.FORK, message, where, stream=place.stream, number=1, record_id=place.record_id)
    elif last.number + 1 == place.number and last.leaf != place.previous:
        message = f"its start does not link to that of stream {rows.format_uuid(last.stream)}, the one before it"
        findings.add(Kind.LINK, message, where, stream=place.stream, number=1, record_id=place.record_id)


def _unpack(row: bytes) -> SpoolRow:
    return SpoolRow._make(_ROW.unpack(row))
