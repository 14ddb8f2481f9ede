"""One outcome for every request: absent, verified, or the first reason why not. Nothing in here waits or raises.

The order is the point. The signature is checked before any claim, so that ``expired`` is always said of an authentic
token; only ``iss`` is looked at before, and used for nothing but finding that issuer's keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.model import TokenState, UnverifiedToken, Verification
from affidavit.tokens.bearer import ABSENT, SCHEME, SOURCE, find_token
from affidavit.tokens.cache import Entry, VerificationCache
from affidavit.tokens.claims import Window, check_claims, read_evidence, read_identity
from affidavit.tokens.jws import parse_token
from affidavit.tokens.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from affidavit.interfaces import Entropy
    from affidavit.tokens.jws import ParsedToken
    from affidavit.tokens.keys import IssuerKey, KeySnapshot, KeySource
    from affidavit.tokens.settings import TokenSettings

REFUSAL_S = 30.0
"""How long a refusal is remembered."""
_CACHE_KEY_BYTES = 32
_PASSING = (TokenState.KEYS_UNAVAILABLE, TokenState.UNKNOWN_KEY, TokenState.NOT_YET_VALID)
"""What may be otherwise a moment later: never remembered."""


class TokenVerifier:
    """Verifies against the configured issuers' keys. A class, because it holds the cache."""

    def __init__(self, settings: TokenSettings, sources: Mapping[str, KeySource], entropy: Entropy) -> None:
        """`sources` are each issuer's keys."""
        self._settings = settings
        self._sources = dict(sources)
        self._cache = VerificationCache(entropy(_CACHE_KEY_BYTES), settings.cache_size)
        self._longest = settings.max_token_bytes + len(SCHEME)

    def verify(self, authorization: Sequence[str], now_s: float) -> Verification:
        """What becomes of the token in these ``Authorization`` values at `now_s` (seconds since the epoch)."""
        if not authorization:
            return ABSENT
        try:
            header = authorization[0]
            if len(authorization) > 1 or len(header) > self._longest:
                return self._examine(authorization, now_s).verification
            digest = self._cache.digest(header)
            return self._cache.get(digest, now_s) or self._remember(digest, self._examine(authorization, now_s))
        except Exception as error:  # noqa: BLE001  # an outcome for every header, whatever a library makes of it
            return Verification(TokenState.ERROR, type(error).__name__, SOURCE)

    def _remember(self, digest: bytes, entry: Entry) -> Verification:
        if entry.verification.state not in _PASSING:
            self._cache.put(digest, entry)
        return entry.verification

    def _examine(self, authorization: Sequence[str], now_s: float) -> Entry:
        found = find_token(authorization, self._settings.max_token_bytes)
        window = Window(now_s, now_s + REFUSAL_S)
        if isinstance(found, Verification):
            return Entry(found, window)
        try:
            return self._authenticate(found, now_s)
        except Refusal as refusal:
            return Entry(Verification(refusal.state, refusal.reason, found.source), window)

    def _authenticate(self, token: UnverifiedToken, now_s: float) -> Entry:
        parsed = parse_token(token)
        issuer = parsed.claims.get("iss")
        source = self._sources.get(issuer) if isinstance(issuer, str) else None
        if source is None or not isinstance(issuer, str):
            raise Refusal(TokenState.UNKNOWN_ISSUER)
        snapshot = source.snapshot()
        if snapshot is None:
            raise Refusal(TokenState.KEYS_UNAVAILABLE)
        key = _find_signer(parsed, snapshot, source)
        verification, window = self._judge(parsed, issuer, key, snapshot, now_s)
        return Entry(verification, window, source, snapshot)

    def _judge(
        self, parsed: ParsedToken, issuer: str, key: IssuerKey, snapshot: KeySnapshot, now_s: float
    ) -> tuple[Verification, Window]:
        """The outcome for a token that is authentic, and when it counts."""
        settings = self._settings
        evidence = read_evidence(parsed, issuer, key.thumbprint)
        state, reason, identity = TokenState.VERIFIED, None, None
        try:
            window = check_claims(parsed.claims, settings.audiences, settings.leeway_s, now_s)
            identity = read_identity(parsed.claims, evidence)
        except Refusal as refusal:
            state, reason = refusal.state, refusal.reason
            window = Window(now_s, now_s + REFUSAL_S)
        is_unchecked = not settings.audiences
        return Verification(state, reason, SOURCE, identity, evidence, snapshot.is_stale, is_unchecked), window


def _find_signer(parsed: ParsedToken, snapshot: KeySnapshot, source: KeySource) -> IssuerKey:
    candidates = snapshot.find(parsed.key_id, parsed.algorithm)
    if not candidates:
        source.request_refresh(parsed.key_id)
        raise Refusal(TokenState.UNKNOWN_KEY, "no_key_id" if parsed.key_id is None else None)
    for key in candidates:
        if key.verifies(parsed.algorithm, parsed.signature, parsed.signing_input):
            return key
    raise Refusal(TokenState.INVALID_SIGNATURE)
