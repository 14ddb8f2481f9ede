"""What lives and dies with the process: keys, spool, stream, threads. Made at the first request, dropped on a fork.

Nothing here exists in a process that only inherits the environment. A forked child (seen by ``os.register_at_fork``,
or by its pid where C code forked) lets go of its parent's half without touching the parent's files, and makes its own
at its first request. The end comes with ASGI's ``lifespan.shutdown`` or with ``atexit``, whichever is first; a later
request starts anew.
"""

from __future__ import annotations

import atexit
import logging
import os
import random
import socket
import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from affidavit import __version__
from affidavit.guard import GUARD
from affidavit.ledger.canonical import INTEGER_BOUND, clean
from affidavit.pipeline.control import Missing
from affidavit.pipeline.losses import Losses
from affidavit.pipeline.stream import StreamClosedError
from affidavit.request import CURRENT
from affidavit.semconv import SERVICE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.config import Config
    from affidavit.interfaces import IdentityKey
    from affidavit.keysets import KeySources
    from affidavit.model import Value
    from affidavit.pipeline.facts import EncodedFacts
    from affidavit.pipeline.pipeline import Pipeline
    from affidavit.request import Auditor, Request, RequestAudit
    from affidavit.spans import SpanEnricher

_log = logging.getLogger(__name__)

FLUSH_S = 5.0
_RETRY_NS = 30 * 10**9
_LONGEST_NAME = 256
"""Characters of a service's name: it stands in the endorsement too, in base64, and that is a string of a record."""


@dataclass(frozen=True, slots=True)
class _Life:
    """Everything that one stream's life needs."""

    pid: int
    auditor: Auditor
    pipeline: Pipeline
    key_sources: KeySources


class Process:
    """This process's audit. There is one; the hooks hold it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._enricher: SpanEnricher | None = None
        self._lock = Lock()
        self._life: _Life | None = None
        self._losses = Losses()
        self._retry_ns = 0
        os.register_at_fork(after_in_child=self._part)
        atexit.register(self.close)

    def begin(self, request: Request) -> RequestAudit | None:
        """Begin the audit of `request`; the first one in a process makes everything."""
        life = self._current()
        if life is None:
            self._count("setup")
            return None
        if self._enricher is not None and not self._enricher.is_attached:
            self._enricher.attach()
        return life.auditor.begin(request)

    def emit(self, facts: EncodedFacts, values: dict[str, str]) -> None:
        """Seal a record of `facts`, its gaps filled with `values`, into the stream in force."""
        while (life := self._current()) is not None:
            try:
                life.pipeline.emit(facts, values)
            except StreamClosedError:  # closed under us: the record belongs to the stream that comes next
                self._forget(life)
            else:
                return
        self._count("setup")

    def close(self) -> None:
        """Seal the end and ship for at most 5 s. A request after this opens a new stream."""
        life = self._life
        if life is None or life.pid != os.getpid():
            return
        self._forget(life)
        with GUARD:
            life.key_sources.close()
            life.pipeline.close(FLUSH_S)

    def _current(self) -> _Life | None:
        life = self._life
        if life is not None:
            if life.pid == os.getpid():
                return life
            self._abandon()  # a fork in C code runs no hook of Python's
        return self._open()

    def _open(self) -> _Life | None:
        with self._lock:
            if self._life is None and time.time_ns() >= self._retry_ns:
                self._retry_ns = time.time_ns() + _RETRY_NS
                with GUARD:
                    self._life = self._build()
                    self._retry_ns = 0
                if self._life is None:
                    _log.error("affidavit: requests leave no record, they are counted; the next try is in 30 s")
            return self._life

    def _build(self) -> _Life:
        """Make everything. What is heavy to import is imported here: at the first request, no earlier."""
        from affidavit.caller import CallerBook
        from affidavit.export import build_exporter
        from affidavit.keysets import build_key_sources
        from affidavit.pipeline.opening import World, open_pipeline
        from affidavit.request import Auditor
        from affidavit.spans import SpanEnricher
        from affidavit.spool.directories import Owner
        from affidavit.tokens.verifier import TokenVerifier

        config = self._config
        key_sources = build_key_sources(config.tokens, random.random)
        for source in key_sources.values():
            source.snapshot()  # starts the fetching: the sooner, the fewer tokens come before their keys
        verifier = TokenVerifier(config.tokens, key_sources, os.urandom)
        owner = Owner(socket.gethostname(), os.getpid(), time.time_ns())
        world = World(find_resource(), owner, time.time_ns, os.urandom, random.random, self._losses)
        exporter = build_exporter(config.export, time.time_ns, __version__)
        body = config.export.statement_as_body
        pipeline = open_pipeline(
            world, find_identity(config), exporter, config.pipeline, config.spool, statement_as_body=body
        )
        encode, new_record_id = pipeline.logger.encode, pipeline.logger.new_record_id
        callers = CallerBook(verifier, encode, config.requests.span_attributes)
        auditor = Auditor(callers, encode, self.emit, self._count_failure, new_record_id, time.time_ns, config.requests)
        self._enricher = self._enricher or SpanEnricher()
        pipeline.start()
        return _Life(os.getpid(), auditor, pipeline, key_sources)

    def _forget(self, life: _Life) -> None:
        with self._lock:
            if self._life is life:
                self._life = None

    def _part(self) -> None:
        """In a child that has just been forked: nobody will tell it that the request it was forked in is over."""
        self._abandon()
        request = CURRENT.get()
        if request is not None:
            request.close()

    def _abandon(self) -> None:
        """In a forked child: the lock may be held by a thread that was not forked, the files are the parent's."""
        self._lock = Lock()
        life, self._life = self._life, None
        self._losses = Losses()
        if life is not None:
            with GUARD:
                life.pipeline.abandon()

    def _count_failure(self) -> None:
        self._count("internal")

    def _count(self, reason: str) -> None:
        now = time.time_ns()
        self._losses.add(Missing(1, reason, now, now))


def find_resource() -> Mapping[str, Value]:
    """The Resource of the tracer provider in force, else what the environment describes; fit for a record."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.trace import get_tracer_provider

    resource = getattr(get_tracer_provider(), "resource", None) or Resource.create()
    found = {
        clean(name)[0]: value if isinstance(value, int) and abs(value) < INTEGER_BOUND else clean(str(value))[0]
        for name, value in resource.attributes.items()
        if value not in ("", None)
    }
    if SERVICE_NAME in found:
        found[SERVICE_NAME] = str(found[SERVICE_NAME])[:_LONGEST_NAME]
    return found


def find_identity(config: Config) -> IdentityKey:
    """The configured identity key, else one of this spool's own, made once and warned about at each start."""
    from affidavit.errors import KeyFileError
    from affidavit.signing.file import load_identity_key, load_or_generate, make_identity_key

    if config.signing.key_file is not None:
        try:
            key = load_identity_key(config.signing.key_file)
        except KeyFileError as error:
            _log.error("affidavit: %s; signing with the spool's own key instead", error)
        else:
            if key.is_open_to_others:
                _log.warning("affidavit: %s is open to others than its owner: chmod 600", config.signing.key_file)
            return key
    path = config.spool.directory / "identity.pem"
    try:
        key = load_or_generate(path)
    except KeyFileError as error:
        _log.warning("affidavit: %s; signing with a key that nobody can know and that dies with this process", error)
        return make_identity_key()
    _log.warning(
        "affidavit: signing with %s, made here: keep its public half where this machine cannot change it"
        " (affidavit keys export %s > keys.json)",
        path,
        path,
    )
    return key
