"""The facts in a file of records, as the project's own reader finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.ledger import canonical
from affidavit.ledger.disclosure import parse_disclosure
from affidavit.readers.otlp_json import parse_line

if TYPE_CHECKING:
    from affidavit.model import StoredRecord, Value


def read_facts(data: bytes) -> list[dict[str, Value]]:
    """The facts of every record in `data`, statement and disclosures together, in the order of their time."""
    facts = [_facts(record) for line in data.splitlines() for record in parse_line(line).records]
    return sorted(facts, key=lambda facts: int(str(facts[semconv.TIMESTAMP])))


def _facts(record: StoredRecord) -> dict[str, Value]:
    facts = canonical.parse((record.statement or "").encode())
    for disclosure in (record.disclosures or "").splitlines():
        facts |= parse_disclosure(disclosure.encode())
    return facts
