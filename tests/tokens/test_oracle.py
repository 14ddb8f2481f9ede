"""PyJWT's own ``decode`` is the oracle: whatever it refuses, we refuse. And no changed token is a good one."""

from __future__ import annotations

import time

import jwt
from hypothesis import given, settings
from hypothesis import strategies as st

from affidavit.model import TokenState
from tokens import CLAIMS, ISSUER, KEYS, make_token, segment, verifier

ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"]
ORACLE_KEYS = {jwk["kid"]: jwk for jwk in KEYS}
STARTED = int(time.time())  # the oracle reads the clock itself
GOOD = {**CLAIMS, "iat": STARTED - 60, "exp": STARTED + 600}
GOOD_TOKENS = [make_token(claims=GOOD, algorithm=algorithm) for algorithm in ALGORITHMS]


def is_verified(token: str) -> bool:
    found = verifier().verify([f"Bearer {token}"], STARTED)
    assert (found.identity is not None) == (found.state is TokenState.VERIFIED)
    return found.identity is not None


def ask_the_oracle(token: str) -> None:
    """Raises what PyJWT has against `token`."""
    head = jwt.get_unverified_header(token)
    jwk = ORACLE_KEYS[head["kid"]] if "kid" in head else next(j for j in KEYS if j["kty"] == "RSA")
    key = jwt.PyJWK(jwk, head["alg"]).key  # old releases take no PyJWK
    options = {"require": ["exp", "iss", "aud", "sub"]}
    jwt.decode(token, key, [head["alg"]], options, issuer=ISSUER, audience="orders", leeway=60)


claim_values = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.integers(STARTED - 700, STARTED + 700)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.lists(st.text(max_size=4) | st.just("orders"), max_size=3)
    | st.sampled_from([ISSUER, "orders", {"sub": "bob"}, {}])
)


@settings(max_examples=200, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(sorted([*CLAIMS, "nbf", "act"])), claim_values, max_size=3))
def test_claims_that_pyjwt_refuses_are_refused(changes):
    token = make_token(claims={**GOOD, **changes}, algorithm="EdDSA")
    if is_verified(token):
        ask_the_oracle(token)


header_values = st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=8) | st.sampled_from(ALGORITHMS)


@settings(max_examples=200, deadline=None)
@given(
    changes=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "zip", "jku", "x"]), header_values),
    without=st.sets(st.sampled_from(["kid", "typ"])),
)
def test_headers_that_pyjwt_refuses_are_refused(changes, without):
    head = {"alg": "RS256", "typ": "JWT", "kid": "rsa", **changes}
    token = make_token({name: value for name, value in head.items() if name not in without}, GOOD)
    if is_verified(token):
        ask_the_oracle(token)


def test_good_tokens_are_good_to_both():
    assert [is_verified(token) for token in GOOD_TOKENS] == [True] * len(GOOD_TOKENS)
    for token in GOOD_TOKENS:
        ask_the_oracle(token)


@settings(max_examples=300, deadline=None)
@given(
    token=st.sampled_from(GOOD_TOKENS),
    at=st.integers(0, 2000),
    removed=st.integers(0, 3),
    inserted=st.text(st.characters(codec="latin-1") | st.sampled_from(".-_=AQgw"), max_size=3),
)
def test_no_token_changed_anywhere_makes_an_identity(token, at, removed, inserted):
    at %= len(token)
    changed = token[:at] + inserted + token[at + removed :]
    stripped = changed.strip(" ")  # spaces around the token belong to the header
    assert is_verified(changed) == (stripped == token)


@settings(max_examples=100, deadline=None)
@given(
    parts=st.tuples(*[st.sampled_from(GOOD_TOKENS)] * 3),
    payload=st.none() | st.just(segment({**GOOD, "sub": "mallory"})),
)
def test_no_token_put_together_from_good_ones_makes_an_identity(parts, payload):
    head, body, signature = (token.split(".")[index] for index, token in enumerate(parts))
    token = f"{head}.{payload or body}.{signature}"
    assert is_verified(token) == (token in GOOD_TOKENS)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60), segments=st.lists(st.binary(max_size=20).map(segment), min_size=1, max_size=5))
def test_nothing_at_random_makes_an_identity(text, segments):
    assert not is_verified(text)
    assert not is_verified(".".join(segments))
