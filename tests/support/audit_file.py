"""What stands in an audit file, as facts: the statement's and, beside it, the disclosed ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Stored:
    """One log record of the file."""

    statement: dict[str, Any]
    disclosed: dict[str, Any]
    body: str
    attributes: dict[str, Any]
    severity: str

    @property
    def facts(self) -> dict[str, Any]:
        return {**self.statement, **self.disclosed}


def read_records(path: Path) -> list[Stored]:
    """Every record of the file at `path` so far, in the order of their numbers, stream by stream."""
    text = path.read_text() if path.exists() else ""
    records = [
        _stored(record)
        for line in text[: text.rfind("\n") + 1].split("\n")
        if line
        for resource in json.loads(line)["resourceLogs"]
        for scope in resource["scopeLogs"]
        for record in scope["logRecords"]
    ]
    return sorted(
        records, key=lambda r: (r.statement["audit.sequence.stream_id"], r.statement["audit.sequence.number"])
    )


def requests(path: Path) -> list[Stored]:
    """The records of requests, by the time they arrived."""
    found = [r for r in read_records(path) if r.statement["event_name"] == "http.server.request"]
    return sorted(found, key=lambda r: int(r.statement["timestamp"]))


def events(path: Path) -> list[str]:
    """The names of all events, in order."""
    return [r.statement["event_name"] for r in read_records(path)]


def _stored(record: dict[str, Any]) -> Stored:
    attributes = {item["key"]: _value(item["value"]) for item in record["attributes"]}
    disclosed: dict[str, Any] = {}
    for line in attributes.get("affidavit.disclosures", "").splitlines():
        disclosed |= json.loads(line)
    disclosed.pop("affidavit.salt", None)
    statement = json.loads(attributes["affidavit.statement"])
    return Stored(statement, disclosed, record["body"]["stringValue"], attributes, record["severityText"])


def _value(value: dict[str, Any]) -> Any:
    ((kind, content),) = value.items()
    if kind == "intValue":
        return int(content)
    if kind == "arrayValue":
        return [_value(item) for item in content["values"]]
    return content
