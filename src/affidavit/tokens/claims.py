"""The claims of a token whose signature has verified: is it acceptable here and now, and who is it? (RFC 7519, 9068)

The only place where an ``Identity`` is made.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from affidavit.model import Identity, TokenEvidence, TokenState
from affidavit.tokens.refusal import Refusal

if TYPE_CHECKING:
    from affidavit.tokens.jws import ParsedToken

_MAX_STRING = 256
_MAX_ITEMS = 64
_MAX_ACTORS = 8
_PIECE = 2047  # larger inputs make hashlib give up the GIL


def read_evidence(parsed: ParsedToken, issuer: str, thumbprint: str) -> TokenEvidence:
    """What an authentic token says of itself, acceptable or not."""
    claims = parsed.claims
    audience = claims.get("aud")
    scopes = claims.get("scope", claims.get("scp"))
    return TokenEvidence(
        issuer=issuer,
        algorithm=parsed.algorithm,
        key_thumbprint=thumbprint,
        fingerprint=_fingerprint(parsed.signing_input),
        audience=_strings([audience] if isinstance(audience, str) else audience),
        client_id=_string(claims.get("client_id")) or _string(claims.get("azp")),
        credential_id=_string(claims.get("jti")),
        issued_at=_seconds(claims.get("iat")),
        expires_at=_seconds(claims.get("exp")),
        scopes=_strings(scopes.split() if isinstance(scopes, str) else scopes),
    )


def check_claims(claims: dict[str, Any], audiences: tuple[str, ...], leeway_s: float, now_s: float) -> None:
    """Whether the token is acceptable at `now_s` (seconds since the epoch).

    Raises:
        Refusal: ``invalid_claims``, ``expired``, ``not_yet_valid`` or ``wrong_audience``.
    """
    times = {name: _number(claims, name) for name in ("exp", "nbf", "iat")}
    if times["exp"] is None:
        raise Refusal(TokenState.INVALID_CLAIMS, "exp")
    for name in ("sub", "jti"):
        if name in claims and not isinstance(claims[name], str):
            raise Refusal(TokenState.INVALID_CLAIMS, name)
    if not _string(claims.get("sub")):
        raise Refusal(TokenState.INVALID_CLAIMS, "sub")
    if times["exp"] <= now_s - leeway_s:
        raise Refusal(TokenState.EXPIRED)
    for name in ("nbf", "iat"):
        if (times[name] or 0) > now_s + leeway_s:
            raise Refusal(TokenState.NOT_YET_VALID, name)
    _check_audience(claims.get("aud"), audiences)


def read_identity(claims: dict[str, Any], evidence: TokenEvidence) -> Identity:
    """Who the token speaks of. Its signature has verified, and ``check_claims`` has passed."""
    subject = _string(claims["sub"]) or ""
    roles = claims.get("roles")
    realm = claims.get("realm_access")
    if roles is None and isinstance(realm, dict):
        roles = realm.get("roles")
    return Identity(
        issuer=evidence.issuer,
        subject=subject,
        actor_type="service" if subject == evidence.client_id else "user",
        client_id=evidence.client_id,
        roles=_strings([roles] if isinstance(roles, str) else roles),
        actor_chain=_actors(claims.get("act")),
    )


def _check_audience(audience: Any, wanted: tuple[str, ...]) -> None:
    if audience is None and not wanted:
        return
    named = [audience] if isinstance(audience, str) else audience
    if audience is not None and not (isinstance(named, list) and all(isinstance(item, str) for item in named)):
        raise Refusal(TokenState.INVALID_CLAIMS, "aud")
    if wanted and set(named or ()).isdisjoint(wanted):
        raise Refusal(TokenState.WRONG_AUDIENCE)


def _number(claims: dict[str, Any], name: str) -> int | None:
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise Refusal(TokenState.INVALID_CLAIMS, name)
    return int(value)  # NumericDate may have a fraction (RFC 7519 section 2)


def _seconds(value: Any) -> int | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return int(value) if is_number and abs(value) < 2**53 else None


def _actors(act: Any) -> tuple[str, ...]:
    """RFC 8693 section 4.1: the outermost is the current actor."""
    chain: list[str] = []
    while isinstance(act, dict) and len(chain) < _MAX_ACTORS:
        subject = _string(act.get("sub"))
        if subject:
            chain.append(subject)
        act = act.get("act")
    return tuple(chain)


def _strings(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(filter(None, map(_string, values[:_MAX_ITEMS])))


def _string(value: Any) -> str | None:
    """`value`, if it is a string, without what does not print (control, bidi, surrogates), cut to 256 characters."""
    if not isinstance(value, str):
        return None
    if not value.isprintable():
        value = "".join(filter(str.isprintable, value))
    return value[:_MAX_STRING] or None


def _fingerprint(signing_input: bytes) -> str:
    digest = hashlib.sha256()
    for start in range(0, len(signing_input), _PIECE):
        digest.update(signing_input[start : start + _PIECE])
    return digest.hexdigest()
