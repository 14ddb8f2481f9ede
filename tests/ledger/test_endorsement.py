"""An endorsement has one spelling, its algorithm is its key's, and its signature is checked before it is believed."""

from __future__ import annotations

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from affidavit import base64url
from affidavit.errors import MalformedError
from affidavit.ledger.endorsement import Endorsement, endorse, verify_endorsement
from affidavit.ledger.keys import StreamKey, load_verify_key, p256_jwk

STREAM = "6f0e1d2c-0000-4000-8000-000000000001"
STREAM_KEY = StreamKey(bytes(range(32)))
TIMESTAMP_NS = 1_767_225_600_000_000_000


class Ed25519Identity:
    algorithm = "EdDSA"

    def __init__(self) -> None:
        key = StreamKey(b"i" * 32)
        self.public_jwk = key.public_jwk
        self.sign = key.sign


class P256Identity:
    algorithm = "ES256"

    def __init__(self) -> None:
        self._key = ec.derive_private_key(7, ec.SECP256R1())
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_jwk = p256_jwk(point)

    def sign(self, message: bytes) -> bytes:
        r, s = utils.decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


IDENTITY = Ed25519Identity()
JWS = endorse(IDENTITY, STREAM, STREAM_KEY.public_jwk, "orders", TIMESTAMP_NS)
HEADER, PAYLOAD = (base64url.decode(segment).decode() for segment in JWS.split(".")[:2])


def signed(header: str | bytes = HEADER, payload: str | bytes = PAYLOAD) -> str:
    """A JWS of these very bytes, with a signature that verifies."""
    header, payload = (part.encode() if isinstance(part, str) else part for part in (header, payload))
    signing_input = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    return f"{signing_input}.{base64url.encode(IDENTITY.sign(signing_input.encode()))}"


@pytest.mark.parametrize("identity", [Ed25519Identity(), P256Identity()], ids=["EdDSA", "ES256"])
def test_what_an_identity_endorses_is_what_a_verifier_reads(identity):
    jws = endorse(identity, STREAM, STREAM_KEY.public_jwk, "orders", TIMESTAMP_NS)
    assert verify_endorsement(jws) == Endorsement(
        identity=load_verify_key(identity.public_jwk),
        stream_id=STREAM,
        stream_key=load_verify_key(STREAM_KEY.public_jwk),
        service_name="orders",
        timestamp="1767225600000000000",
    )


def test_header_and_payload_are_in_the_one_spelling():
    identity_x, stream_x = IDENTITY.public_jwk["x"], STREAM_KEY.public_jwk["x"]
    expected_header = (
        f'{{"alg":"EdDSA","jwk":{{"crv":"Ed25519","kty":"OKP","x":"{identity_x}"}},"typ":"affidavit-stream+jws"}}'
    )
    expected_payload = (
        f'{{"affidavit.format":"1","audit.sequence.stream_id":"{STREAM}",'
        f'"jwk":{{"crv":"Ed25519","kty":"OKP","x":"{stream_x}"}},"service.name":"orders","timestamp":"{TIMESTAMP_NS}"}}'
    )
    assert [expected_header, expected_payload] == [HEADER, PAYLOAD]


def test_a_service_name_is_raw_utf8():
    jws = endorse(IDENTITY, STREAM, STREAM_KEY.public_jwk, "bestellungen-ä", TIMESTAMP_NS)
    assert verify_endorsement(jws).service_name == "bestellungen-ä"
    assert '"service.name":"bestellungen-ä"' in base64url.decode(jws.split(".")[1]).decode()


@pytest.mark.parametrize("identity", [Ed25519Identity(), P256Identity()], ids=["EdDSA", "ES256"])
def test_pyjwt_verifies_it(identity):
    jws = endorse(identity, STREAM, STREAM_KEY.public_jwk, "orders", TIMESTAMP_NS)
    key = jwt.PyJWK({**identity.public_jwk, "alg": identity.algorithm}).key
    payload = jwt.api_jws.decode(jws, key, algorithms=[identity.algorithm])
    assert json.loads(payload)["audit.sequence.stream_id"] == STREAM


@pytest.mark.parametrize(
    "jws",
    [
        pytest.param(signed(header=HEADER.replace(":", ": ")), id="spaces in the header"),
        pytest.param(signed(header=HEADER + "\n"), id="newline behind the header"),
        pytest.param(signed(header=HEADER.encode("utf-16")), id="header in UTF-16"),
        pytest.param(signed(header="\ufeff" + HEADER), id="byte order mark"),
        pytest.param(signed(header=HEADER.replace("EdDSA", "Ed25519")), id="the other name of the algorithm"),
        pytest.param(signed(header=HEADER.replace("EdDSA", "none")), id="no algorithm"),
        pytest.param(signed(header=HEADER.replace("EdDSA", "ES256")), id="the algorithm of another key"),
        pytest.param(signed(header=HEADER.replace("stream+jws", "record+jws")), id="the type of a record"),
        pytest.param(signed(header=HEADER.replace("{", '{"kid":"1",', 1)), id="one more member"),
        pytest.param(signed(header=HEADER.replace('"kty"', '"kid":"1","kty"')), id="one more member of the key"),
        pytest.param(signed(header=HEADER.replace('"kty"', '"d":"AA","kty"')), id="a private key"),
        pytest.param(signed(header='{"alg":"EdDSA","typ":"affidavit-stream+jws"}'), id="no key"),
        pytest.param(signed(header='{"alg":"EdDSA","jwk":[],"typ":"affidavit-stream+jws"}'), id="a list for a key"),
        pytest.param(signed(header="[]"), id="a list for a header"),
        pytest.param(signed(header="1"), id="a number for a header"),
        pytest.param(signed(header="NaN"), id="NaN for a header"),
        pytest.param(signed(header=b"\xff"), id="no text for a header"),
        pytest.param(signed(header="[" * 1400), id="deep lists"),
        pytest.param(signed(payload=PAYLOAD.replace(":", ": ")), id="spaces in the payload"),
        pytest.param(signed(payload=PAYLOAD + " "), id="space behind the payload"),
        pytest.param(signed(payload=PAYLOAD.replace('"1"', '"2"')), id="another format"),
        pytest.param(signed(payload=PAYLOAD.replace('"affidavit.format":"1"', '"affidavit.format":1')), id="a number"),
        pytest.param(signed(payload=PAYLOAD.replace('"orders"', "null")), id="null"),
        pytest.param(signed(payload=PAYLOAD.replace('"orders"', '"\\ud800"')), id="lone surrogate, escaped"),
        pytest.param(signed(payload=PAYLOAD.encode().replace(b"orders", b"\xed\xa0\x80")), id="surrogate in UTF-8"),
        pytest.param(signed(payload=PAYLOAD.replace('"orders"', '"\\u006frders"')), id="needless escape"),
        pytest.param(signed(payload=PAYLOAD.replace(f'"{TIMESTAMP_NS}"', f"{TIMESTAMP_NS}")), id="integer timestamp"),
        pytest.param(signed(payload=PAYLOAD.replace(f'"{TIMESTAMP_NS}"', '"2026-01-01"')), id="a date as timestamp"),
        pytest.param(signed(payload=PAYLOAD.replace(f'"{TIMESTAMP_NS}"', '"-1"')), id="negative timestamp"),
        pytest.param(signed(payload=PAYLOAD.replace(f'"{TIMESTAMP_NS}"', '""')), id="empty timestamp"),
        pytest.param(signed(payload=PAYLOAD.replace("{", '{"a":"b",', 1)), id="one more member of the payload"),
        pytest.param(signed(payload=PAYLOAD.replace(',"service.name":"orders"', "")), id="one member fewer"),
        pytest.param(signed(payload=PAYLOAD.replace('"timestamp"', '"timestamp":"1","timestamp"')), id="member twice"),
        pytest.param(
            signed(
                payload=PAYLOAD.replace(
                    json.dumps(STREAM_KEY.public_jwk, separators=(",", ":")),
                    json.dumps(P256Identity().public_jwk, separators=(",", ":")),
                )
            ),
            id="a stream key on P-256",
        ),
        pytest.param(JWS + ".", id="four segments"),
        pytest.param(JWS.rpartition(".")[0], id="no signature"),
        pytest.param(JWS.rpartition(".")[0] + ".", id="empty signature"),
        pytest.param(JWS + "=", id="padding"),
        pytest.param(JWS + "\n", id="newline"),
        pytest.param("é" + JWS, id="not ASCII"),
        pytest.param(JWS.replace(".", "..", 1), id="detached"),
        pytest.param("", id="empty"),
        pytest.param(signed(payload=PAYLOAD.replace("orders", "o" * 4096)), id="too long"),
    ],
)
def test_any_second_spelling_is_malformed_though_the_identity_key_signed_it(jws):
    with pytest.raises(MalformedError):
        verify_endorsement(jws)


def test_another_payload_under_the_same_signature_does_not_verify():
    header, _, signature = JWS.split(".")
    forged = base64url.encode(PAYLOAD.replace("orders", "Orders").encode())
    with pytest.raises(MalformedError, match="the endorsement's signature does not verify"):
        verify_endorsement(f"{header}.{forged}.{signature}")


def test_another_key_in_the_header_does_not_verify():
    header = HEADER.replace(IDENTITY.public_jwk["x"], StreamKey(b"j" * 32).public_jwk["x"])
    _, payload, signature = JWS.split(".")
    with pytest.raises(MalformedError, match="the endorsement's signature does not verify"):
        verify_endorsement(f"{base64url.encode(header.encode())}.{payload}.{signature}")
