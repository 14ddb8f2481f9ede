"""Keys from a JWKS file, read when the first token comes."""

from __future__ import annotations

import logging
from pathlib import Path

from affidavit.errors import MalformedError
from affidavit.tokens.keys import KeySnapshot, parse_jwks

_log = logging.getLogger(__name__)


class StaticKeySource:
    """A ``KeySource`` that never changes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._is_read = False
        self._snapshot: KeySnapshot | None = None

    def snapshot(self) -> KeySnapshot | None:
        """The keys in the file; None if it cannot be read."""
        if not self._is_read:
            self._snapshot = self._read()
            self._is_read = True
        return self._snapshot

    def request_refresh(self) -> None:
        """A file has said all it has to say."""

    def _read(self) -> KeySnapshot | None:
        try:
            keys = parse_jwks(Path(self._path).read_bytes())
        except (OSError, MalformedError) as error:
            _log.warning("affidavit: no keys from %s: %s", self._path, error)
            return None
        if not keys:
            _log.warning("affidavit: %s holds no key that tokens can be verified with", self._path)
        return KeySnapshot(keys)
