"""A text of which all but a few values are known beforehand: sorted and joined once, filled for each record.

Its members are those of ``canonical.encode_member``, or end in ``GAP`` instead of a value. What fills a gap is the
value as it is spelled in JSON; its writer answers for the domain, as with any member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.ledger.canonical import join_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GAP = "\0"
"""Stands for a value that comes later. No encoded member holds it: JSON escapes control characters."""


def leave_gap(key: str) -> str:
    """The member `key`, whose value comes later."""
    return f'"{key}":{GAP}'


class Template:
    """One object of the one spelling, with gaps. A class, because it remembers where they are."""

    __slots__ = ("_gaps", "_parts")

    def __init__(self, members: Iterable[str]) -> None:
        known = join_members(members).decode().split(GAP)
        keys = [part.rsplit('"', 2)[1] for part in known[:-1]]
        self._parts = [part for text in known for part in (text, "")][:-1]
        self._gaps = tuple((2 * index + 1, key) for index, key in enumerate(keys))

    def fill(self, values: Mapping[str, str]) -> bytes:
        """The text in UTF-8 with `values` in its gaps, by key; those for which there is no gap are passed over."""
        parts = self._parts.copy()
        for at, key in self._gaps:
            parts[at] = values[key]
        return "".join(parts).encode()
