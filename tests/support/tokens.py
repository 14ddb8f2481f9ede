"""Tokens by hand: any header, any payload, any signature, also such as no library would make."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from affidavit import base64url
from affidavit.tokens.keys import KeySnapshot, parse_jwks
from affidavit.tokens.settings import TokenSettings
from affidavit.tokens.verifier import TokenVerifier

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_800_000_000
ISSUER = "https://login.example.com"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "orders",
    "sub": "alice",
    "iat": NOW - 60,
    "exp": NOW + 600,
    "jti": "t-1",
    "azp": "web",
    "scope": "orders:read orders:write",
    "roles": ["clerk"],
}
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEYS = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
}
ED_KEY = ed25519.Ed25519PrivateKey.generate()
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def sign(algorithm: str, message: bytes) -> bytes:
    """A genuine signature by the test's key for `algorithm`."""
    digest = _HASHES.get(algorithm[2:])
    if algorithm.startswith("RS"):
        return RSA_KEY.sign(message, padding.PKCS1v15(), digest)
    if algorithm.startswith("PS"):
        return RSA_KEY.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    if algorithm in EC_KEYS:
        key = EC_KEYS[algorithm]
        r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
        size = (key.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    return ED_KEY.sign(message)


def jwk_of(key: Any, **members: Any) -> dict[str, Any]:
    """The public JWK of a private key."""
    numbers = key.public_key()
    if isinstance(numbers, rsa.RSAPublicKey):
        n = numbers.public_numbers()
        size = (n.n.bit_length() + 7) // 8
        made = {"kty": "RSA", "n": base64url.encode(n.n.to_bytes(size, "big")), "e": "AQAB"}
    elif isinstance(numbers, ec.EllipticCurvePublicKey):
        n, size = numbers.public_numbers(), (numbers.key_size + 7) // 8
        curve = {256: "P-256", 384: "P-384", 521: "P-521"}[numbers.key_size]
        made = {
            "kty": "EC",
            "crv": curve,
            "x": base64url.encode(n.x.to_bytes(size, "big")),
            "y": base64url.encode(n.y.to_bytes(size, "big")),
        }
    else:
        made = {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(numbers.public_bytes_raw())}
    return {**made, **members}


KEYS = [
    jwk_of(RSA_KEY, kid="rsa"),
    *(jwk_of(key, kid=name.lower()) for name, key in EC_KEYS.items()),
    jwk_of(ED_KEY, kid="ed"),
]
KIDS = {"RS": "rsa", "PS": "rsa", "Ed": "ed", "ES256": "es256", "ES384": "es384", "ES512": "es512"}


def kid_for(algorithm: str) -> str:
    return KIDS.get(algorithm) or KIDS[algorithm[:2]]


def segment(value: Any) -> str:
    """One segment: JSON of a value, or raw bytes or text as they are."""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    return base64url.encode(value if isinstance(value, bytes) else json.dumps(value).encode())


def make_token(
    header: Any = None,
    claims: Any = None,
    *,
    algorithm: str = "RS256",
    signature: Callable[[bytes], bytes] | None = None,
) -> str:
    """A compact JWS whose signature is genuine unless `signature` makes another."""
    head = {"alg": algorithm, "typ": "JWT", "kid": kid_for(algorithm)} if header is None else header
    signing_input = f"{segment(head)}.{segment(CLAIMS if claims is None else claims)}"
    made = (signature or (lambda message: sign(algorithm, message)))(signing_input.encode())
    return f"{signing_input}.{base64url.encode(made)}"


class Keys:
    """A ``KeySource`` whose keys the test holds."""

    def __init__(self, jwks: list[dict[str, Any]] | None) -> None:
        self.asked: list[str | None] = []
        self.put(jwks)

    def put(self, jwks: list[dict[str, Any]] | None) -> None:
        self.current = None if jwks is None else parse_jwks(json.dumps({"keys": jwks}).encode())

    def snapshot(self) -> KeySnapshot | None:
        return self.current

    def request_refresh(self, key_id: str | None) -> None:
        self.asked.append(key_id)


def verifier(keys: Keys | None = None, **settings: Any) -> TokenVerifier:
    """A verifier for the test's issuer, audience and keys."""
    settings = {"issuers": (ISSUER,), "audiences": ("orders",), **settings}
    return TokenVerifier(TokenSettings(**settings), {ISSUER: keys or Keys(KEYS)}, lambda size: bytes(range(size)))
