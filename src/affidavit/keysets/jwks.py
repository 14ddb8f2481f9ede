"""One issuer's keys from the network: the fetching thread replaces them, requests only ever read what is there.

A set that has not changed stays the same snapshot, so that verifications made with it stay good; one that has changed,
or gone stale, takes them with it. Each change of state is one warning: no fresh keys, fresh again, none left.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from affidavit.errors import MalformedError
from affidavit.keysets.discovery import format_discovery_url, read_jwks_uri
from affidavit.keysets.fetch import FetchError, fetch
from affidavit.keysets.schedule import MAX_STALE_S, Schedule
from affidavit.tokens.keys import KeySnapshot, parse_jwks

if TYPE_CHECKING:
    from collections.abc import Callable

    from affidavit.keysets.fetcher import Fetcher

_log = logging.getLogger("affidavit.keysets")

TIMEOUT_S = 5.0
"""For a whole refresh, discovery included."""


class RemoteKeySource:
    """A ``KeySource`` whose keys are fetched by `fetcher`'s thread."""

    def __init__(
        self,
        issuer: str,
        jwks_uri: str | None,
        fetcher: Fetcher,
        jitter: Callable[[], float],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Without `jwks_uri` it is taken from the issuer's discovery document. `jitter` gives numbers from 0 to 1."""
        self._issuer = issuer
        self._jwks_uri = jwks_uri
        self._fetcher = fetcher
        self._jitter = jitter
        self._clock = clock
        self._schedule = Schedule()
        self._snapshot: KeySnapshot | None = None
        self._document = b""
        fetcher.add(self)

    def snapshot(self) -> KeySnapshot | None:
        """The keys as they are known now. The first call starts the fetching."""
        self._fetcher.start()
        return self._snapshot

    def request_refresh(self, key_id: str | None) -> None:
        """A token names this key and it is not there: fetch now, if it is not too soon."""
        if self._schedule.hasten(key_id, self._clock()):
            self._fetcher.wake()

    def seconds_until_due(self) -> float:
        """How long the next refresh has time; 0 if none."""
        return self._schedule.seconds_until_due(self._clock())

    def refresh(self) -> None:
        """Fetch. Only the fetching thread calls this."""
        self._schedule.begin()
        try:
            self._accept(self._fetch())
        except (FetchError, MalformedError) as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  # the one thread must go on, whatever a library makes of an answer
            self._fail(type(error).__name__)

    def _fetch(self) -> bytes:
        deadline_s = monotonic() + TIMEOUT_S
        uri = self._jwks_uri
        if uri is None:
            uri = read_jwks_uri(fetch(format_discovery_url(self._issuer), deadline_s), self._issuer)
        return fetch(uri, deadline_s)

    def _accept(self, document: bytes) -> None:
        snapshot = self._snapshot
        if snapshot is None or document != self._document:
            snapshot = parse_jwks(document)
            if not snapshot.by_key_id:
                _log.warning("affidavit: %s publishes no key that tokens can be verified with", self._issuer)
        elif snapshot.is_stale:
            snapshot = replace(snapshot, is_stale=False)
        if self._schedule.failures:
            _log.warning("affidavit: the keys of %s are fresh again", self._issuer)
        self._snapshot, self._document = snapshot, document
        self._schedule.succeed(self._clock(), self._jitter())

    def _fail(self, problem: str) -> None:
        now_s = self._clock()
        if not self._schedule.failures:
            _log.warning("affidavit: no fresh keys of %s: %s", self._issuer, problem)
        self._schedule.fail(now_s)
        snapshot = self._snapshot
        if snapshot is None:
            return
        if self._schedule.is_over(now_s):
            self._snapshot = None
            _log.warning("affidavit: the keys of %s are too old to count (%.0f s)", self._issuer, MAX_STALE_S)
        elif self._schedule.is_stale(now_s) and not snapshot.is_stale:
            self._snapshot = replace(snapshot, is_stale=True)
