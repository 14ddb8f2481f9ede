"""The keys that prove: Ed25519 for streams and identities, P-256 for identities that live in an HSM or a KMS.

A key is named by its RFC 7638 thumbprint, and its algorithm comes from the key, never from what was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from affidavit import base64url, jwk
from affidavit.errors import MalformedError
from affidavit.ledger.ed25519 import verifies

if TYPE_CHECKING:
    from collections.abc import Mapping

_COORDINATE = 32  # bytes of an Ed25519 key, of a P-256 coordinate, of r and of s


class StreamKey:
    """The Ed25519 key of one stream. It lives in memory and dies with the stream."""

    __slots__ = ("_private", "public_bytes", "public_jwk", "thumbprint")

    def __init__(self, seed: bytes) -> None:
        """`seed` is 32 random bytes."""
        self._private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        self.public_bytes = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public_jwk = ed25519_jwk(self.public_bytes)
        self.thumbprint = jwk.thumbprint(self.public_jwk)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature (RFC 8032)."""
        return self._private.sign(message)


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A public key that a signature is checked with."""

    thumbprint: str
    algorithm: str
    """``EdDSA`` or ``ES256``."""
    public_bytes: bytes
    """Raw: 32 bytes of Ed25519, or the 65-byte uncompressed point of P-256."""
    _key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey

    @property
    def public_jwk(self) -> dict[str, str]:
        """The required members, and nothing else."""
        return ed25519_jwk(self.public_bytes) if self.algorithm == "EdDSA" else p256_jwk(self.public_bytes)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` (64 bytes: RFC 8032, or r and s by RFC 7518 section 3.4) is over `message`."""
        if len(signature) != 2 * _COORDINATE:
            return False
        if isinstance(self._key, ed25519.Ed25519PublicKey):
            return verifies(self._key, self.public_bytes, signature, message)
        try:
            r, s = (int.from_bytes(half, "big") for half in (signature[:_COORDINATE], signature[_COORDINATE:]))
            self._key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


def ed25519_jwk(public_bytes: bytes) -> dict[str, str]:
    """The public JWK (RFC 8037) of a 32-byte Ed25519 key."""
    return {"crv": "Ed25519", "kty": "OKP", "x": base64url.encode(public_bytes)}


def p256_jwk(point: bytes) -> dict[str, str]:
    """The public JWK of a P-256 key, from its 65-byte uncompressed point."""
    x, y = point[1 : 1 + _COORDINATE], point[1 + _COORDINATE :]
    return {"crv": "P-256", "kty": "EC", "x": base64url.encode(x), "y": base64url.encode(y)}


def load_verify_key(members: Mapping[str, object]) -> VerifyKey:
    """The key behind a public JWK; members beyond the required ones are passed over.

    Raises:
        MalformedError: Not a public Ed25519 or P-256 key, or another spelling of one.
    """
    if "d" in members:
        raise MalformedError("a private key stands where a public key belongs")
    kind = (members.get("kty"), members.get("crv"))
    if kind == ("OKP", "Ed25519"):
        data = _coordinate(members, "x")
        return VerifyKey(
            jwk.thumbprint(ed25519_jwk(data)), "EdDSA", data, ed25519.Ed25519PublicKey.from_public_bytes(data)
        )
    if kind == ("EC", "P-256"):
        point = b"\x04" + _coordinate(members, "x") + _coordinate(members, "y")
        try:
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            raise MalformedError("the point is not on P-256") from None
        return VerifyKey(jwk.thumbprint(p256_jwk(point)), "ES256", point, key)
    raise MalformedError("neither an Ed25519 nor a P-256 key")


def _coordinate(members: Mapping[str, object], name: str) -> bytes:
    text = members.get(name)
    data = base64url.decode(text) if isinstance(text, str) else b""
    if len(data) != _COORDINATE:
        raise MalformedError(f"member {name} is not {_COORDINATE} bytes of base64url")
    return data
