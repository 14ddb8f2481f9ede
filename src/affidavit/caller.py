"""Who asks, in the two forms that later floors need: facts for the record, attributes for spans. Made once a token.

Only a verified identity becomes an actor, a role or a span's ``user.id``. Of a token that is authentic but not
acceptable (expired, for another audience) the record says whose credential it was and why it was refused, never that
somebody acted.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.pipeline.facts import join_facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from affidavit.model import Value, Verification
    from affidavit.pipeline.facts import EncodedFacts, FactEncoder
    from affidavit.tokens.verifier import TokenVerifier


_books = count()


@dataclass(frozen=True, slots=True)
class Caller:
    """A verification, encoded."""

    actor: EncodedFacts
    """Who acts: on every record of the request."""
    facts: EncodedFacts
    """Who acts and how that was verified: on the request's record."""
    server_attributes: dict[str, Value]
    """For the SERVER span, without the record id."""
    child_attributes: dict[str, Value]
    """For every span below it."""
    record_id_attribute: str | None
    """What the record id is called on the SERVER span; None if it is not wanted there."""


class CallerBook:
    """From the ``Authorization`` headers to the caller. A class, because it holds the verifier and the spelling."""

    def __init__(self, verifier: TokenVerifier, encode: FactEncoder, span_attributes: Mapping[str, str]) -> None:
        """`span_attributes` maps our keys to names on the span."""
        self._verifier = verifier
        self._encode = encode
        self._span_attributes = span_attributes
        # A constant verification (no token) outlives this book, and another book may spell it otherwise.
        self._memo_key = f"caller:{next(_books)}"

    def identify(self, authorization: Sequence[str], now_ns: int) -> Caller:
        """The caller behind these headers; anonymous unless a token was verified."""
        verification = self._verifier.verify(authorization, now_ns / 10**9)
        caller = verification.memo.get(self._memo_key)
        if not isinstance(caller, Caller):
            caller = self._describe(verification)
            verification.memo[self._memo_key] = caller
        return caller

    def _describe(self, verification: Verification) -> Caller:
        identity = verification.identity
        facts: dict[str, Value | None] = {
            semconv.ACTOR_ID: identity.subject if identity else semconv.ANONYMOUS,
            semconv.ACTOR_TYPE: identity.actor_type if identity else "user",
            semconv.ACTOR_CHAIN: list(identity.actor_chain) if identity else None,
        }
        actor = self._encode(facts)
        users = {
            semconv.USER_ID: identity.subject if identity else None,
            semconv.USER_ROLES: list(identity.roles) if identity else None,
        }
        token = _token_facts(verification)
        named = {**users, **token, semconv.TOKEN_CLIENT_ID: identity.client_id if identity else None}
        names = self._span_attributes
        attributes = {names[key]: value for key, value in named.items() if value and key in names}
        user_id = names.get(semconv.USER_ID)
        return Caller(
            actor=actor,
            facts=join_facts(actor, self._encode({**users, **token})),
            server_attributes=attributes if identity else _only_state(attributes, names),
            child_attributes={user_id: identity.subject} if identity and user_id else {},
            record_id_attribute=names.get(semconv.RECORD_ID),
        )


def _only_state(attributes: Mapping[str, Value], names: Mapping[str, str]) -> dict[str, Value]:
    """Nothing of an unverified token may stand on a span, except what became of it."""
    state = names.get(semconv.TOKEN_STATE)
    return {name: value for name, value in attributes.items() if name == state}


def _token_facts(verification: Verification) -> dict[str, Value | None]:
    evidence = verification.evidence
    facts: dict[str, Value | None] = {
        semconv.TOKEN_STATE: verification.state.value,
        semconv.TOKEN_REASON: verification.reason,
        semconv.TOKEN_SOURCE: verification.source,
        semconv.TOKEN_STALE_KEYS: verification.stale_keys or None,
        semconv.TOKEN_AUDIENCE_UNCHECKED: verification.audience_unchecked or None,
    }
    if evidence is not None:
        facts |= {
            semconv.TOKEN_ISSUER: evidence.issuer,
            semconv.TOKEN_AUDIENCE: list(evidence.audience),
            semconv.TOKEN_CLIENT_ID: evidence.client_id,
            semconv.TOKEN_ALGORITHM: evidence.algorithm,
            semconv.TOKEN_KEY_THUMBPRINT: evidence.key_thumbprint,
            semconv.TOKEN_ISSUED_AT: evidence.issued_at,
            semconv.TOKEN_EXPIRES_AT: evidence.expires_at,
            semconv.TOKEN_SCOPES: list(evidence.scopes),
            semconv.TOKEN_ID: evidence.credential_id,
            semconv.TOKEN_FINGERPRINT: evidence.fingerprint,
        }
    return facts
