"""No part of a token, and no word of a library that may quote it, shows in a log line, a repr or an outcome."""

from __future__ import annotations

import json
import logging
import pickle
import traceback

import pytest

from affidavit.model import UnverifiedToken
from affidavit.tokens.bearer import find_token
from affidavit.tokens.jws import parse_token
from affidavit.tokens.keys import parse_jwks
from affidavit.tokens.refusal import Refusal
from tokens import CLAIMS, KEYS, NOW, Keys, make_token, segment, sign, verifier

CANARY = "canary-claim-0123456789"
HEAD = {"alg": "RS256", "kid": "rsa", "x": "canary-header-0123456789"}


def with_canary(head=HEAD, signature=None, **changes) -> str:
    return make_token(head, {**CLAIMS, "secret": CANARY, **changes}, signature=signature)


TOKENS = [
    with_canary(),
    with_canary(exp=1),
    with_canary(aud="billing"),
    with_canary(exp=CANARY),
    with_canary(iss=CANARY),
    with_canary({**HEAD, "alg": CANARY}),
    with_canary({**HEAD, "kid": CANARY}),
    with_canary({**HEAD, "typ": CANARY}),
    with_canary({**HEAD, "crit": [CANARY]}),
    with_canary(signature=lambda message: sign("RS256", message)[:-1] + b"\0"),
    with_canary()[:-1],
    with_canary() + "=",
    f"{segment(HEAD)}.{segment('{' + CANARY)}.{segment(b'signature-canary-0123456789')}",
]


def shown_parts(token: str, text: str) -> list[str]:
    """Every stretch of 16 characters of the token, and every canary, that `text` shows."""
    head, _, rest = token.partition(".")
    stretches = [rest[at : at + 16] for at in range(len(rest) - 16)]
    return [part for part in (*stretches, head, CANARY, HEAD["x"]) if part in text]


@pytest.mark.parametrize("token", TOKENS, ids=range(len(TOKENS)))
def test_outcomes_and_log_lines_show_nothing_of_a_token(token, caplog):
    with caplog.at_level(logging.DEBUG):
        for keys in (Keys(KEYS), Keys(None), Keys([])):
            checking = verifier(keys)
            shown = [repr(checking.verify([header], NOW)) for header in (f"Bearer {token}", f"Basic {token}", token)]
            shown += [repr(checking), repr(vars(checking._cache))]
    assert shown_parts(token, caplog.text + "".join(shown)) == []


@pytest.mark.parametrize("token", TOKENS, ids=range(len(TOKENS)))
def test_values_on_the_way_show_nothing_of_a_token(token):
    unverified = find_token([f"Bearer {token}"], 16_384)
    shown = repr(unverified)
    try:
        shown += repr(parse_token(UnverifiedToken(token)))
    except Refusal as refusal:
        shown += "".join(traceback.format_exception(refusal)) + repr(refusal.__dict__)
    assert shown_parts(token, shown) == []


def test_the_cache_holds_nothing_of_a_token():
    checking = verifier()
    for token in TOKENS:
        checking.verify([f"Bearer {token}"], NOW)
    cache = checking._cache
    entries = {**cache._verified, **cache._refused}
    assert len(entries) == len(TOKENS) - 1  # an unknown key is not remembered
    held = pickle.dumps([(digest, entry.verification) for digest, entry in entries.items()]).decode("latin-1")
    assert [part for token in TOKENS for part in shown_parts(token, held)] == []


def test_a_library_that_raises_leaves_its_type_and_nothing_else(monkeypatch, caplog):
    keys = Keys(KEYS)

    class Failing:
        @staticmethod
        def verify(*args):
            raise ValueError(*args)

    prepared = keys.current.find("rsa", "RS256")[0].verifiers["RS256"]
    monkeypatch.setattr(prepared, "Algorithm", Failing)
    with caplog.at_level(logging.DEBUG):
        found = verifier(keys).verify([f"Bearer {with_canary()}"], NOW)
    assert (found.state.value, found.reason, caplog.text) == ("error", "ValueError", "")


def test_a_key_set_shows_nothing_of_a_secret_in_it(caplog):
    secret = "c2VjcmV0LWNhbmFyeS0wMTIzNDU2Nzg5"
    odd = [
        {"kty": "oct", "k": secret},
        {"kty": "RSA", "n": secret, "e": secret, "d": secret},
        {"kty": "EC", "crv": "P-256", "x": secret, "y": secret},
        {"kty": "OKP", "crv": "Ed25519", "x": secret},
    ]
    with caplog.at_level(logging.DEBUG):
        snapshot = parse_jwks(json.dumps({"keys": odd}).encode())
    assert (snapshot.by_key_id, caplog.text) == ({}, "")
