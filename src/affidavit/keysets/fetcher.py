"""One daemon thread that fetches for every issuer of this process. It starts with the first token, in no other way.

A fork leaves it behind: the child drops this object with everything that uses it, and makes its own.
"""

from __future__ import annotations

from threading import Event, Lock, Thread
from typing import Protocol


class Refreshable(Protocol):
    """Something that becomes due for a refresh."""

    def seconds_until_due(self) -> float:
        """How long the next refresh has time; 0 if none."""

    def refresh(self) -> None:
        """Fetch. Takes a bounded time and raises nothing."""


class Fetcher:
    """The thread, and what wakes it."""

    def __init__(self) -> None:
        self._sources: list[Refreshable] = []
        self._wake = Event()
        self._starting = Lock()
        self._thread: Thread | None = None
        self._is_closed = False

    def add(self, source: Refreshable) -> None:
        """Fetch for `source` too, once started."""
        self._sources.append(source)

    def start(self) -> None:
        """Start the thread, unless it runs. Never waits for another thread that is just starting it."""
        if self._thread is not None or self._is_closed or not self._starting.acquire(blocking=False):
            return
        try:
            if self._thread is None:
                thread = Thread(target=self._run, name="affidavit-keys", daemon=True)
                thread.start()
                self._thread = thread
        finally:
            self._starting.release()

    def wake(self) -> None:
        """Something has become due."""
        self._wake.set()

    def close(self) -> None:
        """Let the thread end; a fetch under way ends by its own deadline."""
        self._is_closed = True
        self._wake.set()

    def _run(self) -> None:
        while not self._is_closed:
            self._wake.clear()
            for source in self._sources:
                if not self._is_closed and source.seconds_until_due() <= 0:
                    source.refresh()
            if not self._is_closed:
                self._wake.wait(min(source.seconds_until_due() for source in self._sources))
