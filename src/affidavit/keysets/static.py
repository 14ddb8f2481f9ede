"""Keys from a JWKS file, read when the first token comes, once."""

from __future__ import annotations

import logging
from pathlib import Path

from affidavit.errors import MalformedError
from affidavit.tokens.keys import KeySnapshot, parse_jwks
from affidavit.tokens.settings import MAX_JWKS_BYTES

_log = logging.getLogger("affidavit.keysets")


class StaticKeySource:
    """A ``KeySource`` that never changes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._is_read = False
        self._snapshot: KeySnapshot | None = None

    def snapshot(self) -> KeySnapshot | None:
        """The keys in the file; None if it could not be read."""
        if not self._is_read:
            self._snapshot = self._read()
            self._is_read = True
        return self._snapshot

    def request_refresh(self, key_id: str | None) -> None:
        """A file has said all it has to say."""

    def _read(self) -> KeySnapshot | None:
        try:
            with Path(self._path).open("rb") as file:
                snapshot = parse_jwks(file.read(MAX_JWKS_BYTES + 1))
        except OSError as error:
            _log.warning("affidavit: no keys from %s: %s", self._path, error.strerror)
            return None
        except MalformedError as error:
            _log.warning("affidavit: no keys from %s: %s", self._path, error)
            return None
        if not snapshot.by_key_id:
            _log.warning("affidavit: %s holds no key that tokens can be verified with", self._path)
        return snapshot
