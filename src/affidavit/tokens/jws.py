"""A compact JWS (RFC 7515 section 7.1) taken apart, strictly: one spelling, bounded, nothing followed, nothing guessed.

``crit``, ``b64`` and ``zip`` are refused; ``jku``, ``x5u``, ``jwk`` and ``x5c`` are never looked at (RFC 8725 section
3.10): keys come from the issuer alone. Who calls has bounded the length.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from affidavit import base64url
from affidavit.errors import MalformedError
from affidavit.model import TokenState, UnverifiedToken
from affidavit.tokens.algorithms import ALGORITHMS
from affidavit.tokens.refusal import Refusal
from affidavit.tokens.strict_json import parse_object

_SEGMENTS = 3
_MAX_HEADER = 2_731  # characters of base64url: 2 KiB
_MAX_KEY_ID = 256
_TYPES = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})  # RFC 7519 section 5.1, RFC 9068
_UNSUPPORTED_MEMBERS = ("crit", "b64", "zip")
_HEADERS = 128  # good ones, remembered: all tokens under one key begin alike


@dataclass(frozen=True, slots=True)
class ParsedToken:
    """A token taken apart. Nothing in it is verified, and its repr shows nothing that a caller has written."""

    algorithm: str
    key_id: str | None = field(repr=False)
    claims: dict[str, Any] = field(repr=False)
    signing_input: bytes = field(repr=False)
    """``header.payload``, as the token spells it."""
    signature: bytes = field(repr=False)


def parse_token(token: UnverifiedToken) -> ParsedToken:
    """Take `token` apart.

    Raises:
        Refusal: ``malformed`` or ``unsupported``.
    """
    segments = token.raw.split(".")
    if len(segments) != _SEGMENTS:
        raise Refusal(TokenState.MALFORMED, "segments")
    head, body, tail = segments
    algorithm, key_id = _read_header(head)
    claims = _parse_segment(body, "payload")
    return ParsedToken(algorithm, key_id, claims, f"{head}.{body}".encode("ascii"), _decode(tail, "signature"))


@lru_cache(_HEADERS)
def _read_header(segment: str) -> tuple[str, str | None]:
    """The header's ``alg`` and ``kid``. A refusal is not remembered."""
    if len(segment) > _MAX_HEADER:
        raise Refusal(TokenState.MALFORMED, "header_size")
    header = _parse_segment(segment, "header")
    for member in _UNSUPPORTED_MEMBERS:
        if member in header:
            raise Refusal(TokenState.UNSUPPORTED, member)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Refusal(TokenState.UNSUPPORTED, "alg")
    if "typ" in header:
        _check_type(header["typ"])
    return algorithm, _check_key_id(header["kid"]) if "kid" in header else None


def _check_type(typ: Any) -> None:
    if not isinstance(typ, str):
        raise Refusal(TokenState.MALFORMED, "typ")
    if typ.lower() not in _TYPES:
        raise Refusal(TokenState.UNSUPPORTED, "typ")


def _check_key_id(key_id: Any) -> str:
    if not (isinstance(key_id, str) and len(key_id) <= _MAX_KEY_ID and key_id.isprintable()):
        raise Refusal(TokenState.MALFORMED, "kid")
    return key_id


def _parse_segment(segment: str, name: str) -> dict[str, Any]:
    try:
        return parse_object(base64url.decode(segment))
    except MalformedError:
        raise Refusal(TokenState.MALFORMED, name) from None


def _decode(segment: str, name: str) -> bytes:
    try:
        return base64url.decode(segment)
    except MalformedError:
        raise Refusal(TokenState.MALFORMED, name) from None
