"""Ed25519 signatures checked (RFC 8032 section 5.1.7): OpenSSL decides, libsodium says yes in half the time.

A file has one signature a record, and checking them takes longer than all else. Where PyNaCl is installed (extra
``fast``) libsodium is asked first. The answer is the same with and without it:

- What libsodium accepts, OpenSSL accepts. Both refuse an S that is not below the group's order, compute S·B - h·A and
  compare its encoding with R byte by byte. Libsodium asks more: A canonical, neither A nor R of small order.
- What libsodium refuses, OpenSSL decides.

A library that multiplied by the cofactor first (RFC 8032 allows that too) would accept signatures that OpenSSL refuses;
only who holds the private key can make one. So libsodium is used only if it refuses such a one, here below.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SIGNATURE_BYTES = 64

COFACTORED = (
    bytes.fromhex("181d7ce4e3dbb79da94acf9fc9e59c09b10f2fcd75e0acc002e2eea7deea8914"),
    bytes.fromhex(
        "3b6f799ed4fed210fbfbe4a2b52cb6e4dd76b422a8c3d1b90994f2dfceeb657a"
        "146171fba472b68c53fe5b84986877d6b32cbc117dad3590eb54f84046e3a50e"
    ),
    b"cofactor",
)
"""A key, a signature and a message: R has a part of order 8, so it verifies with the cofactor and not without."""


def verifies(key: Ed25519PublicKey, public_bytes: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is over `message` by `key`, whose 32 raw bytes are `public_bytes`."""
    accepts = _load_libsodium()
    if accepts is not None and accepts(public_bytes, signature, message):
        return True
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


@cache
def _load_libsodium() -> Callable[[bytes, bytes, bytes], bool] | None:
    """What asks libsodium; None if it is not here. Loaded when the first signature is checked: sealing needs none."""
    try:
        from nacl.bindings import crypto_sign_open
        from nacl.exceptions import BadSignatureError
    except ImportError:
        return None

    def accepts(public_bytes: bytes, signature: bytes, message: bytes) -> bool:
        if len(signature) != SIGNATURE_BYTES:
            return False  # it would take bytes of the message for the rest
        try:
            crypto_sign_open(signature + message, public_bytes)
        except BadSignatureError:
            return False
        return True

    return None if accepts(*COFACTORED) else accepts
