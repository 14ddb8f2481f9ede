"""What an authentic token must say to be acceptable, to the second; and what is read out of it."""

from __future__ import annotations

import hashlib

import pytest

from affidavit.model import Identity, TokenEvidence
from affidavit.tokens import claims as claims_module
from affidavit.tokens.claims import Window, check_claims, read_evidence, read_identity
from affidavit.tokens.jws import ParsedToken
from affidavit.tokens.refusal import Refusal
from tokens import CLAIMS, ISSUER, NOW

LEEWAY = 60


def claims(**changes):
    """The good claims with changes; ``...`` takes one away."""
    return {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}


def judge(made, audiences=("orders",)):
    """``verified``, or the refusal's state and reason."""
    try:
        check_claims(made, audiences, LEEWAY, NOW)
    except Refusal as refusal:
        return refusal.state.value, refusal.reason
    return "verified", None


def evidence_of(made, signing_input=b"h.p") -> TokenEvidence:
    return read_evidence(ParsedToken("RS256", None, made, signing_input, b""), ISSUER, "thumb")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"exp": NOW - 61}, ("expired", None)),
        ({"exp": NOW - 60}, ("expired", None)),
        ({"exp": NOW - 59.001}, ("expired", None)),
        ({"exp": NOW - 59}, ("verified", None)),
        ({"exp": NOW - 58.5}, ("verified", None)),
        ({"nbf": NOW + 60}, ("verified", None)),
        ({"nbf": NOW + 61}, ("not_yet_valid", "nbf")),
        ({"iat": NOW + 60}, ("verified", None)),
        ({"iat": NOW + 61}, ("not_yet_valid", "iat")),
        ({"iat": NOW + 61, "nbf": NOW + 61}, ("not_yet_valid", "nbf")),
        ({"iat": ..., "nbf": ...}, ("verified", None)),
    ],
)
def test_times_at_their_edges(changes, outcome):
    assert judge(claims(**changes)) == outcome


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", [None, True, False, str(NOW), "", [NOW], {"at": NOW}, -1, 2**53, 10**31, 1e300])
def test_a_time_is_a_number_of_seconds_and_nothing_else(name, value):
    assert judge(claims(**{name: value})) == ("invalid_claims", name)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": ...}, "exp"),
        ({"sub": ...}, "sub"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": ["alice"]}, "sub"),
        ({"sub": {"id": "alice"}}, "sub"),
        pytest.param({"sub": "alice\0"}, "sub", id="would have to be cleaned"),
        pytest.param({"sub": "al\u200bice"}, "sub", id="hides a character"),
        pytest.param({"sub": "\u202eecila"}, "sub", id="reads backwards"),
        pytest.param({"sub": "\ud800"}, "sub", id="a lone surrogate"),
        pytest.param({"sub": "a" * 257}, "sub", id="would have to be cut"),
        ({"jti": 7}, "jti"),
        ({"jti": None}, "jti"),
        ({"aud": 7}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": {"orders": 1}}, "aud"),
        ({"aud": ["orders", 7]}, "aud"),
        ({"aud": [["orders"]]}, "aud"),
    ],
)
def test_claims_of_the_wrong_shape(changes, reason):
    assert judge(claims(**changes)) == ("invalid_claims", reason)


def test_a_wrong_shape_is_said_before_a_wrong_time():
    assert judge(claims(exp=1, sub=7)) == ("invalid_claims", "sub")
    assert judge(claims(exp=1, aud="billing")) == ("expired", None)


@pytest.mark.parametrize(
    ("audience", "outcome"),
    [
        ("orders", "verified"),
        (["billing", "orders"], "verified"),
        ("billing", "wrong_audience"),
        ("Orders", "wrong_audience"),
        ("orders/", "wrong_audience"),
        (["order", "orders "], "wrong_audience"),
        ("", "wrong_audience"),
        ([], "wrong_audience"),
        (..., "wrong_audience"),
    ],
)
def test_one_audience_must_be_ours_letter_by_letter(audience, outcome):
    assert judge(claims(aud=audience)) == (outcome, None)
    assert judge(claims(aud=audience), audiences=()) == ("verified", None)


def test_the_window_says_from_when_until_when_the_answer_holds():
    assert check_claims(claims(nbf=NOW - 10, exp=NOW + 5.9), (), LEEWAY, NOW) == Window(NOW - 70, NOW + 65)
    assert check_claims(claims(nbf=..., iat=...), (), LEEWAY, NOW) == Window(-60, NOW + 660)


def test_evidence_is_read_whether_the_token_is_acceptable_or_not():
    assert evidence_of(CLAIMS) == TokenEvidence(
        issuer=ISSUER,
        algorithm="RS256",
        key_thumbprint="thumb",
        fingerprint=hashlib.sha256(b"h.p").hexdigest(),
        audience=("orders",),
        client_id="web",
        credential_id="t-1",
        issued_at=NOW - 60,
        expires_at=NOW + 600,
        scopes=("orders:read", "orders:write"),
    )
    assert evidence_of({"aud": 7, "jti": [], "iat": "now", "exp": True, "scope": 7, "client_id": ""}) == TokenEvidence(
        ISSUER, "RS256", "thumb", hashlib.sha256(b"h.p").hexdigest()
    )


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ({"client_id": "a", "azp": "b"}, "a"),
        ({"azp": "b"}, "b"),
        ({"client_id": 7, "azp": "b"}, "b"),
        ({}, None),
    ],
)
def test_the_client_is_client_id_else_azp(made, expected):
    assert evidence_of(made).client_id == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ({"scope": "a b"}, ("a", "b")),
        ({"scp": ["a", "b"]}, ("a", "b")),
        ({"scp": "a b"}, ("a", "b")),
        ({"scope": "a", "scp": ["b"]}, ("a",)),
        ({"scope": {"a": 1}}, ()),
    ],
)
def test_scopes_are_scope_else_scp(made, expected):
    assert evidence_of(made).scopes == expected


def identity_of(**changes) -> Identity:
    made = claims(**changes)
    return read_identity(made, evidence_of(made))


def test_an_identity_is_what_the_issuer_signed():
    assert identity_of(act={"sub": "agent", "act": {"sub": "scheduler"}}) == Identity(
        issuer=ISSUER,
        subject="alice",
        actor_type="user",
        client_id="web",
        roles=("clerk",),
        actor_chain=("agent", "scheduler"),
    )


@pytest.mark.parametrize(
    ("changes", "roles"),
    [
        ({"roles": "clerk"}, ("clerk",)),
        ({"roles": ["a", 7, "b"]}, ("a", "b")),
        ({"roles": ["ad\0min"]}, ("ad�min",)),
        ({"roles": ["x"] * 500}, ("x",) * 64),
        ({"roles": {"a": 1}}, ()),
        ({"roles": ..., "realm_access": {"roles": ["a", "b"]}}, ("a", "b")),
        ({"roles": ["a"], "realm_access": {"roles": ["b"]}}, ("a",)),
        ({"roles": ..., "realm_access": ["a"]}, ()),
        ({"roles": ...}, ()),
    ],
)
def test_roles(changes, roles):
    assert identity_of(**changes).roles == roles


@pytest.mark.parametrize(
    ("changes", "actor_type"),
    [({}, "user"), ({"sub": "web"}, "service"), ({"sub": "job", "client_id": "job"}, "service")],
)
def test_who_is_its_own_client_is_a_service(changes, actor_type):
    assert identity_of(**changes).actor_type == actor_type


def test_the_chain_of_actors_is_read_outermost_first_and_ends_at_the_eighth():
    act = {"sub": "11"}
    for number in range(10, 0, -1):
        act = {"sub": str(number), "act": act}
    assert identity_of(act=act).actor_chain == ("1", "2", "3", "4", "5", "6", "7", "8")
    assert identity_of(act={"act": {"sub": "b"}}).actor_chain == ("b",)
    assert [identity_of(act=odd).actor_chain for odd in ("agent", [], {"sub": 7}, None)] == [()] * 4


def test_a_long_token_is_hashed_in_pieces_that_keep_the_gil(monkeypatch):
    sizes = []

    class Recorder:
        def __init__(self, data):
            self._digest = hashlib.sha256(data)
            sizes.append(len(data))

        def update(self, data):
            self._digest.update(data)
            sizes.append(len(data))

        def hexdigest(self):
            return self._digest.hexdigest()

    long = bytes(range(256)) * 33
    expected = hashlib.sha256(long).hexdigest()
    monkeypatch.setattr(claims_module, "hashlib", type("hashlib", (), {"sha256": Recorder}))
    assert evidence_of({}, long).fingerprint == expected
    assert (max(sizes), sum(sizes)) == (2047, len(long))
