"""A daemon thread that does one thing over and over: when woken, when its own time has come, and once more at the end.

The request's path wakes it by setting an event, and only if it is not set already; it then lets a batch gather for
80 ms.

Under load a thread may hardly ever get the interpreter: who asks for the GIL waits five milliseconds before it is
handed over, and begins to wait anew whenever its holder lets go of it for a short system call, as an event loop does
all the time. So when work has waited for 90 ms, whoever brings more stands back: for one millisecond of every three at
most, whatever it is that the thread waits for.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

GATHER_S = 0.08
LATE_S = 0.09
_STAND_BACK_S = 0.001
_STAND_BACK_EVERY_S = 0.003
_AFTER_A_FAULT_S = 1.0


class Worker:
    """Runs `step`, which returns the seconds until it wants to run again unasked, or 0 for at once."""

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self._step = step
        self._wake = Event()
        self._is_awake = False
        self._waiting_since_s = 0.0
        """When the oldest work came that is not done yet, give or take; 0 if there is none."""
        self._stand_back_at_s = 0.0
        self._stop = Event()
        self._thread = Thread(target=self._run, name=f"affidavit-{name}", daemon=True)

    def start(self) -> None:
        """Start the thread.

        Raises:
            RuntimeError: The interpreter is going down and starts no threads any more.
        """
        self._thread.start()

    def wake(self) -> None:
        """There is something to do. Cheap when it is awake already, unless it is late."""
        if not self._is_awake:
            self._is_awake = True
            self._waiting_since_s = self._waiting_since_s or monotonic()
            self._wake.set()
            return
        now_s, since_s = monotonic(), self._waiting_since_s
        if now_s - since_s > LATE_S and since_s and now_s >= self._stand_back_at_s:
            self._stand_back_at_s = now_s + _STAND_BACK_EVERY_S
            sleep(_STAND_BACK_S)

    def stop(self, timeout_s: float) -> bool:
        """Ask it to end and wait for it; whether it has ended."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        pause_s = 0.0
        while not self._stop.is_set():
            if self._wake.wait(pause_s):
                self._wake.clear()
                self._is_awake = False  # only now: who finds it true has come before the step below
                self._stop.wait(GATHER_S)
            started_s = monotonic()
            pause_s = self._guarded_step()
            self._waiting_since_s = started_s if self._is_awake else 0.0

    def _guarded_step(self) -> float:
        try:
            return self._step()
        except Exception:  # noqa: BLE001  # this thread must outlive any fault: a record waits for it
            with suppress(Exception):  # and any fault of a log handler
                _log.exception("affidavit: %s failed, and goes on", self._thread.name)
            return _AFTER_A_FAULT_S
