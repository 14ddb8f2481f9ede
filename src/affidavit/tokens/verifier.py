"""One outcome for every request: absent, verified, or the first reason why not. Nothing in here waits or raises.

The order is the point. The signature is checked before any claim, so that ``expired`` is always said of an authentic
token; only ``iss`` is looked at before, and used for nothing but finding that issuer's keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.model import TokenState, Verification
from affidavit.tokens.bearer import ABSENT, find_token
from affidavit.tokens.cache import REFUSAL_S, Entry, VerificationCache
from affidavit.tokens.claims import check_claims, read_evidence, read_identity
from affidavit.tokens.jws import parse_token
from affidavit.tokens.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from affidavit.interfaces import Entropy
    from affidavit.model import TokenEvidence, UnverifiedToken
    from affidavit.tokens.jws import ParsedToken
    from affidavit.tokens.keys import IssuerKey, KeySnapshot, KeySource
    from affidavit.tokens.settings import TokenSettings

_CACHE_KEY_BYTES = 32
_PASSING = frozenset({TokenState.KEYS_UNAVAILABLE, TokenState.UNKNOWN_KEY, TokenState.NOT_YET_VALID, TokenState.ERROR})
"""What may be otherwise a moment later: never cached."""


class TokenVerifier:
    """Verifies against the configured issuers' keys. Holds the cache."""

    def __init__(self, settings: TokenSettings, sources: Mapping[str, KeySource], entropy: Entropy) -> None:
        self._settings = settings
        self._sources = sources
        self._cache = VerificationCache(entropy(_CACHE_KEY_BYTES), settings.cache_size)
        self._longest = settings.max_token_bytes + len("bearer ")

    def verify(self, authorization: Sequence[str], now_s: float) -> Verification:
        """What becomes of the token in these ``Authorization`` values at `now_s` (seconds since the epoch)."""
        if not authorization:
            return ABSENT
        header = authorization[0]
        if len(authorization) > 1 or len(header) > self._longest:
            return self._examine(authorization, now_s).verification
        digest = self._cache.digest(header)
        known = self._cache.get(digest, now_s)
        if known is not None:
            return known
        entry = self._examine(authorization, now_s)
        if entry.verification.state not in _PASSING:
            self._cache.put(digest, entry)
        return entry.verification

    def _examine(self, authorization: Sequence[str], now_s: float) -> Entry:
        until_s = now_s + REFUSAL_S
        try:
            token = find_token(authorization, self._settings.max_token_bytes)
            return self._verify(token, now_s)
        except Refusal as refusal:
            return Entry(Verification(refusal.state, refusal.reason), until_s, None, None)
        except Exception as error:  # noqa: BLE001  # an outcome for every token, whatever a library makes of it
            return Entry(Verification(TokenState.ERROR, type(error).__name__), until_s, None, None)

    def _verify(self, token: UnverifiedToken, now_s: float) -> Entry:
        parsed = parse_token(token)
        issuer = parsed.claims.get("iss")
        source = self._sources.get(issuer) if isinstance(issuer, str) else None
        if source is None or not isinstance(issuer, str):
            raise Refusal(TokenState.UNKNOWN_ISSUER)
        snapshot = source.snapshot()
        if snapshot is None:
            raise Refusal(TokenState.KEYS_UNAVAILABLE)
        key = _find_signer(parsed, snapshot, source)
        evidence = read_evidence(parsed, issuer, key.thumbprint)
        verification = self._judge(token, parsed, evidence, snapshot, now_s)
        until_s = now_s + REFUSAL_S
        if verification.identity is not None and evidence.expires_at is not None:
            until_s = evidence.expires_at + self._settings.leeway_s
        return Entry(verification, until_s, source, snapshot)

    def _judge(
        self, token: UnverifiedToken, parsed: ParsedToken, evidence: TokenEvidence, snapshot: KeySnapshot, now_s: float
    ) -> Verification:
        """The outcome for a token that is authentic."""
        state, reason = TokenState.VERIFIED, None
        try:
            check_claims(parsed.claims, self._settings.audiences, self._settings.leeway_s, now_s)
        except Refusal as refusal:
            state, reason = refusal.state, refusal.reason
        return Verification(
            state=state,
            reason=reason,
            source=token.source,
            identity=read_identity(parsed.claims, evidence) if state is TokenState.VERIFIED else None,
            evidence=evidence,
            stale_keys=snapshot.is_stale,
            audience_unchecked=not self._settings.audiences,
        )


def _find_signer(parsed: ParsedToken, snapshot: KeySnapshot, source: KeySource) -> IssuerKey:
    candidates = snapshot.find(parsed.key_id, parsed.algorithm)
    if not candidates:
        source.request_refresh()
        raise Refusal(TokenState.UNKNOWN_KEY)
    for key in candidates:
        if key.verifies(parsed.algorithm, parsed.signature, parsed.signing_input):
            return key
    raise Refusal(TokenState.INVALID_SIGNATURE)
