"""Every request has exactly one outcome; only a genuine, acceptable token makes an identity."""

from __future__ import annotations

import hashlib
import json
import logging

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

import tokens
from affidavit import base64url
from affidavit.jwk import thumbprint
from affidavit.model import Identity, TokenEvidence, TokenState, Verification
from tokens import CLAIMS, ISSUER, KEYS, NOW, RSA_KEY, Keys, jwk_of, make_token, sign, verifier

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


def outcome(token: str, **options) -> tuple[str, str | None]:
    found = verifier(**options).verify([f"Bearer {token}"], NOW)
    assert found.identity is None or found.state is TokenState.VERIFIED
    return found.state.value, found.reason


def claims(**changes):
    return {key: value for key, value in {**CLAIMS, **changes}.items() if value is not ...}


def header(**changes):
    made = {"alg": "RS256", "typ": "JWT", "kid": "rsa", **changes}
    return {key: value for key, value in made.items() if value is not ...}


def test_a_good_token_makes_an_identity_and_says_how_it_was_verified():
    token = make_token(claims=claims(act={"sub": "agent", "act": {"sub": "scheduler"}}))
    assert verifier().verify([f"Bearer {token}"], NOW) == Verification(
        state=TokenState.VERIFIED,
        source="header:authorization",
        identity=Identity(ISSUER, "alice", "user", "web", ("clerk",), ("agent", "scheduler")),
        evidence=TokenEvidence(
            issuer=ISSUER,
            algorithm="RS256",
            key_thumbprint=thumbprint(KEYS[0]),
            fingerprint=hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest(),
            audience=("orders",),
            client_id="web",
            credential_id="t-1",
            issued_at=NOW - 60,
            expires_at=NOW + 600,
            scopes=("orders:read", "orders:write"),
        ),
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_verifies_and_a_foreign_signature_does_not(algorithm):
    assert outcome(make_token(algorithm=algorithm)) == ("verified", None)
    size = len(sign(algorithm, b""))
    for wrong in (lambda _: bytes(size), lambda m: sign(algorithm, m + b"."), lambda m: sign(algorithm, m)[:-1]):
        assert outcome(make_token(algorithm=algorithm, signature=wrong)) == ("invalid_signature", None)


@pytest.mark.parametrize(
    ("authorization", "state", "reason"),
    [
        ([], "absent", None),
        (["Basic YWxpY2U6c2VjcmV0"], "opaque", "scheme"),
        ([""], "opaque", "scheme"),
        (["Bearer"], "malformed", "syntax"),
        (["Bearer "], "malformed", "syntax"),
        (["Bearer 4d5e6f"], "opaque", "not_a_jws"),
        (["Bearer a.b"], "opaque", "not_a_jws"),
        (["Bearer a.b.c.d.e"], "unsupported", "jwe"),
        (["Bearer a\tb.c.d"], "malformed", "syntax"),
        (["Bearer a.b.c "], "malformed", "header"),
        (["Bearer ä.b.c"], "malformed", "syntax"),
        (["Bearer \ud800.b.c"], "malformed", "syntax"),
        (["Bearer a.b.c, Bearer d.e.f"], "ambiguous", "several_tokens"),
        (["Bearer a.b.c", "Bearer d.e.f"], "ambiguous", "several_headers"),
        (["Bearer " + "a" * 16_385], "too_large", None),
    ],
)
def test_what_is_not_one_compact_token(authorization, state, reason):
    found = verifier().verify(authorization, NOW)
    assert (found.state.value, found.reason, found.identity, found.evidence) == (state, reason, None, None)


def test_the_scheme_has_any_case_and_one_or_more_spaces_behind_it():
    token = make_token()
    for value in (f"bearer {token}", f"BEARER {token}", f"Bearer   {token}"):
        assert verifier().verify([value], NOW).state is TokenState.VERIFIED
    assert verifier().verify([f"Bearer {token}", f"Bearer {token}"], NOW).state is TokenState.VERIFIED
    assert verifier().verify([f"Bearer\t{token}"], NOW).state is TokenState.OPAQUE


@pytest.mark.parametrize(
    ("head", "state"),
    [
        (header(alg="none"), "unsupported"),
        (header(alg="None"), "unsupported"),
        (header(alg="HS256"), "unsupported"),
        (header(alg="rs256"), "unsupported"),
        (header(alg=...), "unsupported"),
        (header(alg=["RS256"]), "unsupported"),
        (header(alg=None), "unsupported"),
        (header(alg="ES256"), "unknown_key"),
        (header(crit=["exp"]), "unsupported"),
        (header(crit=[]), "unsupported"),
        (header(b64=False), "unsupported"),
        (header(zip="DEF"), "unsupported"),
        (header(typ="dpop+jwt"), "unsupported"),
        (header(typ=7), "malformed"),
        (header(kid=7), "malformed"),
        (header(kid="a" * 257), "malformed"),
        (header(kid="rsa\n"), "malformed"),
        (header(kid="../../etc/passwd"), "unknown_key"),
        (header(kid="https://evil.example/key"), "unknown_key"),
        (header(kid="' OR 1=1 --"), "unknown_key"),
        ([], "malformed"),
        ("null", "malformed"),
        ('{"alg":"RS256","alg":"RS256","kid":"rsa"}', "malformed"),
        ('\ufeff{"alg":"RS256","kid":"rsa"}', "malformed"),
        ('{"alg":"RS256","kid":"rsa","x":' + "[" * 500 + "]" * 500 + "}", "verified"),
        (header(pad="x" * 3000), "malformed"),
    ],
)
def test_headers_that_attack(head, state):
    assert outcome(make_token(head))[0] == state


def test_keys_named_in_the_header_are_never_looked_at():
    thief = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    token = make_token(
        header(jwk=jwk_of(thief), jku="http://127.0.0.1:1/keys", x5u="http://127.0.0.1:1/x5u", x5c=["AAAA"]),
        signature=lambda message: thief.sign(message, padding.PKCS1v15(), hashes.SHA256()),
    )
    assert outcome(token) == ("invalid_signature", None)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_the_public_key_is_no_shared_secret(encoding):
    import hmac

    secret = RSA_KEY.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    token = make_token(header(alg="HS256"), signature=lambda m: hmac.digest(secret, m, "sha256"))
    assert outcome(token) == ("unsupported", "alg")


@pytest.mark.parametrize(
    "payload",
    [
        "[]",
        "null",
        '"alice"',
        "{",
        '{"sub":"alice","sub":"mallory"}',
        '{"exp":NaN}',
        '{"exp":Infinity}',
        '{"exp":1e999}',
        '{"exp":' + "9" * 5000 + "}",
        '{"a":' * 5000 + "1" + "}" * 5000,
        json.dumps(CLAIMS).encode("utf-16"),
        b"\xff\xfe{}",
        "",
    ],
)
def test_payloads_that_are_no_claim_set(payload):
    assert outcome(make_token(claims=payload))[0] in ("malformed", "too_large")


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"exp": NOW - 61}, "expired", None),
        ({"exp": NOW - 60}, "expired", None),
        ({"exp": NOW - 59}, "verified", None),
        ({"exp": NOW - 58.5}, "verified", None),
        ({"exp": ...}, "invalid_claims", "exp"),
        ({"exp": str(NOW + 600)}, "invalid_claims", "exp"),
        ({"exp": True}, "invalid_claims", "exp"),
        ({"exp": [NOW]}, "invalid_claims", "exp"),
        ({"exp": None}, "invalid_claims", "exp"),
        ({"exp": -1}, "invalid_claims", "exp"),
        ({"nbf": NOW + 60}, "verified", None),
        ({"nbf": NOW + 61}, "not_yet_valid", "nbf"),
        ({"nbf": "soon"}, "invalid_claims", "nbf"),
        ({"iat": NOW + 61}, "not_yet_valid", "iat"),
        ({"iat": False}, "invalid_claims", "iat"),
        ({"iat": ...}, "verified", None),
        ({"aud": ["billing", "orders"]}, "verified", None),
        ({"aud": "billing"}, "wrong_audience", None),
        ({"aud": ["billing"]}, "wrong_audience", None),
        ({"aud": []}, "wrong_audience", None),
        ({"aud": ...}, "wrong_audience", None),
        ({"aud": {"orders": 1}}, "invalid_claims", "aud"),
        ({"aud": ["orders", 7]}, "invalid_claims", "aud"),
        ({"aud": 7}, "invalid_claims", "aud"),
        ({"sub": ...}, "invalid_claims", "sub"),
        ({"sub": ""}, "invalid_claims", "sub"),
        ({"sub": "\u202e\n"}, "invalid_claims", "sub"),
        ({"sub": 7}, "invalid_claims", "sub"),
        ({"sub": {"id": "alice"}}, "invalid_claims", "sub"),
        ({"jti": 7}, "invalid_claims", "jti"),
        ({"iss": f"{ISSUER}/"}, "unknown_issuer", None),
        ({"iss": ISSUER.upper()}, "unknown_issuer", None),
        ({"iss": [ISSUER]}, "unknown_issuer", None),
        ({"iss": ...}, "unknown_issuer", None),
        ({"iss": {}}, "unknown_issuer", None),
    ],
)
def test_claims_at_their_edges(changes, state, reason):
    assert outcome(make_token(claims=claims(**changes))) == (state, reason)


def test_an_expired_token_is_authentic_and_a_forged_one_says_nothing_of_itself():
    expired = verifier().verify([f"Bearer {make_token(claims=claims(exp=1))}"], NOW)
    forged = verifier().verify([f"Bearer {make_token(claims=claims(exp=1), signature=lambda _: bytes(256))}"], NOW)

    assert (expired.state, expired.evidence.credential_id) == (TokenState.EXPIRED, "t-1")
    assert (forged.state, forged.evidence) == (TokenState.INVALID_SIGNATURE, None)


def test_strings_come_out_bounded_and_without_what_does_not_print():
    token = make_token(claims=claims(sub="al\u202eice\x00" + "e" * 5000, roles=["a\nb"] * 500, scp=["x"], scope=...))
    found = verifier().verify([f"Bearer {token}"], NOW)
    assert found.identity.subject == ("alice" + "e" * 5000)[:256]
    assert found.identity.roles == ("ab",) * 64
    assert found.evidence.scopes == ("x",)


@pytest.mark.parametrize(
    ("changes", "roles", "kind"),
    [
        ({"roles": "clerk"}, ("clerk",), "user"),
        ({"roles": ..., "realm_access": {"roles": ["a", "b"]}}, ("a", "b"), "user"),
        ({"roles": {"a": 1}}, (), "user"),
        ({"sub": "web"}, ("clerk",), "service"),
        ({"sub": "job", "client_id": "job"}, ("clerk",), "service"),
    ],
)
def test_roles_and_kind_of_actor(changes, roles, kind):
    found = verifier().verify([f"Bearer {make_token(claims=claims(**changes))}"], NOW)
    assert (found.identity.roles, found.identity.actor_type) == (roles, kind)


def test_without_audiences_it_is_said_that_none_was_checked():
    found = verifier(audiences=()).verify([f"Bearer {make_token(claims=claims(aud='anything'))}"], NOW)
    assert (found.state, found.audience_unchecked) == (TokenState.VERIFIED, True)


@pytest.mark.parametrize(
    ("jwk", "state"),
    [
        (jwk_of(RSA_KEY, kid="rsa", use="enc"), "unknown_key"),
        (jwk_of(RSA_KEY, kid="rsa", key_ops=["encrypt"]), "unknown_key"),
        (jwk_of(RSA_KEY, kid="rsa", key_ops=["verify"]), "verified"),
        (jwk_of(RSA_KEY, kid="rsa", alg="RS512"), "unknown_key"),
        (jwk_of(RSA_KEY, kid="rsa", d="AQAB"), "unknown_key"),
        (jwk_of(RSA_KEY, kid=7), "unknown_key"),
        (jwk_of(RSA_KEY, kid="rsa", n="AQAB"), "unknown_key"),
        (jwk_of(rsa.generate_private_key(public_exponent=65537, key_size=1024), kid="rsa"), "unknown_key"),
        ({"kty": "oct", "kid": "rsa", "k": "c2VjcmV0"}, "unknown_key"),
        ({"kty": "EC", "kid": "rsa", "crv": "P-256", "x": "AA", "y": "AA"}, "unknown_key"),
        (jwk_of(RSA_KEY), "unknown_key"),
    ],
)
def test_only_a_key_that_fits_is_used(jwk, state):
    keys = Keys([jwk])
    assert outcome(make_token(), keys=keys)[0] == state
    assert keys.asked == (state == "unknown_key")


def test_a_token_without_kid_verifies_by_the_only_key_that_fits():
    token = make_token(header(kid=...))
    other = jwk_of(rsa.generate_private_key(public_exponent=65537, key_size=2048), kid="other")
    assert outcome(token)[0] == "verified"
    assert outcome(token, keys=Keys([*KEYS, other]))[0] == "unknown_key"


def test_of_two_keys_under_one_kid_either_may_have_signed():
    other = jwk_of(rsa.generate_private_key(public_exponent=65537, key_size=2048), kid="rsa")
    assert outcome(make_token(), keys=Keys([other, KEYS[0]]))[0] == "verified"


def test_keys_that_are_not_there_yet_and_no_issuer_at_all():
    assert outcome(make_token(), keys=Keys(None))[0] == "keys_unavailable"
    nobody = tokens.TokenVerifier(tokens.TokenSettings(), {}, bytes)
    assert nobody.verify([f"Bearer {make_token()}"], NOW).state is TokenState.UNKNOWN_ISSUER


def test_a_second_look_gives_the_same_value_until_it_expires_or_its_keys_change():
    keys = Keys(KEYS)
    checking = verifier(keys)
    request = [f"Bearer {make_token()}"]
    first = checking.verify(request, NOW)
    assert checking.verify(request, NOW + 1) is first
    assert checking.verify(request, NOW + 659).state is TokenState.VERIFIED
    assert checking.verify(request, NOW + 660).state is TokenState.EXPIRED
    keys.put(KEYS[1:])
    assert checking.verify(request, NOW).state is TokenState.UNKNOWN_KEY


def test_the_same_claims_under_another_signature_are_looked_at_anew():
    checking = verifier()
    token = make_token()
    checking.verify([f"Bearer {token}"], NOW)
    forged = f"{token.rpartition('.')[0]}.{base64url.encode(bytes(256))}"
    assert checking.verify([f"Bearer {forged}"], NOW).state is TokenState.INVALID_SIGNATURE


def test_junk_never_pushes_a_verified_caller_out():
    checking = verifier(cache_size=2)
    request = [f"Bearer {make_token()}"]
    first = checking.verify(request, NOW)
    for number in range(3000):
        checking.verify([f"Bearer junk.{number}.x"], NOW)
    assert checking.verify(request, NOW) is first


def test_no_part_of_a_token_shows_in_a_repr_a_log_line_or_an_outcome(caplog):
    token = make_token(claims=claims(secret="canary-claim"))
    secret = token.rpartition(".")[2]
    with caplog.at_level(logging.DEBUG):
        found = verifier().verify([f"Bearer {token}"], NOW)
        broken = verifier().verify([f"Bearer {token[:-4]}"], NOW)
    shown = f"{found!r} {broken!r} {tokens.segment!r} {caplog.text}"
    assert not any(secret[at : at + 16] in shown for at in range(len(secret) - 16))
    assert "canary-claim" not in shown


@settings(max_examples=150, deadline=None)
@given(position=st.integers(0, 2000), character=st.characters(codec="latin-1"))
def test_no_changed_character_leaves_an_identity(position, character):
    token = GOOD_TOKEN
    position %= len(token)
    changed = token[:position] + character + token[position + 1 :]
    found = verifier().verify([f"Bearer {changed}"], NOW)
    assert (found.identity is not None) == (changed == token)


claim_values = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8), st.lists(st.text(max_size=4), max_size=3), st.sampled_from([ISSUER, "orders", NOW, NOW + 60]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(sorted([*CLAIMS, "nbf"])), claim_values, max_size=3))
def test_whatever_pyjwt_refuses_we_refuse(changes):
    import time

    now = int(time.time())
    base = {**CLAIMS, "iat": now - 60, "exp": now + 600}
    token = make_token(claims={**base, **changes})
    found = verifier().verify([f"Bearer {token}"], now)
    if found.identity is None:
        return
    required = ["exp", "iss", "aud", "sub"]
    key = RSA_KEY.public_key()
    jwt.decode(token, key, ["RS256"], {"require": required}, issuer=ISSUER, audience="orders", leeway=60)


GOOD_TOKEN = make_token()
