"""Facts, encoded: each member written once, and sorted into what the text holds and what stands beside it.

What repeats (the service's origin, a caller whose token was seen before) is encoded once and joined to what is new. A
fact whose value is ``LATER`` leaves a gap (``ledger.template``): what is known of a kind of record is encoded once,
and each record brings only the values of its gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from affidavit import semconv
from affidavit.ledger import canonical
from affidavit.ledger.template import GAP, leave_gap

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from affidavit.model import Value


_EMPTY: tuple[Value, ...] = ("", [])


class Later(Enum):
    """The type of ``LATER``, so that no text of a client's can pass for it."""

    LATER = GAP


LATER = Later.LATER
"""In place of a fact's value: each record brings its own."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedFacts:
    """Members, ``"key":value``, by where they go. ``truncated`` names the keys whose value was cut.

    Equal only to itself, so that what is made of it can be remembered cheaply.
    """

    public: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    truncated: tuple[str, ...] = ()


class FactEncoder(Protocol):
    """``encode_facts`` with the personal keys of this process already known."""

    def __call__(self, facts: Mapping[str, Value | Later | None], /) -> EncodedFacts:
        """`facts` encoded."""


def encode_facts(facts: Mapping[str, Value | Later | None], personal_keys: Collection[str]) -> EncodedFacts:
    """`facts` encoded; absent ones (None, empty string, empty list) are left out, over-long ones cut."""
    public: list[str] = []
    personal: list[str] = []
    truncated: list[str] = []
    for key, value in facts.items():
        if value is None or value in _EMPTY:
            continue
        # Who is anonymous is nobody: it stands in the text, where it can be queried.
        is_personal = key in personal_keys and not (key == semconv.ACTOR_ID and value == semconv.ANONYMOUS)
        members = personal if is_personal else public
        if value is LATER:
            members.append(leave_gap(key))
            continue
        good, was_cut = canonical.clean(value) if isinstance(value, str) else _fit(value)
        if good == []:
            continue
        if was_cut:
            truncated.append(key)
        members.append(canonical.encode_member(key, good))
    return EncodedFacts(tuple(public), tuple(personal), tuple(truncated))


def join_facts(*parts: EncodedFacts) -> EncodedFacts:
    """All members of `parts`."""
    public: list[str] = []
    personal: list[str] = []
    truncated: list[str] = []
    for part in parts:
        public += part.public
        personal += part.personal
        truncated += part.truncated
    return EncodedFacts(tuple(public), tuple(personal), tuple(truncated))


def _fit(value: bool | int | list[str]) -> tuple[Value, bool]:
    if isinstance(value, list):
        items = [canonical.clean(item) for item in value if item]
        return [text for text, _ in items], any(was_cut for _, was_cut in items)
    if -canonical.INTEGER_BOUND < value < canonical.INTEGER_BOUND:
        return value, False
    return str(value), False
