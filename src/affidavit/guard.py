"""The one place where our failures stop. The application's own exceptions never pass through here.

``with GUARD:`` around a block, ``@GUARD.guards`` on a function that hooks call on each request: half the frames.

What is stopped is counted, and said once a place: the type and where, never the text, which may quote a token or a
key.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    P = ParamSpec("P")
    R = TypeVar("R")

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
        if kind is None or not issubclass(kind, Exception):
            return False
        self._note(kind, traceback)
        return True

    def stop(self, error: Exception) -> None:
        """Take note of `error`, which has been caught."""
        self._note(type(error), error.__traceback__)

    def guards(self, function: Callable[P, R]) -> Callable[P, R | None]:
        """`function`, but None where it fails."""

        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
            try:
                return function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is ours
                self.stop(error)
                return None

        return guarded

    def _note(self, kind: type[BaseException], traceback: TracebackType | None) -> None:
        self.stopped += 1
        while traceback is not None and traceback.tb_next is not None:
            traceback = traceback.tb_next
        where = f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}" if traceback else "an unknown place"
        place = f"{kind.__name__} at {where}"
        if place not in self._said:
            self._said.add(place)
            with suppress(Exception):  # a handler of the application's may fail as well
                _log.error("affidavit: internal failure (%s); the application goes on", place)


GUARD = Guard()
