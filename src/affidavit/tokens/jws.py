"""A compact JWS (RFC 7515 section 7.1) taken apart, strictly: one spelling, bounded, nothing followed, nothing guessed.

Header and payload are JSON objects without duplicate members, NaN, infinities, or numbers of absurd length. ``crit``,
``b64`` and ``zip`` are refused; ``jku``, ``x5u``, ``jwk`` and ``x5c`` are never looked at.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from affidavit import base64url
from affidavit.errors import MalformedError
from affidavit.model import TokenState, UnverifiedToken
from affidavit.tokens.refusal import Refusal
from affidavit.tokens.settings import ALGORITHMS

_MAX_HEADER = 2_731  # characters of base64url, for 2 KiB
_MAX_KID = 256
_MAX_DIGITS = 32
_TYPES = (None, "jwt", "at+jwt", "application/at+jwt", "application/jwt")
_UNSUPPORTED_MEMBERS = ("crit", "b64", "zip")


@dataclass(frozen=True, slots=True)
class ParsedToken:
    """A token taken apart. Nothing in it is verified."""

    algorithm: str
    key_id: str | None
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes


def parse_token(token: UnverifiedToken) -> ParsedToken:
    """Take `token` (three segments) apart.

    Raises:
        Refusal: ``malformed`` or ``unsupported``.
    """
    head, _, tail = token.raw.partition(".")
    body, _, signature = tail.partition(".")
    if len(head) > _MAX_HEADER:
        raise Refusal(TokenState.MALFORMED, "header_size")
    header = _parse_object(head, "header")
    algorithm, key_id = _check_header(header)
    return ParsedToken(
        algorithm,
        key_id,
        _parse_object(body, "payload"),
        f"{head}.{body}".encode("ascii"),
        _decode(signature, "signature"),
    )


def _check_header(header: dict[str, Any]) -> tuple[str, str | None]:
    for member in _UNSUPPORTED_MEMBERS:
        if member in header:
            raise Refusal(TokenState.UNSUPPORTED, member)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Refusal(TokenState.UNSUPPORTED, "alg")
    typ = header.get("typ")
    if typ is not None and not isinstance(typ, str):
        raise Refusal(TokenState.MALFORMED, "typ")
    if (typ and typ.lower()) not in _TYPES:
        raise Refusal(TokenState.UNSUPPORTED, "typ")
    key_id = header.get("kid")
    if key_id is not None and not (isinstance(key_id, str) and len(key_id) <= _MAX_KID and key_id.isprintable()):
        raise Refusal(TokenState.MALFORMED, "kid")
    return algorithm, key_id


def _parse_object(segment: str, name: str) -> dict[str, Any]:
    try:
        parsed = _decoder.decode(_decode(segment, name).decode())
    except (ValueError, RecursionError):
        raise Refusal(TokenState.MALFORMED, name) from None
    if not isinstance(parsed, dict):
        raise Refusal(TokenState.MALFORMED, name)
    return parsed


def _decode(segment: str, name: str) -> bytes:
    try:
        return base64url.decode(segment)
    except MalformedError:
        raise Refusal(TokenState.MALFORMED, name) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _bounded_int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("a number of too many digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if len(digits) > 2 * _MAX_DIGITS or not math.isfinite(number):
        raise ValueError("a number out of range")
    return number


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_bounded_int, parse_float=_finite, parse_constant=_no_constant
)
