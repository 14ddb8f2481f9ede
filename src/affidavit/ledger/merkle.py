"""The Merkle tree of RFC 6962 section 2.1 over a stream's leaf hashes, kept as its frontier.

The frontier holds the roots of the complete subtrees, largest first: one hash for each bit set in the size. Appending
and reading the root take O(log n); the leaves themselves are not kept.
"""

from __future__ import annotations

from hashlib import sha256

from affidavit.ledger.hashing import node_hash

EMPTY_ROOT = sha256(b"").digest()


class Frontier:
    """A tree that only grows. A class, because sealing and verifying both feed it leaf by leaf."""

    __slots__ = ("_subtrees", "size")

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one 32-byte leaf hash."""
        subtrees = self._subtrees
        size = self.size
        while size & 1:  # each trailing one bit is a subtree as large as what we carry
            leaf = node_hash(subtrees.pop(), leaf)
            size >>= 1
        subtrees.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The 32-byte root over all leaves so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        root = self._subtrees[-1]
        for subtree in reversed(self._subtrees[:-1]):
            root = node_hash(subtree, root)
        return root
