"""Keys from the network: one daemon thread for all issuers fetches, requests only ever read what is there.

The thread starts with the first token. Keys are fetched again every five minutes; after a failure with pauses from 1
to 60 s, and the keys known before stay in force for an hour, flagged as stale. A token that names an unknown key
brings the next fetch forward, at most once in 30 s an issuer. A set that has not changed stays the same snapshot, so
cached verifications live on; one that has changed takes them with it.
"""

from __future__ import annotations

import json
import logging
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from affidavit.errors import MalformedError
from affidavit.keysets.fetch import FetchError, fetch
from affidavit.tokens.keys import KeySnapshot, parse_jwks
from affidavit.tokens.settings import is_fetchable

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

REFRESH_S = 300.0
UNKNOWN_KEY_S = 30.0
MAX_STALE_S = 3600.0
LONGEST_PAUSE_S = 60.0
_DISCOVERY = "/.well-known/openid-configuration"


class RemoteKeySource:
    """One issuer's keys, as last fetched."""

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
        self._snapshot: KeySnapshot | None = None
        self._document = b""
        self._failures = 0
        self._due_s = 0.0
        self._fetched_s = 0.0
        self._hastened_s = -UNKNOWN_KEY_S
        fetcher.add(self)

    def snapshot(self) -> KeySnapshot | None:
        """The keys as they are known now. The first call starts the fetching."""
        self._fetcher.start()
        return self._snapshot

    def request_refresh(self) -> None:
        """A token names a key that is not there."""
        now = self._clock()
        if now - self._hastened_s >= UNKNOWN_KEY_S and not self._failures:
            self._hastened_s = now
            self._due_s = now
            self._fetcher.wake()

    def seconds_until_due(self) -> float:
        """When to fetch next."""
        return self._due_s - self._clock()

    def refresh(self) -> None:
        """Fetch. Only the fetching thread calls this."""
        try:
            document = fetch(self._jwks_uri or discover(self._issuer))
            keys = () if document == self._document else parse_jwks(document)
        except (FetchError, MalformedError) as error:
            self._fail(error)
            return
        if document != self._document or (self._snapshot is not None and self._snapshot.is_stale):
            keys = keys or (self._snapshot.keys if self._snapshot is not None else ())
            self._snapshot, self._document = KeySnapshot(keys), document
        if self._failures:
            _log.warning("affidavit: the keys of %s are there again", self._issuer)
        self._failures = 0
        self._fetched_s = self._clock()
        self._due_s = self._fetched_s + REFRESH_S * (0.8 + 0.2 * self._jitter())

    def _fail(self, error: Exception) -> None:
        if not self._failures:
            _log.warning("affidavit: no fresh keys of %s: %s", self._issuer, error)
        now = self._clock()
        self._due_s = now + min(LONGEST_PAUSE_S, 2.0 ** min(self._failures, 6))
        self._failures += 1
        snapshot = self._snapshot
        if snapshot is None:
            return
        if now - self._fetched_s > MAX_STALE_S:
            self._snapshot, self._document = None, b""
        elif now - self._fetched_s > REFRESH_S and not snapshot.is_stale:
            self._snapshot = KeySnapshot(snapshot.keys, is_stale=True)


def discover(issuer: str) -> str:
    """Where `issuer` publishes its keys: ``jwks_uri`` of OpenID Connect Discovery 1.0, section 4.

    Raises:
        FetchError: The discovery document could not be had.
        MalformedError: It is not one, is another issuer's, or names no address that keys may be fetched from.
    """
    document = fetch(issuer.rstrip("/") + _DISCOVERY)
    try:
        members = json.loads(document)
        named, uri = members["issuer"], members["jwks_uri"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise MalformedError("the discovery document has no issuer or no jwks_uri") from None
    if named != issuer:
        raise MalformedError("the discovery document is another issuer's")
    if not isinstance(uri, str) or not is_fetchable(uri):
        raise MalformedError("the discovery document's jwks_uri is not an https URL")
    return uri


class Fetcher:
    """The thread that fetches for every issuer of this process."""

    def __init__(self) -> None:
        self._sources: list[RemoteKeySource] = []
        self._wake = Event()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._is_closed = False

    def add(self, source: RemoteKeySource) -> None:
        """Fetch for `source` too, once started."""
        self._sources.append(source)

    def start(self) -> None:
        """Start the thread, unless it runs."""
        if self._thread is not None or self._is_closed:
            return
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="affidavit-keys", daemon=True)
                self._thread.start()

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
                if source.seconds_until_due() <= 0 and not self._is_closed:
                    source.refresh()
            self._wake.wait(max(0.0, min(source.seconds_until_due() for source in self._sources)))
