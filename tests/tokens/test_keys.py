"""Which keys of a published set verify which tokens; the rest of the set is passed over, whatever it is."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from affidavit import base64url
from affidavit.errors import MalformedError
from affidavit.jwk import thumbprint
from affidavit.tokens.keys import parse_jwks
from tokens import EC_KEYS, ED_KEY, KEYS, RSA_KEY, jwk_of, sign

RSA_ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
SMALL_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
ED448 = base64url.encode(ed448.Ed448PrivateKey.generate().public_key().public_bytes_raw())
OTHER_RSA = jwk_of(rsa.generate_private_key(public_exponent=65537, key_size=2048))


class Credulous:
    """An algorithm that takes any signature."""

    @staticmethod
    def verify(*_):
        return True


def load(*jwks):
    return parse_jwks(json.dumps({"keys": jwks}).encode())


def algorithms_of(jwk) -> set[str]:
    return {name for keys in load(jwk).by_key_id.values() for key in keys for name in key.verifiers}


@pytest.mark.parametrize(
    ("jwk", "algorithms"),
    [
        (jwk_of(RSA_KEY), RSA_ALGORITHMS),
        (jwk_of(RSA_KEY, alg="PS384"), {"PS384"}),
        (jwk_of(RSA_KEY, use="sig", key_ops=["verify"]), RSA_ALGORITHMS),
        (jwk_of(EC_KEYS["ES256"]), {"ES256"}),
        (jwk_of(EC_KEYS["ES384"]), {"ES384"}),
        (jwk_of(EC_KEYS["ES512"]), {"ES512"}),
        (jwk_of(ED_KEY), {"EdDSA"}),
        (jwk_of(ED_KEY, alg="EdDSA", x5c=["AAAA"], x5t="?", exp=1), {"EdDSA"}),
    ],
)
def test_a_key_serves_what_its_type_curve_and_own_words_allow(jwk, algorithms):
    assert algorithms_of(jwk) == algorithms


@pytest.mark.parametrize(
    "jwk",
    [
        pytest.param(jwk_of(SMALL_RSA_KEY), id="RSA of 1024 bits"),
        pytest.param({"kty": "RSA", "n": base64url.encode(b"\xff" * 4096), "e": "AQAB"}, id="RSA of 32768 bits"),
        pytest.param(jwk_of(RSA_KEY, n="AQAB"), id="RSA of 17 bits"),
        pytest.param(jwk_of(RSA_KEY, e="AA"), id="exponent 0"),
        pytest.param(jwk_of(RSA_KEY, e=3), id="a number instead of base64url"),
        pytest.param({"kty": "RSA", "e": "AQAB"}, id="RSA without n"),
        pytest.param(jwk_of(RSA_KEY, use="enc"), id="for encryption"),
        pytest.param(jwk_of(RSA_KEY, use=None), id="use null"),
        pytest.param(jwk_of(RSA_KEY, key_ops=["encrypt"]), id="other operations"),
        pytest.param(jwk_of(RSA_KEY, key_ops="verify"), id="operations that are no array"),
        pytest.param(jwk_of(RSA_KEY, alg="RSA-OAEP"), id="an algorithm of encryption"),
        pytest.param(jwk_of(RSA_KEY, alg="ES256"), id="an algorithm of another type"),
        pytest.param(jwk_of(RSA_KEY, alg="HS256"), id="a public key as a shared secret"),
        pytest.param(jwk_of(RSA_KEY, alg=None), id="alg null"),
        pytest.param(jwk_of(RSA_KEY, kid=7), id="kid a number"),
        pytest.param(jwk_of(RSA_KEY, d="AQAB"), id="published with its private half"),
        pytest.param({"kty": "oct", "k": "c2VjcmV0"}, id="a shared secret"),
        pytest.param({"kty": "oct", "k": "c2VjcmV0", "alg": "RS256"}, id="a shared secret by another name"),
        pytest.param({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, id="not on the curve"),
        pytest.param(jwk_of(EC_KEYS["ES256"], crv="P-384"), id="another curve"),
        pytest.param(jwk_of(EC_KEYS["ES256"], crv="secp256k1", alg="ES256"), id="a curve that is not taken"),
        pytest.param(jwk_of(ec.generate_private_key(ec.SECP256R1()), alg="ES384"), id="an algorithm of another curve"),
        pytest.param({"kty": "OKP", "crv": "Ed448", "x": ED448}, id="Ed448"),
        pytest.param({"kty": "OKP", "crv": "X25519", "x": jwk_of(ED_KEY)["x"]}, id="X25519"),
        pytest.param(jwk_of(ED_KEY, x="AA"), id="Ed25519 too short"),
        pytest.param({"kty": ["RSA"]}, id="kty an array"),
        pytest.param({}, id="nothing"),
        pytest.param(7, id="no object"),
        pytest.param(None, id="null"),
    ],
)
def test_a_key_that_cannot_serve_is_passed_over_and_costs_no_other(jwk):
    assert {*load(jwk, KEYS[0], jwk).by_key_id} == {"rsa"}


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"", "the key set is malformed: not JSON at character 0"),
        (b"<html>please log in</html>", "the key set is malformed: not JSON at character 0"),
        (b"\x00\xff", "the key set is malformed: not UTF-8"),
        (b"[]", "the key set is malformed: not a JSON object"),
        (b"{}", "the key set's member keys is not an array"),
        (b'{"keys":{}}', "the key set's member keys is not an array"),
        (b'{"keys":[],"keys":[]}', "the key set is malformed: a member stands twice"),
        (b'{"keys":' + b"[" * 50_000, "the key set is malformed: nested deeper than 32"),
        (b'{"keys":[]}' + b" " * 262_144, "the key set is larger than 262144 bytes"),
    ],
)
def test_a_document_that_is_no_key_set_is_malformed_and_the_message_says_why(document, problem):
    with pytest.raises(MalformedError) as caught:
        parse_jwks(document)
    assert str(caught.value) == problem


def test_of_a_set_without_end_256_keys_are_read():
    ids = list(load(*(jwk_of(ED_KEY, kid=str(number)) for number in range(300))).by_key_id)
    assert ids == [str(number) for number in range(256)]


def test_a_key_is_found_by_its_id_and_must_fit_the_algorithm():
    snapshot = load(*KEYS)
    found = {
        (key_id, algorithm): [key.thumbprint for key in snapshot.find(key_id, algorithm)]
        for key_id, algorithm in [("rsa", "RS256"), ("rsa", "ES256"), ("nobody", "RS256"), ("es256", "ES384")]
    }
    assert found == {
        ("rsa", "RS256"): [thumbprint(KEYS[0])],
        ("rsa", "ES256"): [],
        ("nobody", "RS256"): [],
        ("es256", "ES384"): [],
    }


def test_all_keys_under_one_id_are_found():
    assert len(load(KEYS[0], {**OTHER_RSA, "kid": "rsa"}).find("rsa", "RS256")) == 2


def test_a_token_that_names_no_key_finds_the_only_one_that_fits():
    anonymous = jwk_of(EC_KEYS["ES256"])
    assert [len(load(*jwks).find(None, "RS256")) for jwks in ([KEYS[0], anonymous], [KEYS[0], OTHER_RSA], [])] == [
        1,
        0,
        0,
    ]
    assert load(OTHER_RSA).find("rsa", "RS256") == ()


@pytest.mark.parametrize(("key_id", "algorithm"), [("es256", "ES256"), ("es512", "ES512"), ("ed", "EdDSA")])
def test_a_signature_of_another_length_is_not_even_tried(monkeypatch, key_id, algorithm):
    key = load(*KEYS).find(key_id, algorithm)[0]
    signature = sign(algorithm, b"message")
    assert key.verifies(algorithm, signature, b"message")
    monkeypatch.setattr(key.verifiers[algorithm], "Algorithm", Credulous)
    wrong = (b"", signature[:-1], signature + b"\0", b"\0" + signature, signature * 2)
    assert [key.verifies(algorithm, each, b"message") for each in (signature, *wrong)] == [True] + [False] * 5


odd_values = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.text(max_size=6)
    | st.lists(st.text(max_size=3), max_size=2)
)


@settings(deadline=None, max_examples=200)
@given(
    jwk=st.sampled_from(KEYS),
    changes=st.dictionaries(
        st.sampled_from(["kty", "n", "e", "crv", "x", "y", "kid", "alg", "use", "key_ops"]), odd_values, max_size=3
    ),
)
def test_no_key_however_odd_breaks_the_set(jwk, changes):
    assert "es256" in load({**jwk, **changes}, KEYS[1]).by_key_id
