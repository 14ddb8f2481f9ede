"""The identity key in a file: PKCS#8 PEM (RFC 5958, RFC 7468), Ed25519 or P-256, mode 0600.

A new key is written whole to a name of its own and then linked to its place: nobody ever reads half a key, nothing is
overwritten, and of several processes that make one at once all use the winner's.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from affidavit.errors import KeyFileError
from affidavit.ledger.keys import ed25519_jwk, load_verify_key, p256_jwk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MAX_BYTES = 16_384
_COORDINATE = 32
_WANTED = "an Ed25519 or P-256 key is wanted; make one with `affidavit keys generate`"


class FileIdentityKey:
    """Fulfils ``interfaces.IdentityKey``."""

    def __init__(self, private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._private = private
        self.public_jwk: Mapping[str, str] = _public_jwk(private.public_key())
        self.algorithm = "EdDSA" if isinstance(private, ed25519.Ed25519PrivateKey) else "ES256"

    def sign(self, message: bytes) -> bytes:
        """The 64-byte JWS signature over `message`."""
        if isinstance(self._private, ed25519.Ed25519PrivateKey):
            return self._private.sign(message)
        r, s = utils.decode_dss_signature(self._private.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")


def load_identity_key(path: Path) -> FileIdentityKey:
    """The identity key in the file at `path`.

    Raises:
        KeyFileError: It cannot be read, or is not a private key of a kind that we use.
    """
    data = _read(path)
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileError(f"{path}: {_describe(data)}") from None
    return FileIdentityKey(_usable(key, path))


def load_public_jwk(path: Path) -> Mapping[str, str]:
    """The public half of the private or public key in the file at `path`.

    Raises:
        KeyFileError: Neither can be read there.
    """
    data = _read(path)
    if b"PUBLIC KEY" not in data:
        return load_identity_key(path).public_jwk
    try:
        return _public_jwk(load_pem_public_key(data))
    except (ValueError, UnsupportedAlgorithm, KeyFileError):
        raise KeyFileError(f"{path}: not a public key that we use; {_WANTED}") from None


def make_identity_key() -> FileIdentityKey:
    """A fresh Ed25519 key in memory only."""
    return FileIdentityKey(ed25519.Ed25519PrivateKey.generate())


def generate_identity_key(path: Path) -> FileIdentityKey:
    """Make a fresh Ed25519 key in a new file at `path`, mode 0600.

    Raises:
        KeyFileError: There is a file already, or it cannot be written.
    """
    private = ed25519.Ed25519PrivateKey.generate()
    try:
        _write_new(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    except FileExistsError:
        raise KeyFileError(f"{path}: there is a file already, and it is not overwritten") from None
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be written ({error.strerror})") from None
    return FileIdentityKey(private)


def load_or_generate(path: Path) -> FileIdentityKey:
    """The key in the file at `path`; the first process to ask makes it.

    Raises:
        KeyFileError: There is none and none can be made, or what is there is not one.
    """
    if not path.exists():
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return generate_identity_key(path)
        except KeyFileError:
            if not path.exists():
                raise
    return load_identity_key(path)


def format_jwks(jwk: Mapping[str, str]) -> dict[str, list[dict[str, str]]]:
    """The JWKS (RFC 7517) by which verifiers pin the key."""
    key = load_verify_key(jwk)
    return {"keys": [{**jwk, "alg": key.algorithm, "kid": key.thumbprint, "use": "sig"}]}


def _write_new(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # a key that vouches for records must not be lost before they are
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > _MAX_BYTES:
        raise KeyFileError(f"{path}: larger than any key; {_WANTED}")
    return data


def _usable(key: Any, path: Path) -> ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise KeyFileError(f"{path}: a key of another kind; {_WANTED}")


def _describe(data: bytes) -> str:
    for mark, name in (
        (b"ENCRYPTED", "an encrypted key, which nobody is here to unlock"),
        (b"PUBLIC KEY", "a public key"),
        (b"CERTIFICATE", "a certificate"),
    ):
        if mark in data:
            return f"{name}; {_WANTED}"
    return f"not a PKCS#8 PEM private key; {_WANTED}"


def _public_jwk(key: Any) -> dict[str, str]:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return ed25519_jwk(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return p256_jwk(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    raise KeyFileError(_WANTED)
