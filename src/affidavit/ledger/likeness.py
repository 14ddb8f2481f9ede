"""How a log record compares with the statement it carries.

Copies, body, times and ids are made from the text and the disclosures (``projection``) and are not signed. What is
absent was dropped on the way, which is no harm; what is there must be the same, in value and type. Attributes that a
Collector has added under other names are nobody's copies. Where a disclosure is withheld nothing is left that could
prove a copy of what it says; a sentence that still says it differs from the one that can be made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from affidavit import semconv
from affidavit.ledger.projection import COPIED_KEYS, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.model import StoredRecord, Value

_COPIES = frozenset({*COPIED_KEYS, *semconv.PERSONAL_KEYS})
_OURS = "affidavit."
_FIELDS = (semconv.TIMESTAMP, semconv.OBSERVED_TIMESTAMP, semconv.EVENT_NAME, semconv.TRACE_ID, semconv.SPAN_ID)


class Likeness(NamedTuple):
    """What differs from the text, and what nothing proves: names of attributes and fields."""

    differing: list[str]
    unproven: list[str]


def compare(
    stored: StoredRecord, statement: Mapping[str, Value], disclosed: Mapping[str, Value], withheld: int
) -> Likeness:
    """Compare what stands beside the text of `stored` with the text and the disclosures that came with it."""
    differing = _differing_fields(stored, statement)
    unproven: list[str] = []
    for key, value in stored.copies:
        sealed = statement.get(key)
        if sealed is None:
            sealed = disclosed.get(key)
        if sealed is None:
            if key in _COPIES or key.startswith(_OURS):
                (unproven if withheld else differing).append(key)
        elif value != sealed or type(value) is not type(sealed):
            differing.append(key)
    body = stored.body
    if body is not None and body != sentence(statement, disclosed) and body != stored.statement:
        differing.append("body")
    return Likeness(differing, unproven)


def _differing_fields(stored: StoredRecord, statement: Mapping[str, Value]) -> list[str]:
    shown = (stored.timestamp, stored.observed_timestamp, stored.event_name, stored.trace_id, stored.span_id)
    if shown == tuple(statement.get(key, "") for key in _FIELDS):
        return []
    return [key for key, value in zip(_FIELDS, shown, strict=True) if value and value != statement.get(key)]
