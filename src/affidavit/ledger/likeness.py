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
    from collections.abc import Iterable, Mapping

    from affidavit.model import StoredRecord, Value

_COPIES = frozenset({*COPIED_KEYS, *semconv.PERSONAL_KEYS})
_OURS = "affidavit."


class Likeness(NamedTuple):
    """What differs from the text, and what nothing proves: names of attributes and fields."""

    differing: list[str]
    unproven: list[str]


def compare(
    stored: StoredRecord, statement: Mapping[str, Value], disclosed: Mapping[str, Value], withheld: int
) -> Likeness:
    """Compare what stands beside the text of `stored` with the text and the disclosures that came with it."""
    likeness = Likeness(list(_differing_fields(stored, statement)), [])
    for key, value in stored.copies:
        sealed = statement.get(key)
        if sealed is None:
            sealed = disclosed.get(key)
        if sealed is None:
            if key in _COPIES or key.startswith(_OURS):
                (likeness.unproven if withheld else likeness.differing).append(key)
        elif value != sealed or type(value) is not type(sealed):
            likeness.differing.append(key)
    body = stored.body
    if body is not None and body != sentence(statement, disclosed) and body != stored.statement:
        likeness.differing.append("body")
    return likeness


def _differing_fields(stored: StoredRecord, statement: Mapping[str, Value]) -> Iterable[str]:
    if stored.timestamp != statement[semconv.TIMESTAMP] and stored.timestamp:
        yield semconv.TIMESTAMP
    if stored.observed_timestamp != statement[semconv.OBSERVED_TIMESTAMP] and stored.observed_timestamp:
        yield semconv.OBSERVED_TIMESTAMP
    if stored.event_name != statement[semconv.EVENT_NAME] and stored.event_name:
        yield semconv.EVENT_NAME
    if stored.trace_id and stored.trace_id != statement.get(semconv.TRACE_ID):
        yield semconv.TRACE_ID
    if stored.span_id and stored.span_id != statement.get(semconv.SPAN_ID):
        yield semconv.SPAN_ID
