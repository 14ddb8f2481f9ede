r"""The one spelling of a JSON object: RFC 8785 (JCS), over a domain in which no two JSON libraries differ.

A flat object. Keys match ``[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+``, at most 128 characters; five words need no dot.
Values are non-empty strings of at most 4 KiB of UTF-8, booleans, integers of magnitude below 2^53, or non-empty arrays
of such strings. No null, no float, no nesting, no lone surrogate. At most 32 KiB in all, one line.

A writer encodes members one by one (``encode_member``) and joins them (``join_members``): constant members are encoded
once. Sorting encoded members sorts the keys: the quotation mark that ends a key sorts below every key character.

A reader does not trust the spelling check alone, since ``1.0``, ``NaN``, ``null`` and nesting survive "parse, write,
compare": ``parse`` bounds the size, decodes strictly, parses, checks the domain of every key and value, then compares.
Most texts need not be written again for that: in this domain only escapes, white space, a key standing twice, a sign
or a zero too many and the order of keys can differ, and all but the last make a text longer than it has to be.
"""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from affidavit.model import Value

MAX_TEXT_BYTES = 32 * 1024
MAX_STRING_BYTES = 4 * 1024
MAX_KEY_LENGTH = 128
INTEGER_BOUND = 2**53

_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+")
_DOTLESS = frozenset(
    {semconv.EVENT_NAME, semconv.TIMESTAMP, semconv.OBSERVED_TIMESTAMP, semconv.TRACE_ID, semconv.SPAN_ID}
)
quote = encode_basestring
"""A string as JSON spells it, raw UTF-8 and the shortest escapes: ``str -> str``."""
_SURELY_GOOD = MAX_STRING_BYTES // 4  # a character takes at most four bytes of UTF-8
_MAX_ACCEPTED = 4096
_accepted_keys = set(_DOTLESS)  # keys seen to be good: a file of a million records has a few dozen
_read = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # typeshed leaves it out
_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def encode_member(key: str, value: Value) -> str:
    """One member, ``"key":value``. The caller answers for the domain (see ``clean``)."""
    if isinstance(value, str):
        return f'"{key}":{quote(value)}'
    if value is True:
        return f'"{key}":true'
    if value is False:
        return f'"{key}":false'
    if isinstance(value, int):
        return f'"{key}":{int.__repr__(value)}'  # a member of an enumeration would spell its name
    return f'"{key}":[{",".join(map(quote, value))}]'


def join_members(members: Iterable[str]) -> bytes:
    """The object that `members` make, in UTF-8."""
    return ("{" + ",".join(sorted(members)) + "}").encode()


def clean(text: str) -> tuple[str, bool]:
    """`text` without lone surrogates and cut to 4 KiB of UTF-8, and whether it was cut."""
    if text.isascii() and len(text) <= MAX_STRING_BYTES:
        return text, False
    data = text.encode("utf-8", "replace")
    if len(data) <= MAX_STRING_BYTES:
        return data.decode(), False
    return data[:MAX_STRING_BYTES].decode("utf-8", "ignore"), True


def parse(text: bytes) -> dict[str, Value]:
    """The object behind `text`.

    Raises:
        MalformedError: `text` is outside the domain, or in another spelling than the one.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise MalformedError(f"{len(text)} bytes, at most {MAX_TEXT_BYTES} are allowed")
    try:
        spelled = text.decode()
        parsed, _ = _read(spelled, 0)  # what comes behind the object makes the text longer than it has to be
    except (ValueError, StopIteration, RecursionError):  # not UTF-8, not JSON, too many digits, too deep
        raise MalformedError("not a JSON object in UTF-8") from None
    if type(parsed) is not dict:
        raise MalformedError("not a JSON object")
    _check_keys(parsed)
    shortest = _measure(parsed) == len(spelled)
    if not (shortest and list(parsed) == sorted(parsed)) and _write(parsed) != spelled:
        raise MalformedError("JSON in another spelling than RFC 8785")
    return parsed


def _check_keys(parsed: dict[str, Value]) -> None:
    if _accepted_keys.issuperset(parsed):
        return
    for key in parsed:
        if key in _accepted_keys:
            continue
        if len(key) > MAX_KEY_LENGTH or not _KEY.fullmatch(key):
            raise MalformedError(f"key {_show(key)} is not a dotted attribute name")
        if len(_accepted_keys) < _MAX_ACCEPTED:
            _accepted_keys.add(key)


def _measure(parsed: dict[str, Value]) -> int:
    """The characters of `parsed` if nothing in it had to be escaped, once every value was found good."""
    length = 1 + len("".join(parsed)) + 4 * len(parsed)  # a brace; "": around each key, a comma or brace behind
    for key, value in parsed.items():
        kind = type(value)
        if kind is str:
            size = len(value)  # type: ignore[arg-type]  # its type was just compared
            good = 0 < size <= _SURELY_GOOD or _is_good_string(value)  # type: ignore[arg-type]  # likewise
            length += size + 2
        elif kind is int:
            good = -INTEGER_BOUND < value < INTEGER_BOUND  # type: ignore[operator]  # likewise
            length += len(str(value))
        elif kind is list:
            good = _are_good_strings(value)  # type: ignore[arg-type]  # likewise
            length += len("".join(value)) + 3 * len(value) + 1 if good else 0  # type: ignore[arg-type]  # likewise
        else:
            good = kind is bool
            length += 4 if value else 5
        if not good:
            raise MalformedError(f"the value of {key} is outside the domain")
    return length


def _are_good_strings(items: list[str]) -> bool:
    try:
        size = len("".join(items))
    except TypeError:
        return False
    return bool(items) and "" not in items and (size <= _SURELY_GOOD or all(map(_is_good_string, items)))


def _is_good_string(text: str) -> bool:
    return 0 < len(text.encode("utf-8", "surrogatepass")) <= MAX_STRING_BYTES


def _show(key: str) -> str:
    return ascii(key if len(key) <= MAX_KEY_LENGTH else key[:MAX_KEY_LENGTH] + "…")
