"""Verify records in memory: the same examination and judgement as a file gets, without the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from affidavit.ledger.demands import Demands
from affidavit.ledger.examine import Examiner
from affidavit.ledger.rows import Place, signed_time
from affidavit.ledger.trust import parse_jwks
from affidavit.ledger.verify import judge
from affidavit.readers.otlp_json import parse_line
from support.streams import IDENTITY, jwks, otlp_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from affidavit.ledger.report import Report
    from affidavit.model import SignedRecord

TRUSTED = parse_jwks(jwks(IDENTITY).encode())


class InMemory(list):
    """Sorts rows without a disk."""

    add = list.extend

    def sorted(self):
        return iter(sorted(self))


def verify(
    records: Iterable[SignedRecord | Mapping[str, Any]], trusted: frozenset[str] = TRUSTED, **demands: Any
) -> Report:
    """The report over `records`, sealed ones or OTLP log records as dictionaries; each on a line of its own."""
    examiner = Examiner(trusted)
    rows = InMemory()
    for number, record in enumerate(records, 1):
        encoded = record if isinstance(record, dict) else otlp_record(record)
        batch = {"resourceLogs": [{"scopeLogs": [{"logRecords": [encoded]}]}]}
        for stored in parse_line(json.dumps(batch).encode()).records:
            rows.add(examiner.examine(stored, Place(0, number)))
    newest_ns = max(map(signed_time, rows), default=0)
    return judge(rows, InMemory(), Demands(**demands), newest_ns=newest_ns, foreign=0, paths=["f"], limit=100)


def said(report: Report) -> tuple[str, list[tuple[str, int]]]:
    """The verdict, and kind and number of each finding."""
    return report.verdict.word, [(finding.kind.value, finding.number) for finding in report.findings]


def put(record: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """`record` with another value in one attribute: a string, or an AnyValue; without the attribute if None."""
    others = [item for item in record["attributes"] if item["key"] != key]
    if value is None:
        return {**record, "attributes": others}
    wrapped = value if isinstance(value, dict) else {"stringValue": value}
    return {**record, "attributes": [*others, {"key": key, "value": wrapped}]}


def attribute(record: dict[str, Any], key: str) -> str:
    """The string in one attribute."""
    return next(item["value"]["stringValue"] for item in record["attributes"] if item["key"] == key)
