"""The OTLP log record of a statement: one sentence for people, copies for queries, severity for alerts.

Everything here is a pure function of the text and the disclosures at hand. Nothing of it is signed; a verifier makes it
again and reports what differs.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.model import LogRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.model import SignedRecord, Value

COPIED_KEYS = (
    semconv.RECORD_ID,
    semconv.STREAM_ID,
    semconv.NUMBER,
    semconv.ACTOR_ID,
    semconv.ACTION,
    semconv.OUTCOME,
    semconv.TARGET_ID,
    semconv.USER_ID,
    semconv.HTTP_METHOD,
    semconv.HTTP_ROUTE,
    semconv.HTTP_STATUS,
    semconv.CLIENT_ADDRESS,
    semconv.TOKEN_STATE,
    semconv.RETENTION_CLASS,
)
"""What stands on the log record a second time, for queries."""

WITHHELD = "[withheld]"
"""What the sentence says where the disclosure with the actor is absent."""

_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # typeshed leaves it out
_DIGITS = 20
_SCALARS = (str, bool, int)
_INFO, _WARN, _ERROR = (9, "INFO"), (13, "WARN"), (17, "ERROR")
_SERVER_ERROR = 500
_UNREMARKABLE = ("verified", "absent")

# Fixed here rather than asked of the Unicode tables: those grow with each Python, and writer and verifier must agree.
_UNSAFE = re.compile(
    "["
    r"\x00-\x1f\x7f-\x9f"  # control
    r"\xad\u061c\u180e\u200b-\u200f\u2060-\u206f\ufeff\ufff9-\ufffb"  # format, bidi isolates among them
    r"\u2028-\u202e"  # line and paragraph separators, bidi embeddings and overrides
    r"\ud800-\uf8ff"  # surrogates, private use
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # format of shorthand and music
    r"\ufffe\uffff\U000e0000-\U0010ffff"  # non-characters, tags, private use
    "]"
)


def project(signed: SignedRecord, *, statement_as_body: bool = False) -> LogRecord:
    """The log record of `signed`.

    We have sealed it, or whoever could write a dead process's spool: nothing is checked here, and what cannot be read
    travels all the same, with its proof and without copies. To judge it is the verifier's.
    """
    record = signed.record
    text = record.text.decode("utf-8", "replace")
    disclosures = [disclosure.decode("utf-8", "replace") for disclosure in record.disclosures]
    statement = _read(text)
    disclosed: dict[str, Value] = {}
    for disclosure in disclosures:
        disclosed.update(_read(disclosure))
    proof = (
        (semconv.STATEMENT, text),
        *(((semconv.SIGNATURE, signed.signature),) if signed.signature else ()),
        (semconv.ENDORSEMENT, signed.endorsement),
        *(((semconv.DISCLOSURES, "\n".join(disclosures)),) if disclosures else ()),
    )
    number, name = severity(statement)
    return LogRecord(
        event_name=str(statement.get(semconv.EVENT_NAME, "")),
        timestamp_ns=_moment(statement.get(semconv.TIMESTAMP)),
        observed_timestamp_ns=_moment(statement.get(semconv.OBSERVED_TIMESTAMP)),
        trace_id=str(statement.get(semconv.TRACE_ID, "")),
        span_id=str(statement.get(semconv.SPAN_ID, "")),
        severity_number=number,
        severity_text=name,
        body=text if statement_as_body else sentence(statement, disclosed),
        attributes=(*proof, *[copy for copy in copies(statement, disclosed) if isinstance(copy[1], _SCALARS)]),
    )


def _read(text: str) -> dict[str, Value]:
    try:
        facts, _ = _scan(text, 0)
    except (ValueError, StopIteration, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _moment(value: Value | None) -> int:
    is_moment = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _DIGITS
    return int(str(value)) if is_moment else 0


def copies(statement: Mapping[str, Value], disclosed: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """The facts copied out for queries, with the same names."""
    facts = {**disclosed, **statement}
    return tuple([(key, facts[key]) for key in COPIED_KEYS if key in facts])


def severity(statement: Mapping[str, Value]) -> tuple[int, str]:
    """OTLP severity: ERROR for 5xx, WARN for a denial, else INFO."""
    status = statement.get(semconv.HTTP_STATUS)
    if isinstance(status, int) and status >= _SERVER_ERROR:
        return _ERROR
    return _WARN if statement.get(semconv.DECISION) == "deny" else _INFO


def sentence(statement: Mapping[str, Value], disclosed: Mapping[str, Value]) -> str:
    """What happened, in one line.

    HTTP: ``alice GET /orders/17 200 success``, with the token's state behind it unless that is verified or absent:
    ``anonymous DELETE /orders/17 401 failure [expired]``. Else ``<actor> <action> <target type> <target> <outcome>``.
    """
    actor = statement.get(semconv.ACTOR_ID) or disclosed.get(semconv.ACTOR_ID) or WITHHELD
    if semconv.HTTP_METHOD in statement:
        keys = (semconv.HTTP_METHOD, semconv.TARGET_ID, semconv.HTTP_STATUS, semconv.OUTCOME)
    else:
        keys = (semconv.ACTION, semconv.TARGET_TYPE, semconv.TARGET_ID, semconv.OUTCOME)
    words = [actor, *[statement[key] if key in statement else disclosed.get(key) for key in keys]]
    line = " ".join([str(word) for word in words if word is not None])
    state = statement.get(semconv.TOKEN_STATE)
    if state is not None and state not in _UNREMARKABLE:
        line += f" [{state}]"
    return escape(line)


def escape(text: str) -> str:
    r"""`text` with control, format (bidi), separator and private characters as ``\uXXXX``: one line, own order."""
    return _UNSAFE.sub(_escape_char, text)


def _escape_char(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  # the end of the BMP
