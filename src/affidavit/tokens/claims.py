"""The claims of a token whose signature has verified: acceptable here and now, and whose? (RFC 7519, 8693, 9068)

The only place where an ``Identity`` is made. An identity is exactly what the issuer signed, or there is none: a
subject that would have to be cut or cleaned is refused.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from affidavit.model import Identity, TokenEvidence, TokenState
from affidavit.tokens.refusal import Refusal
from affidavit.tokens.text import read_string, read_strings, read_words

if TYPE_CHECKING:
    from affidavit.tokens.jws import ParsedToken

_MAX_ACTORS = 8
_MAX_DATE = 2**53
_PIECE = 2047  # larger inputs make hashlib give up the GIL


class Window(NamedTuple):
    """From when on, and until just before when, a token is acceptable: seconds since the epoch, leeway included."""

    since_s: float
    until_s: float


def read_evidence(parsed: ParsedToken, issuer: str, thumbprint: str) -> TokenEvidence:
    """What an authentic token says of itself, acceptable or not."""
    claims = parsed.claims
    return TokenEvidence(
        issuer=issuer,
        algorithm=parsed.algorithm,
        key_thumbprint=thumbprint,
        fingerprint=_fingerprint(parsed.signing_input),
        audience=read_strings(claims.get("aud")),
        client_id=read_string(claims.get("client_id")) or read_string(claims.get("azp")),
        credential_id=read_string(claims.get("jti")),
        issued_at=_to_date(claims.get("iat")),
        expires_at=_to_date(claims.get("exp")),
        scopes=read_words(claims.get("scope", claims.get("scp"))),
    )


def check_claims(claims: dict[str, Any], audiences: tuple[str, ...], leeway_s: float, now_s: float) -> Window:
    """Whether the token is acceptable at `now_s` (seconds since the epoch), and how long. First all shapes, then times.

    Raises:
        Refusal: ``invalid_claims``, ``expired``, ``not_yet_valid`` or ``wrong_audience``.
    """
    expires = _date(claims, "exp")
    begins, issued = _date(claims, "nbf"), _date(claims, "iat")
    _check_names(claims)
    named = _list_audiences(claims)
    if expires is None:
        raise Refusal(TokenState.INVALID_CLAIMS, "exp")
    window = Window(max(begins or 0, issued or 0) - leeway_s, expires + leeway_s)
    if now_s >= window.until_s:
        raise Refusal(TokenState.EXPIRED)
    if now_s < window.since_s:
        raise Refusal(TokenState.NOT_YET_VALID, "nbf" if now_s < (begins or 0) - leeway_s else "iat")
    if audiences and set(audiences).isdisjoint(named):
        raise Refusal(TokenState.WRONG_AUDIENCE)
    return window


def read_identity(claims: dict[str, Any], evidence: TokenEvidence) -> Identity:
    """Who the token speaks of. Its signature has verified, and ``check_claims`` has passed."""
    subject: str = claims["sub"]
    roles, realm = claims.get("roles"), claims.get("realm_access")
    if roles is None and isinstance(realm, dict):
        roles = realm.get("roles")
    return Identity(
        issuer=evidence.issuer,
        subject=subject,
        actor_type="service" if subject == evidence.client_id else "user",
        client_id=evidence.client_id,
        roles=read_strings(roles),
        actor_chain=_actors(claims.get("act")),
    )


def _check_names(claims: dict[str, Any]) -> None:
    subject = claims.get("sub")
    if subject is None or read_string(subject) != subject:
        raise Refusal(TokenState.INVALID_CLAIMS, "sub")
    if not isinstance(claims.get("jti", ""), str):
        raise Refusal(TokenState.INVALID_CLAIMS, "jti")


def _list_audiences(claims: dict[str, Any]) -> list[str]:
    """Every audience that the token names (RFC 7519 section 4.1.3)."""
    audience = claims.get("aud", [])
    if isinstance(audience, str):
        return [audience]
    if not isinstance(audience, list) or not all(isinstance(name, str) for name in audience):
        raise Refusal(TokenState.INVALID_CLAIMS, "aud")
    return audience


def _date(claims: dict[str, Any], name: str) -> int | None:
    if name not in claims:
        return None
    date = _to_date(claims[name])
    if date is None:
        raise Refusal(TokenState.INVALID_CLAIMS, name)
    return date


def _to_date(value: Any) -> int | None:
    """Whole seconds of a NumericDate, which may have a fraction (RFC 7519 section 2). No string, no boolean is one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _MAX_DATE:
        return None
    return math.floor(value)


def _actors(act: Any) -> tuple[str, ...]:
    """RFC 8693 section 4.1: the outermost is the current actor."""
    chain: list[str] = []
    while isinstance(act, dict) and len(chain) < _MAX_ACTORS:
        subject = read_string(act.get("sub"))
        if subject is not None:
            chain.append(subject)
        act = act.get("act")
    return tuple(chain)


def _fingerprint(signing_input: bytes) -> str:
    digest = hashlib.sha256(signing_input[:_PIECE])
    for start in range(_PIECE, len(signing_input), _PIECE):
        digest.update(signing_input[start : start + _PIECE])
    return digest.hexdigest()
