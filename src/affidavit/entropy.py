"""Random bytes without a system call: one block from the system's source, handed out in slices.

``os.urandom`` gives up the GIL, and on a request's path that costs milliseconds beside one busy thread. So a worker
refills the block ahead of need, and only an empty block asks the system itself. Drop it on a fork: parent and child
would hand out the same bytes.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SLICE = 16
_SLICES = 4096


class EntropyBlock:
    """Hands out 16 random bytes a call, each slice once, to any number of threads."""

    __slots__ = ("_block", "_source", "_taken")

    def __init__(self, source: Callable[[int], bytes]) -> None:
        self._source = source
        self._taken = 0
        self._block = self._fresh()

    def take(self) -> bytes:
        """16 random bytes that nobody else gets."""
        block, numbers = self._block
        self._taken = number = next(numbers)  # one step of a C iterator: no two threads get the same number
        start = number * SLICE
        return block[start : start + SLICE] or self._source(SLICE)

    def take_uuid4(self) -> str:
        """A version 4 UUID (RFC 9562 section 5.4) that nobody else gets."""
        data = self.take()
        digits, variant = data.hex(), "89ab"[data[8] & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def refill(self) -> None:
        """Start a fresh block, if half of this one is gone."""
        if self._taken > _SLICES // 2:
            self._taken = 0
            self._block = self._fresh()

    def _fresh(self) -> tuple[bytes, count[int]]:
        return self._source(_SLICES * SLICE), count()
