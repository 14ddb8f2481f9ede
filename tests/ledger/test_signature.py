"""A record's signature is one detached JWS, checked here by two strangers as well: openssl and PyJWT."""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode

import jwt
import pytest

from affidavit import base64url
from affidavit.errors import MalformedError
from affidavit.ledger.keys import StreamKey, load_verify_key
from affidavit.ledger.signature import ADOPTED, RECORD, Detached, Signer, parse_detached

KEY = StreamKey(bytes(range(32)))
PUBLIC = load_verify_key(KEY.public_jwk)
TEXT = b'{"event_name":"http.server.request"}'
HEADER = f'{{"alg":"EdDSA","kid":"{KEY.thumbprint}","typ":"affidavit-record+jws"}}'
JWS = Signer(KEY, RECORD).sign(TEXT)


def spell(header: str | bytes, signature: bytes = b"s" * 64, middle: str = "") -> str:
    data = header.encode() if isinstance(header, str) else header
    return f"{base64url.encode(data)}.{middle}.{base64url.encode(signature)}"


@pytest.mark.parametrize("typ", [RECORD, ADOPTED])
def test_the_header_is_exactly_alg_kid_and_typ(typ):
    header, middle, signature = Signer(KEY, typ).sign(TEXT).split(".")
    spelled = HEADER.replace(RECORD, typ)
    assert (base64url.decode(header).decode(), middle) == (spelled, "")
    message = f"{header}.{base64url.encode(TEXT)}".encode()
    assert base64url.decode(signature) == KEY.sign(message)


def test_what_was_signed_is_taken_apart_and_verifies():
    header, _, signature = JWS.split(".")
    detached = parse_detached(JWS)
    assert detached == Detached(KEY.thumbprint, RECORD, header, base64url.decode(signature))
    assert detached.verifies(PUBLIC, TEXT)


def test_another_text_another_key_or_another_role_does_not_verify():
    detached = parse_detached(JWS)
    adopted = base64url.encode(HEADER.replace(RECORD, ADOPTED).encode())
    stranger = load_verify_key(StreamKey(bytes(32)).public_jwk)
    assert not detached.verifies(PUBLIC, TEXT + b"\n")
    assert not detached.verifies(stranger, TEXT)
    assert not parse_detached(JWS.replace(JWS.split(".")[0], adopted)).verifies(PUBLIC, TEXT)


def test_a_p256_key_never_verifies_a_record():
    point = {
        "crv": "P-256",
        "kty": "EC",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    key = load_verify_key(point)
    assert not parse_detached(spell(HEADER.replace(KEY.thumbprint, key.thumbprint))).verifies(key, TEXT)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(HEADER.replace(":", ": "), id="spaces"),
        pytest.param(HEADER + "\n", id="newline"),
        pytest.param("\ufeff" + HEADER, id="byte order mark"),
        pytest.param(HEADER.encode("utf-16"), id="UTF-16"),
        pytest.param(HEADER.replace("EdDSA", "Ed25519"), id="the other name of the algorithm"),
        pytest.param(HEADER.replace("EdDSA", "none"), id="no algorithm"),
        pytest.param(HEADER.replace("EdDSA", "HS256"), id="symmetric"),
        pytest.param(HEADER.replace(RECORD, "affidavit-stream+jws"), id="the endorsement's type"),
        pytest.param(HEADER.replace(RECORD, "JWT"), id="a token's type"),
        pytest.param(HEADER.replace(f'"typ":"{RECORD}"', f'"typ":["{RECORD}"]'), id="type in a list"),
        pytest.param(HEADER.replace(f'"{KEY.thumbprint}"', "1"), id="number as kid"),
        pytest.param(HEADER.replace(KEY.thumbprint, "\\ud800"), id="lone surrogate as kid"),
        pytest.param(HEADER.replace(KEY.thumbprint, "\\u0041"), id="needless escape"),
        pytest.param(HEADER.replace('"alg":"EdDSA",', ""), id="no alg"),
        pytest.param(HEADER.replace("{", '{"b64":false,'), id="one more member"),
        pytest.param(HEADER.replace("{", '{"alg":"EdDSA",'), id="member twice"),
        pytest.param(f'{{"kid":"{KEY.thumbprint}","alg":"EdDSA","typ":"{RECORD}"}}', id="unsorted"),
        pytest.param("[]", id="list"),
        pytest.param('"kid typ"', id="string"),
        pytest.param("1", id="number"),
        pytest.param("null", id="null"),
        pytest.param("[" * 350, id="deep"),
        pytest.param("", id="empty"),
        pytest.param(b"\xff\xfe", id="not text"),
    ],
)
def test_any_second_spelling_of_the_header_is_malformed(header):
    with pytest.raises(MalformedError):
        parse_detached(spell(header))


@pytest.mark.parametrize(
    "jws",
    [
        pytest.param("", id="empty"),
        pytest.param(".", id="two segments"),
        pytest.param(JWS.replace("..", "."), id="one dot"),
        pytest.param(JWS + ".", id="four segments"),
        pytest.param(JWS + "=", id="padding"),
        pytest.param(JWS + "\n", id="newline"),
        pytest.param(" " + JWS, id="space"),
        pytest.param(JWS[:-1] + "é", id="not ASCII"),
        pytest.param(spell(HEADER, middle=base64url.encode(TEXT)), id="with its payload"),
        pytest.param(spell(HEADER, b"s" * 400), id="too long"),
    ],
)
def test_what_is_no_detached_jws_is_malformed(jws):
    with pytest.raises(MalformedError):
        parse_detached(jws)


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_length_does_not_verify(size):
    assert not parse_detached(spell(HEADER, b"s" * size)).verifies(PUBLIC, TEXT)


def test_openssl_verifies_it(tmp_path):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl")
    header, _, signature = JWS.split(".")
    prefix = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: SubjectPublicKeyInfo of Ed25519
    pem = b64encode(prefix + KEY.public_bytes).decode()
    (tmp_path / "key.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n")
    (tmp_path / "signature").write_bytes(base64url.decode(signature))

    def verify(text: bytes) -> subprocess.CompletedProcess[bytes]:
        (tmp_path / "message").write_bytes(f"{header}.{base64url.encode(text)}".encode())
        options = ("-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message", "-sigfile", "signature")
        return subprocess.run([openssl, "pkeyutl", *options], cwd=tmp_path, capture_output=True, check=False)

    good = verify(TEXT)
    if b"-rawin" in good.stderr or b"not supported" in good.stderr:
        pytest.skip("this openssl has no pkeyutl -rawin for Ed25519")
    assert (good.returncode, good.stdout) == (0, b"Signature Verified Successfully\n")
    assert verify(TEXT + b"\n").returncode != 0


def test_pyjwt_verifies_it_once_the_payload_is_put_back():
    attached = JWS.replace("..", f".{base64url.encode(TEXT)}.")
    key = jwt.PyJWK({**KEY.public_jwk, "alg": "EdDSA"}).key
    decoded = jwt.api_jws.decode_complete(attached, key, algorithms=["EdDSA"])
    header = {"alg": "EdDSA", "kid": KEY.thumbprint, "typ": RECORD}
    assert (decoded["header"], decoded["payload"]) == (header, TEXT)
