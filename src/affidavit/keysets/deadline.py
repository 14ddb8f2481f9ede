"""Connections of ``requests`` that read until a deadline and no longer.

A timeout of ``requests`` is one of each read. A server that sends a byte a second never meets it, in its headers as
little as in its body: measured, a timeout of 2 s held a fetch for as long as the server liked. So every read of the
socket is given the time that is left, through a proxy too.
"""

from __future__ import annotations

from functools import partial
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket


class DeadlineAdapter(HTTPAdapter):
    """For one fetch: its connections end at `deadline_s` (of ``time.monotonic``)."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """For direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self._bound(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """For connections through a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        self._bound(manager)
        return manager

    def _bound(self, manager: Any) -> None:
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: partial(self._pool, make) for scheme, make in pools.items()}

    def _pool(self, make: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        pool = make(*args, **kwargs)
        pool.ConnectionCls = partial(self._connect, pool.ConnectionCls)
        return pool

    def _connect(self, make: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        connection = make(*args, **kwargs)
        connection.response_class = partial(_BoundedResponse, deadline_s=self._deadline_s)
        return connection


class _BoundedResponse(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, deadline_s: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = BufferedReader(_BoundedReader(self.fp.detach(), sock, deadline_s))


class _BoundedReader(RawIOBase):
    """A socket's file, each of whose reads has the time that is left."""

    def __init__(self, file: RawIOBase, sock: socket, deadline_s: float) -> None:
        self._file = file
        self._socket = sock
        self._deadline_s = deadline_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._deadline_s - monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._socket.settimeout(left_s)
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()
