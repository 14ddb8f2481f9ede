"""The one place where our failures stop. The application's own exceptions never pass through here.

What is stopped is counted, and said once a place: the type and where, never the text, which may quote a token or a
key.
"""

from __future__ import annotations

import logging
from traceback import extract_tb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_log = logging.getLogger(__name__)


class Guard:
    """A context manager that lets the application go on. One serves all threads: it keeps no state of a block."""

    def __init__(self) -> None:
        self.stopped = 0
        """How many failures of ours have been stopped."""
        self._said: set[str] = set()

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if kind is None:
            return False
        if not issubclass(kind, Exception):
            return False
        self.stopped += 1
        frame = extract_tb(traceback)[-1]
        place = f"{kind.__name__} at {frame.filename}:{frame.lineno}"
        if place not in self._said:
            self._said.add(place)
            _log.error("affidavit: internal failure (%s); the application goes on", place)
        return True


GUARD = Guard()
