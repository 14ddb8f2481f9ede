"""The bearer token in the ``Authorization`` header (RFC 6750 section 2.1), or why there is none to verify::

    credentials = "Bearer" 1*SP b64token        ; the scheme in any case (RFC 9110 section 11.1)

Two or four dots make a token a JWS or a JWE (RFC 7516 section 9); any other count makes it opaque, which is no fault.
The alphabet of a JWS is left to its parser.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from affidavit.model import TokenState, UnverifiedToken, Verification

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEME = "bearer "
SOURCE = "header:authorization"

# One value for all requests alike: later floors derive from it once.
ABSENT = Verification(TokenState.ABSENT)
_SEVERAL_HEADERS = Verification(TokenState.AMBIGUOUS, "several_headers", SOURCE)
_SEVERAL_TOKENS = Verification(TokenState.AMBIGUOUS, "several_tokens", SOURCE)
_OTHER_SCHEME = Verification(TokenState.OPAQUE, "scheme", SOURCE)
_NOT_A_JWS = Verification(TokenState.OPAQUE, "not_a_jws", SOURCE)
_ENCRYPTED = Verification(TokenState.UNSUPPORTED, "jwe", SOURCE)
_MALFORMED = Verification(TokenState.MALFORMED, "syntax", SOURCE)
_TOO_LARGE = Verification(TokenState.TOO_LARGE, None, SOURCE)

_DOTS_OF_JWS, _DOTS_OF_JWE = 2, 4
_SLACK = 16  # characters for scheme, comma and spaces
_LONGEST_SCHEME = 64
_SCHEME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?= |\Z)")
_CREDENTIALS = re.compile(_SCHEME.pattern + r" +[^ ]")
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def find_token(authorization: Sequence[str], max_token_bytes: int) -> UnverifiedToken | Verification:
    """The token in the values of the ``Authorization`` headers, or the outcome if there is none to verify.

    Args:
        authorization: Each header's value, decoded from latin-1.
        max_token_bytes: A longer token is not looked at.
    """
    if not authorization:
        return ABSENT
    value = authorization[0]
    if len(authorization) > 1 and any(other != value for other in authorization):
        return _SEVERAL_HEADERS
    if value[: len(SCHEME)].lower() != SCHEME:
        return _judge_scheme(value)
    if len(value) > 2 * (max_token_bytes + _SLACK):  # twice: a proxy may have joined two headers
        return _TOO_LARGE
    token = value[len(SCHEME) :].strip(" ")
    if "," in token:
        return _split_joined(value, max_token_bytes)
    return _TOO_LARGE if len(token) > max_token_bytes else _classify(token)


def _split_joined(value: str, max_token_bytes: int) -> UnverifiedToken | Verification:
    """Two headers that a server or a proxy has joined (RFC 9110 section 5.3): fine if they say the same."""
    parts = [part.strip(" ") for part in value.split(",")]
    if not all(_CREDENTIALS.match(part) for part in parts):
        return _MALFORMED
    return _SEVERAL_TOKENS if len(set(parts)) > 1 else find_token(parts[:1], max_token_bytes)


def _classify(token: str) -> UnverifiedToken | Verification:
    dots = token.count(".")
    if dots == _DOTS_OF_JWS:
        return UnverifiedToken(token, SOURCE)
    if not _B64TOKEN.fullmatch(token):
        return _MALFORMED
    return _ENCRYPTED if dots == _DOTS_OF_JWE else _NOT_A_JWS


def _judge_scheme(value: str) -> Verification:
    scheme = _SCHEME.match(value[:_LONGEST_SCHEME])
    if scheme is None or scheme[0].lower() == SCHEME.strip():
        return _MALFORMED
    return _OTHER_SCHEME
