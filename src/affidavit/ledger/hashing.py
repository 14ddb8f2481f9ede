r"""Domain-separated SHA-256. The first byte says what was hashed, so no hash can stand for another kind::

    leaf        SHA-256(0x00 ‖ text)          the link to the next record, and the leaf of the Merkle tree
    node        SHA-256(0x01 ‖ left ‖ right)  RFC 6962 section 2.1
    disclosure  SHA-256(0x02 ‖ disclosure)

By hand: ``(printf '\0'; cat text) | sha256sum``.
"""

from __future__ import annotations

from hashlib import sha256

# hashlib gives up the GIL for inputs of 2,048 bytes and more, and beside one busy thread it is milliseconds until it
# comes back. Sealing happens on the request's path: feed it smaller pieces.
_PIECE = 2047


def leaf_hash(text: bytes) -> bytes:
    """The 32-byte hash of a statement's text."""
    return sha256(b"\x00" + text).digest() if len(text) < _PIECE else _hash(b"\x00", text)


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32-byte hash of an inner node of the Merkle tree."""
    return sha256(b"\x01" + left + right).digest()


def disclosure_hash(disclosure: bytes) -> str:
    """The hash that the text lists for `disclosure`: 64 lowercase hex digits."""
    digest = sha256(b"\x02" + disclosure).digest() if len(disclosure) < _PIECE else _hash(b"\x02", disclosure)
    return digest.hex()


def _hash(kind: bytes, data: bytes) -> bytes:
    first = _PIECE - len(kind)
    digest = sha256(kind + data[:first])
    for start in range(first, len(data), _PIECE):
        digest.update(data[start : start + _PIECE])
    return digest.digest()
