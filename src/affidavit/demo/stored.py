"""The demo's file of OTLP JSON lines, as log records and as the facts in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from affidavit import semconv
from affidavit.ledger import canonical
from affidavit.ledger.disclosure import parse_disclosure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from affidavit.model import Value


def log_records(batch: Any) -> Iterator[dict[str, Any]]:
    """Every log record of `batch`, an ``ExportLogsServiceRequest`` in OTLP's JSON."""
    for resource in batch["resourceLogs"]:
        for scope in resource["scopeLogs"]:
            yield from scope["logRecords"]


def attribute(record: dict[str, Any], key: str) -> str:
    """The text of the attribute `key` of `record`; empty if there is none."""
    for item in record["attributes"]:
        if item["key"] == key:
            return str(item["value"]["stringValue"])
    return ""


def read_facts(data: bytes) -> list[dict[str, Value]]:
    """The facts of every record in `data`, statement and disclosures together, in the order of their time."""
    facts = [_facts(record) for line in data.splitlines() for record in log_records(json.loads(line))]
    return sorted(facts, key=lambda facts: int(str(facts[semconv.TIMESTAMP])))


def _facts(record: dict[str, Any]) -> dict[str, Value]:
    facts = canonical.parse(attribute(record, semconv.STATEMENT).encode())
    for disclosure in attribute(record, semconv.DISCLOSURES).splitlines():
        facts |= parse_disclosure(disclosure.encode())
    return facts
