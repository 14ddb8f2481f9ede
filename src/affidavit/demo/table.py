"""What the records say, as a table: when, who, what, with which outcome, from where, and how that was verified.

A cell shows what stands in the record and nothing else. Keys are shown by the first digits of their thumbprint; what
they stand for is written out once, beneath.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from affidavit import semconv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from affidavit.model import Value

HEAD = ("when (UTC)", "who", "what", "outcome", "where, trace", "how verified")
_DIGITS = 8


def make_rows(requests: Iterable[Mapping[str, Value]]) -> list[Sequence[str]]:
    """A row for each request's facts, under a head."""
    return [HEAD, *(_make_row(facts) for facts in requests)]


def make_legend(requests: Iterable[Mapping[str, Value]]) -> list[str]:
    """A line for each key that signed a token."""
    keys = {
        (str(facts[semconv.TOKEN_KEY_THUMBPRINT]), str(facts[semconv.TOKEN_ISSUER]))
        for facts in requests
        if semconv.TOKEN_KEY_THUMBPRINT in facts
    }
    return [f"key {thumbprint} of {issuer}" for thumbprint, issuer in sorted(keys)]


def _make_row(facts: Mapping[str, Value]) -> Sequence[str]:
    client, trace = _text(facts, semconv.CLIENT_ADDRESS), _text(facts, semconv.TRACE_ID)[:_DIGITS]
    return (
        _format_time(int(str(facts[semconv.TIMESTAMP]))),
        _text(facts, semconv.ACTOR_ID),
        f"{_text(facts, semconv.HTTP_METHOD)} {_text(facts, semconv.TARGET_ID)}",
        f"{_text(facts, semconv.HTTP_STATUS)} {_text(facts, semconv.OUTCOME)}",
        f"{client} {trace}".strip(),
        " ".join(
            filter(
                None,
                (
                    _text(facts, semconv.TOKEN_STATE),
                    _text(facts, semconv.TOKEN_ALGORITHM),
                    _text(facts, semconv.TOKEN_KEY_THUMBPRINT)[:_DIGITS],
                ),
            )
        ),
    )


def _text(facts: Mapping[str, Value], key: str) -> str:
    return str(facts.get(key, ""))


def _format_time(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%H:%M:%S}.{rest // 10**6:03}"
