"""What every statement of format 1 holds, on top of the domain of ``canonical``.

Always in the text: ``affidavit.format``, the ids of record and stream (UUIDv4), the number (from 1), the event's name
and both times (decimal nanoseconds); ``affidavit.previous_hash`` from number 2 on. Action, outcome, target and the
type of the actor are always there too, in the text or in a disclosure.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.errors import MalformedError
from affidavit.ledger import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.model import Value

is_uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}").fullmatch
is_hash = re.compile(r"[0-9a-f]{64}").fullmatch
is_moment = re.compile(r"0|[1-9][0-9]{0,18}").fullmatch  # below 10^19: it fits the 64 bits of OTLP
_is_trace_id = re.compile(r"(?!0{32})[0-9a-f]{32}").fullmatch
_is_span_id = re.compile(r"(?!0{16})[0-9a-f]{16}").fullmatch
_FORMS = (
    (semconv.RECORD_ID, is_uuid),
    (semconv.STREAM_ID, is_uuid),
    (semconv.EVENT_NAME, bool),
    (semconv.TIMESTAMP, is_moment),
    (semconv.OBSERVED_TIMESTAMP, is_moment),
    (semconv.PREVIOUS_HASH, is_hash),
    (semconv.TRACE_ID, _is_trace_id),
    (semconv.SPAN_ID, _is_span_id),
)
_ALWAYS = frozenset(
    {semconv.RECORD_ID, semconv.STREAM_ID, semconv.EVENT_NAME, semconv.TIMESTAMP, semconv.OBSERVED_TIMESTAMP}
)
_VERSION = re.compile(rb'"affidavit\.format":"([0-9A-Za-z.-]{1,16})"')

FACTS = (
    semconv.ACTOR_ID,
    semconv.ACTOR_TYPE,
    semconv.ACTION,
    semconv.OUTCOME,
    semconv.TARGET_ID,
    semconv.TARGET_TYPE,
)
"""What every record says, in its text or in a disclosure."""


class UnknownFormatError(MalformedError):
    """A statement of another version of the format: not for this verifier to judge."""


def parse_statement(text: bytes) -> dict[str, Value]:
    """The statement behind `text`.

    Raises:
        UnknownFormatError: It says that it is of another version.
        MalformedError: It is not in the one spelling, or lacks what every statement has.
    """
    try:
        statement = canonical.parse(text)
    except MalformedError:
        _refuse_other_version(text)  # which may have another domain
        raise
    if statement.get(semconv.FORMAT) != semconv.FORMAT_VERSION:
        _refuse_other_version(text)
        raise MalformedError(f"{semconv.FORMAT} is missing")
    for key, matches in _FORMS:
        value = statement.get(key)
        if (key in _ALWAYS) if value is None else (type(value) is not str or not matches(value)):
            raise MalformedError(f"{key} is missing or has another form")
    _check_number(statement)
    return statement


def disclosure_hashes(statement: Mapping[str, Value]) -> list[str]:
    """The hashes of the disclosures that `statement` lists.

    Raises:
        MalformedError: They are not sorted lowercase hashes, each once.
    """
    listed = statement.get(semconv.DISCLOSURE_HASHES)
    if listed is None:
        return []
    if type(listed) is not list or not all(map(is_hash, listed)):
        raise MalformedError(f"{semconv.DISCLOSURE_HASHES} are not hashes")
    if len(listed) > 1 and listed != sorted(set(listed)):
        raise MalformedError(f"{semconv.DISCLOSURE_HASHES} are not sorted, each once")
    return listed


def _refuse_other_version(text: bytes) -> None:
    found = _VERSION.search(text)
    if found and found[1] != semconv.FORMAT_VERSION.encode():
        raise UnknownFormatError(f"format {found[1].decode()!r} is unknown to this verifier")


def _check_number(statement: Mapping[str, Value]) -> None:
    number = statement.get(semconv.NUMBER)
    if type(number) is not int or number < 1:
        raise MalformedError(f"{semconv.NUMBER} is not a number from 1")
    if (semconv.PREVIOUS_HASH in statement) != (number > 1):
        raise MalformedError(f"{semconv.PREVIOUS_HASH} stands in every record but the first")
