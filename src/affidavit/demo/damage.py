"""What may happen to a stored file: somebody changes a byte, or somebody has the right to be forgotten.

Both work on a copy of the file's bytes. The change is one byte inside a sealed text. The erasure deletes every
disclosure about a person, and what was copied out of it; the sealed text keeps only the salted hash
(``ledger/FORMAT.md``, disclosures).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from affidavit import semconv
from affidavit.demo.server import DemoError
from affidavit.ledger import canonical
from affidavit.ledger.disclosure import parse_disclosure
from affidavit.ledger.projection import COPIED_KEYS, sentence

if TYPE_CHECKING:
    from affidavit.model import Value

_DENIED_STATUS = re.compile(rb'http\.response\.status_code\\":(4)03')  # escaped: in the text, not in its copy


@dataclass(frozen=True, slots=True)
class Change:
    """A file of which one byte is another."""

    data: bytes
    offset: int
    before: str
    after: str


def change_byte(data: bytes) -> Change:
    """Make the first refusal, 403, a success: 203.

    Raises:
        DemoError: There is none.
    """
    found = _DENIED_STATUS.search(data)
    if found is None:
        raise DemoError("the file holds no refused request")
    offset = found.start(1)
    return Change(data[:offset] + b"2" + data[offset + 1 :], offset, "403", "203")


def erase(data: bytes, subject: str) -> bytes:
    """The OTLP JSON lines `data` without a fact about the actor `subject`."""
    return b"".join(_erase_line(line, subject) for line in data.splitlines(keepends=True))


def _erase_line(line: bytes, subject: str) -> bytes:
    batch = json.loads(line)
    for resource in batch["resourceLogs"]:
        for scope in resource["scopeLogs"]:
            for record in scope["logRecords"]:
                _erase_record(record, subject)
    return json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _erase_record(record: dict[str, Any], subject: str) -> None:
    kept, gone = _sort_out(_text(record, semconv.DISCLOSURES), subject)
    if not gone:
        return
    statement = canonical.parse(_text(record, semconv.STATEMENT).encode())
    doomed = {*gone.intersection(COPIED_KEYS), semconv.DISCLOSURES}
    attributes = [item for item in record["attributes"] if item["key"] not in doomed]
    if kept:
        attributes.append({"key": semconv.DISCLOSURES, "value": {"stringValue": "\n".join(kept)}})
    known: dict[str, Value] = {}
    for disclosure in kept:
        known |= parse_disclosure(disclosure.encode())
    record["attributes"] = attributes
    record["body"] = {"stringValue": sentence(statement, known)}


def _text(record: dict[str, Any], key: str) -> str:
    """The text of an attribute; empty if there is none."""
    texts = (item["value"]["stringValue"] for item in record["attributes"] if item["key"] == key)
    return next(texts, "")


def _sort_out(disclosures: str, subject: str) -> tuple[list[str], set[str]]:
    """The disclosures that stay, and the keys of those that go."""
    kept: list[str] = []
    gone: set[str] = set()
    for disclosure in disclosures.splitlines():
        facts = parse_disclosure(disclosure.encode())
        if facts.get(semconv.ACTOR_ID) == subject:
            gone |= facts.keys()
        else:
            kept.append(disclosure)
    return kept, gone
