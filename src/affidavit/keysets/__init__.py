"""Where issuers' keys come from: a file, or the network by a thread that no request waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from affidavit.keysets.static import StaticKeySource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from affidavit.keysets.fetcher import Fetcher
    from affidavit.tokens.keys import KeySource
    from affidavit.tokens.settings import TokenSettings


class KeySources(Mapping[str, "KeySource"]):
    """Each issuer's keys. A class, because a fetching thread may stand behind them and is to be ended.

    After a fork the child has no such thread: it drops this object and builds its own.
    """

    def __init__(self, sources: Mapping[str, KeySource], fetcher: Fetcher | None = None) -> None:
        self._sources = sources
        self._fetcher = fetcher

    def __getitem__(self, issuer: str) -> KeySource:
        return self._sources[issuer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def close(self) -> None:
        """End the fetching."""
        if self._fetcher is not None:
            self._fetcher.close()


def build_key_sources(settings: TokenSettings, jitter: Callable[[], float]) -> KeySources:
    """The key sources that `settings` describe. Nothing is read or fetched before the first token.

    Args:
        settings: Which issuers, and where their keys are.
        jitter: Random numbers from 0 to 1.
    """
    if not settings.issuers:
        return KeySources({})
    if settings.jwks_file is not None:
        return KeySources(dict.fromkeys(settings.issuers, StaticKeySource(settings.jwks_file)))
    from affidavit.keysets.fetcher import Fetcher
    from affidavit.keysets.jwks import RemoteKeySource

    fetcher = Fetcher()
    sources = {issuer: RemoteKeySource(issuer, settings.jwks_uri, fetcher, jitter) for issuer in settings.issuers}
    return KeySources(sources, fetcher)
