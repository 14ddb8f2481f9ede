"""Verifications of tokens seen before, by a keyed hash of the whole header: no token is held, and none can be found.

An entry counts while its time has not run out and the keys it was verified with are still the ones in force. Refusals
have a room of their own and a short life, so that junk never pushes a verified caller out.
"""

from __future__ import annotations

from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from affidavit.model import Verification
    from affidavit.tokens.keys import KeySnapshot, KeySource

REFUSAL_S = 30.0
_REFUSALS = 1024
_PIECE = 2047  # larger inputs make hashlib give up the GIL
_DIGEST_BYTES = 16


class Entry(NamedTuple):
    """A verification, until when it counts, and what it rests on."""

    verification: Verification
    until_s: float
    source: KeySource | None
    snapshot: KeySnapshot | None


class VerificationCache:
    """Bounded, first in first out. Any number of threads; the lock is held for two steps of a dictionary."""

    def __init__(self, key: bytes, size: int) -> None:
        """`key` is random and this process's own."""
        self._key = key
        self._lock = Lock()
        self._verified: dict[bytes, Entry] = {}
        self._refused: dict[bytes, Entry] = {}
        self._size = size

    def digest(self, header: str) -> bytes:
        """What stands for `header` here."""
        data = header.encode("utf-8", "surrogatepass")
        if len(data) <= _PIECE:
            return blake2b(data, digest_size=_DIGEST_BYTES, key=self._key).digest()
        state = blake2b(digest_size=_DIGEST_BYTES, key=self._key)
        for start in range(0, len(data), _PIECE):
            state.update(data[start : start + _PIECE])
        return state.digest()

    def get(self, digest: bytes, now_s: float) -> Verification | None:
        """The verification of before, if it still counts."""
        entry = self._verified.get(digest) or self._refused.get(digest)
        if entry is None or now_s >= entry.until_s:
            return None
        if entry.source is not None and entry.source.snapshot() is not entry.snapshot:
            return None
        return entry.verification

    def put(self, digest: bytes, entry: Entry) -> None:
        """Keep `entry`, at the cost of the oldest one."""
        is_verified = entry.verification.identity is not None
        room, size = (self._verified, self._size) if is_verified else (self._refused, _REFUSALS)
        with self._lock:
            room.pop(digest, None)
            if len(room) >= size:
                del room[next(iter(room))]
            room[digest] = entry
