"""One JSON document over HTTP, within bounds: no redirects, no spans, a deadline, a cap on its size.

Servers that drip, redirect, answer with a page for people or with far too much are refused alike.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from opentelemetry.instrumentation.utils import suppress_instrumentation

from affidavit.errors import AffidavitError

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_S = 5.0
MAX_BYTES = 262_144
_SOCKET_TIMEOUT_S = 2.0
_CHUNK = 65_536


class FetchError(AffidavitError):
    """The document could not be had."""


def fetch(url: str) -> bytes:
    """The document at `url`.

    Raises:
        FetchError: It could not be had within the bounds.
    """
    place = f"{urlsplit(url).hostname}{urlsplit(url).path}"  # a URL may hold a password
    try:
        with suppress_instrumentation():
            return _fetch(url, place, monotonic() + DEADLINE_S)
    except requests.RequestException as error:
        raise FetchError(f"{place}: {type(error).__name__}") from None


def _fetch(url: str, place: str, deadline: float) -> bytes:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    with requests.get(url, headers=headers, timeout=_SOCKET_TIMEOUT_S, allow_redirects=False, stream=True) as response:
        if response.status_code != requests.codes.ok:
            raise FetchError(f"{place}: answered {response.status_code}")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise FetchError(f"{place}: a compressed answer, which was not asked for")
        # ``read1`` gives what has arrived; ``read`` would wait for all of it, and a server that drips has time.
        read: Callable[[int], bytes] = getattr(response.raw, "read1", response.raw.read)
        return _read(read, place, deadline)


def _read(read: Callable[[int], bytes], place: str, deadline: float) -> bytes:
    document = bytearray()
    while chunk := _read_chunk(read, place):
        document += chunk
        if len(document) > MAX_BYTES:
            raise FetchError(f"{place}: more than {MAX_BYTES} bytes")
        if monotonic() > deadline:
            raise FetchError(f"{place}: not whole after {DEADLINE_S:.0f} s")
    return bytes(document)


def _read_chunk(read: Callable[[int], bytes], place: str) -> bytes:
    try:
        return read(_CHUNK)
    except Exception as error:  # noqa: BLE001  # urllib3's own exceptions, which requests does not translate here
        raise FetchError(f"{place}: {type(error).__name__}") from None
