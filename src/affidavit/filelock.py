"""One exclusive advisory lock on an open file, held by this process until it is released or the process dies.

``flock``, not ``lockf``: a ``lockf`` lock is dropped as soon as *any* descriptor of the file is closed in the process.
A forked child inherits the lock; who forks closes the descriptor in the child.
"""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def exclusive(descriptor: int) -> Iterator[None]:
    """Wait for the lock, hold it for the block."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def try_exclusive(descriptor: int) -> bool:
    """Take the lock if nobody holds it; it lasts until the descriptor is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
