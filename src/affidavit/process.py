"""What lives and dies with the process: keys, spool, stream, threads. Made at the first request, dropped on a fork.

Nothing here exists in a process that only inherits the environment. A forked child (seen by ``os.register_at_fork``,
or by its pid where C code forked) forgets its parent's half without touching the parent's files, and starts its own
at its first request. The end comes with ASGI's ``lifespan.shutdown`` or with ``atexit``, whichever is first; a later
request starts anew.
"""

from __future__ import annotations

import atexit
import logging
import os
import random
import time
from threading import Lock
from typing import TYPE_CHECKING

from affidavit.guard import GUARD
from affidavit.pipeline.control import Missing
from affidavit.pipeline.stream import StreamClosedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.config import Config
    from affidavit.interfaces import IdentityKey
    from affidavit.model import Value
    from affidavit.pipeline.facts import EncodedFacts
    from affidavit.pipeline.pipeline import Pipeline
    from affidavit.request import Auditor, Request, RequestAudit
    from affidavit.spans import SpanEnricher

_log = logging.getLogger(__name__)

FLUSH_S = 5.0
_RETRY_NS = 30 * 10**9


class Process:
    """This process's audit. There is one; the hooks hold it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._forget()
        os.register_at_fork(after_in_child=self._drop)
        atexit.register(self.close)

    def begin(self, request: Request) -> RequestAudit | None:
        """Begin the audit of `request`; the first one in a process opens the stream."""
        if self._pid != os.getpid():  # a fork in C code runs no hook of Python's
            self._drop()
        auditor = self._auditor or self._open()
        if auditor is None:
            self._unrecorded += 1
            return None
        self._enricher.attach()
        return auditor.begin(request)

    def emit(self, facts: EncodedFacts) -> None:
        """Seal a record of `facts` into the stream in force."""
        while True:
            pipeline = self._pipeline
            if pipeline is None:
                if self._open() is None:
                    self._unrecorded += 1
                    return
                continue
            try:
                pipeline.emit(facts)
            except StreamClosedError:  # it was closed under us: the record belongs to the stream that comes next
                with self._lock:
                    if self._pipeline is pipeline:
                        self._clear()
            else:
                return

    def close(self) -> None:
        """Seal the end and ship for at most 5 s. A request after this opens a new stream."""
        if self._pid != os.getpid():
            return
        with self._lock:
            pipeline, sources = self._pipeline, self._key_sources
            self._clear()
        with GUARD:
            for source in sources:
                source.close()
            if pipeline is not None:
                pipeline.close(FLUSH_S)

    def _open(self) -> Auditor | None:
        with self._lock:
            if self._auditor is None and time.time_ns() >= self._retry_ns:
                self._retry_ns = time.time_ns() + _RETRY_NS
                stopped = GUARD.stopped
                with GUARD:
                    self._build()
                if GUARD.stopped != stopped:
                    _log.error("affidavit: requests leave no record; the next try is in 30 s")
            return self._auditor
