"""Waiting for something another process does: asked again at short intervals, for a bounded time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def until(probe: Callable[[], T], timeout_s: float = 20.0) -> T:
    """The first true answer of `probe`."""
    deadline = time.monotonic() + timeout_s
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"{probe} was not true within {timeout_s} s"
        time.sleep(0.05)  # another process gives no event to wait for
    return answer
