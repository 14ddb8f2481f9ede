"""Keys: the published examples verify, a second spelling of a key is malformed, and the algorithm is the key's own."""

from __future__ import annotations

import pytest

from affidavit import base64url
from affidavit.errors import MalformedError
from affidavit.ledger.keys import StreamKey, load_verify_key

# RFC 8037 appendix A.
SEED = base64url.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
ED25519 = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
EDDSA_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
)
# RFC 7515 appendix A.3.
P256 = {
    "crv": "P-256",
    "kty": "EC",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
ES256_JWS = (
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
)


def test_the_stream_key_of_rfc_8037_has_the_published_public_half_name_and_signature():
    key = StreamKey(SEED)
    message, signature = EDDSA_JWS
    assert (key.public_jwk, key.thumbprint, base64url.encode(key.sign(message.encode()))) == (
        ED25519,
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        signature,
    )


@pytest.mark.parametrize(("jwk", "algorithm", "jws"), [(ED25519, "EdDSA", EDDSA_JWS), (P256, "ES256", ES256_JWS)])
def test_the_published_signature_verifies_and_no_other(jwk, algorithm, jws):
    key = load_verify_key(jwk)
    message, signature = jws[0].encode(), base64url.decode(jws[1])
    assert (key.algorithm, key.public_jwk) == (algorithm, jwk)
    assert key.verifies(signature, message)
    for changed in (
        b"",
        signature[:-1],
        signature + b"\0",
        bytes(64),
        b"\xff" * 64,
        signature[32:] + signature[:32],
        bytes([signature[0] ^ 1]) + signature[1:],
    ):
        assert not key.verifies(changed, message)
    assert not key.verifies(signature, message + b" ")


def test_an_ed25519_signature_has_one_spelling():
    """RFC 8032 section 5.1.7: S at or above the group's order is refused, else anyone could make a second signature."""
    order = 2**252 + 27742317777372353535851937790883648493
    key = StreamKey(SEED)
    signature = key.sign(b"x")
    s = int.from_bytes(signature[32:], "little") + order
    assert not load_verify_key(ED25519).verifies(signature[:32] + s.to_bytes(32, "little"), b"x")


def test_a_der_encoded_ecdsa_signature_is_refused():
    der = bytes.fromhex("3006020101020101")
    assert not load_verify_key(P256).verifies(der, b"x")


def test_members_beyond_the_required_ones_are_passed_over():
    key = load_verify_key({**P256, "kid": "1", "use": "sig", "alg": "RS256", "x5c": ["…"]})
    assert (key.algorithm, key.public_jwk, key.thumbprint) == (
        "ES256",
        P256,
        "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
    )


@pytest.mark.parametrize(
    "jwk",
    [
        pytest.param({}, id="empty"),
        pytest.param({**ED25519, "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}, id="private"),
        pytest.param({"kty": "oct", "k": "c2VjcmV0"}, id="symmetric"),
        pytest.param({"kty": "RSA", "n": "0vx7", "e": "AQAB"}, id="RSA"),
        pytest.param({**ED25519, "crv": "X25519"}, id="a curve for key agreement"),
        pytest.param({**ED25519, "crv": "Ed448"}, id="Ed448"),
        pytest.param({**P256, "crv": "P-384"}, id="P-384"),
        pytest.param({**P256, "crv": "secp256k1"}, id="secp256k1"),
        pytest.param({**ED25519, "kty": "okp"}, id="small letters"),
        pytest.param({**ED25519, "kty": ["OKP"]}, id="type in a list"),
        pytest.param({**ED25519, "x": ED25519["x"] + "="}, id="padded"),
        pytest.param({**ED25519, "x": ED25519["x"][:-1] + "p"}, id="loose bits"),
        pytest.param({**ED25519, "x": ED25519["x"][:-2]}, id="31 bytes"),
        pytest.param({**ED25519, "x": 1}, id="a number"),
        pytest.param({**ED25519, "x": None}, id="null"),
        pytest.param({"kty": "OKP", "crv": "Ed25519"}, id="no x"),
        pytest.param({**P256, "y": P256["x"]}, id="not on the curve"),
        pytest.param({**P256, "x": base64url.encode(bytes(32)), "y": base64url.encode(bytes(32))}, id="infinity"),
        pytest.param({**P256, "x": base64url.encode(b"\0" + base64url.decode(P256["x"]))}, id="33 bytes"),
    ],
)
def test_what_is_no_public_ed25519_or_p256_key_is_malformed(jwk):
    with pytest.raises(MalformedError):
        load_verify_key(jwk)
