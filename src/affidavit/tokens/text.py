r"""Strings out of claims, made fit for records, spans and screens: bounded, and without what hides or breaks lines.

What is replaced or cut stays visible as such. Were it left out, ``"ad\0min"`` would become the role ``"admin"``, which
its issuer never signed.
"""

from __future__ import annotations

import re
from typing import Any

MAX_CHARACTERS = 256
MAX_ITEMS = 64
_UNFIT = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e"  # control, soft hyphen, marks of direction
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width, line separators, bidi
    r"\ud800-\udfff]"  # lone surrogates: no UTF-8 for them
)


def read_string(value: Any) -> str | None:
    """`value` as at most 256 fit characters; None if it is not a string, or empty."""
    if not isinstance(value, str) or not value:
        return None
    if not value.isprintable():
        value = _UNFIT.sub("\ufffd", value)
    return value if len(value) <= MAX_CHARACTERS else f"{value[: MAX_CHARACTERS - 1]}…"


def read_strings(value: Any) -> tuple[str, ...]:
    """The fit strings in `value`, an array or a single string; at most 64."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list):
        return ()
    return tuple([text for item in items[:MAX_ITEMS] if (text := read_string(item))])


def read_words(value: Any) -> tuple[str, ...]:
    """The same, but a single string is words with spaces between (RFC 8693 section 4.2)."""
    return read_strings(value.split(" ") if isinstance(value, str) else value)
