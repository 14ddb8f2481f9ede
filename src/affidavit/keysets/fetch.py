"""One JSON document over HTTP, within bounds: a deadline, a cap on its size, no redirects, no compression, no spans.

Servers that drip, redirect, or answer with far too much are refused alike. Only names are resolved in the system
resolver's own time.
"""

from __future__ import annotations

from time import monotonic
from urllib.parse import urlsplit

import requests
from opentelemetry.instrumentation.utils import suppress_instrumentation

from affidavit.errors import AffidavitError
from affidavit.keysets.deadline import DeadlineAdapter
from affidavit.tokens.settings import MAX_JWKS_BYTES

_CONNECT_S = 2.0  # an address; a name may have several


class FetchError(AffidavitError):
    """The document could not be had."""


def fetch(url: str, deadline_s: float) -> bytes:
    """The document at `url`, had before `deadline_s` (of ``time.monotonic``).

    Raises:
        FetchError: It could not be had within the bounds.
    """
    parts = urlsplit(url)
    place = f"{parts.hostname}{parts.path}"  # the rest may hold a password
    try:
        with suppress_instrumentation(), requests.Session() as session:
            adapter = DeadlineAdapter(deadline_s)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            return _fetch(session, url, place, deadline_s)
    except (requests.RequestException, OSError) as error:
        problem = "too slow" if monotonic() >= deadline_s else type(error).__name__
        raise FetchError(f"{place}: {problem}") from None


def _fetch(session: requests.Session, url: str, place: str, deadline_s: float) -> bytes:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    left_s = max(0.001, deadline_s - monotonic())
    timeout_s = (min(_CONNECT_S, left_s), left_s)
    with session.get(url, headers=headers, timeout=timeout_s, allow_redirects=False, stream=True) as response:
        if response.status_code != requests.codes.ok:
            raise FetchError(f"{place}: answered {response.status_code}")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise FetchError(f"{place}: a compressed answer, which was not asked for")
        document = bytearray()
        for piece in response.iter_content(MAX_JWKS_BYTES + 1):
            document += piece
            if len(document) > MAX_JWKS_BYTES:
                raise FetchError(f"{place}: more than {MAX_JWKS_BYTES} bytes")
        return bytes(document)
