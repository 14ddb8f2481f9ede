"""A JSON object from a stranger (RFC 8259), read strictly: UTF-8, no member twice, no NaN, nothing deep or endless.

The standard library's parser recurses in C. Where an application has raised its recursion limit, a few kilobytes of
brackets would overflow the stack and end the process; so the depth is known before that parser sees the text.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from affidavit.errors import MalformedError

MAX_DEPTH = 32
_MAX_DIGITS = 32
# Matches each character at most once, also in a string without its end: the scan stays linear.
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


def parse_object(document: bytes) -> dict[str, Any]:
    """The members of the object that `document` is.

    Raises:
        MalformedError: It is not one, or not strictly.
    """
    try:
        text = document.decode()
    except UnicodeDecodeError:
        raise MalformedError("not UTF-8") from None
    if _is_deep(text):
        raise MalformedError(f"nested deeper than {MAX_DEPTH}")
    try:
        parsed = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedError(f"not JSON at character {error.pos}") from None
    if not isinstance(parsed, dict):
        raise MalformedError("not a JSON object")
    return parsed


def _is_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _STRING_OR_BRACKET.findall(text):
        if match in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif match in "]}":
            depth -= 1
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("a member stands twice")
    return members


def _bounded_int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise MalformedError(f"a number of more than {_MAX_DIGITS} digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits) if len(digits) <= _MAX_DIGITS else math.inf
    if not math.isfinite(number):
        raise MalformedError(f"a number out of range or of more than {_MAX_DIGITS} digits")
    return number


def _no_constant(name: str) -> float:
    raise MalformedError(f"{name} is not JSON")


_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_bounded_int, parse_float=_finite, parse_constant=_no_constant
)
