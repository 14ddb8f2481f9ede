"""The bearer token in the ``Authorization`` header (RFC 6750 section 2.1), or why there is none to verify."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from affidavit.model import TokenState, UnverifiedToken, Verification
from affidavit.tokens.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

ABSENT = Verification(TokenState.ABSENT)
"""One value for every request without a token: later floors derive from it once."""

SCHEME = "bearer "
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)
_COMPACT_DOTS = 2
_ENCRYPTED_DOTS = 4


def find_token(authorization: Sequence[str], max_token_bytes: int) -> UnverifiedToken:
    """The token in the values of the ``Authorization`` headers, of which there is at least one.

    Raises:
        Refusal: There is none, or more than one, or it is not a compact JWS.
    """
    value = authorization[0]
    if any(other != value for other in authorization):
        raise Refusal(TokenState.AMBIGUOUS, "several_headers")
    if len(value) > max_token_bytes + len(SCHEME):
        raise Refusal(TokenState.TOO_LARGE)
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != SCHEME.strip():
        raise Refusal(TokenState.OPAQUE, "scheme")
    token = rest.strip(" ")
    if "," in token:  # two headers that a proxy has joined
        raise Refusal(TokenState.AMBIGUOUS, "several_tokens")
    if not _B64TOKEN.fullmatch(token):
        raise Refusal(TokenState.MALFORMED, "syntax")
    dots = token.count(".")
    if dots == _ENCRYPTED_DOTS:
        raise Refusal(TokenState.UNSUPPORTED, "jwe")
    if dots != _COMPACT_DOTS:
        raise Refusal(TokenState.OPAQUE, "not_a_jws")
    return UnverifiedToken(token)
