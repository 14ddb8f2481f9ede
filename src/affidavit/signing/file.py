"""The identity key in a file: PKCS#8 PEM (RFC 5958, RFC 7468), Ed25519 or P-256, mode 0600.

A new key is written whole under a name of its own and then linked to its place: nobody ever reads half a key, nothing
is overwritten, and of several processes that make one at once all use the winner's.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
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
from affidavit.signing.pem import PUBLIC_KEY, not_ours, read_block, read_private_block

if TYPE_CHECKING:
    from collections.abc import Mapping

_COORDINATE = 32  # bytes of r and of s (RFC 7518 section 3.4)


class FileIdentityKey:
    """Fulfils ``interfaces.IdentityKey``."""

    def __init__(
        self, private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey, *, is_open_to_others: bool = False
    ) -> None:
        self._private = private
        self.public_jwk: Mapping[str, str] = _public_jwk(private.public_key())
        self.algorithm = "EdDSA" if isinstance(private, ed25519.Ed25519PrivateKey) else "ES256"
        self.is_open_to_others = is_open_to_others
        """Whether the file's mode lets anybody but its owner at it."""

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
    try:
        key: Any = load_pem_private_key(read_private_block(path), password=None)
        _public_jwk(key.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise not_ours(path, "a damaged key") from None
    except _OtherKindError as error:
        raise not_ours(path, f"a key of {error}") from None
    return FileIdentityKey(key, is_open_to_others=bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)))


def load_public_jwk(path: Path) -> Mapping[str, str]:
    """The public half of the private or public key in the file at `path`.

    Raises:
        KeyFileError: Neither can be read there.
    """
    block = read_block(path, PUBLIC_KEY)
    if block is None:
        return load_identity_key(path).public_jwk
    try:
        return _public_jwk(load_pem_public_key(block))
    except (ValueError, UnsupportedAlgorithm):
        raise not_ours(path, "a damaged public key") from None
    except _OtherKindError as error:
        raise not_ours(path, f"a public key of {error}") from None


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
        raise KeyFileError(f"{path} is there already, and is not overwritten") from None
    except OSError as error:
        raise KeyFileError(f"{path} cannot be written ({error.strerror})") from None
    return FileIdentityKey(private)


def load_or_generate(path: Path) -> FileIdentityKey:
    """The key in the file at `path`; the first process to ask makes it, and its directory.

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
    """The JWKS (RFC 7517) by which verifiers pin the key; named by its thumbprint (RFC 7638)."""
    key = load_verify_key(jwk)
    return {"keys": [{**jwk, "alg": key.algorithm, "kid": key.thumbprint, "use": "sig"}]}


def _write_new(path: Path, data: bytes) -> None:
    # A name nobody else draws: pids are the same in many a container.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # a key that vouches for records must not be lost before they are
        os.link(draft, path)
    finally:
        draft.unlink()


class _OtherKindError(Exception):
    """A good key, of a kind that we do not use; its text names the kind."""


def _public_jwk(key: Any) -> dict[str, str]:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return ed25519_jwk(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise _OtherKindError(type(key).__name__.removesuffix("PublicKey"))
    if not isinstance(key.curve, ec.SECP256R1):
        raise _OtherKindError(key.curve.name)
    return p256_jwk(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
