"""The ASGI half (ASGI 3.0): from ``scope`` and ``send`` to the one audit object, for every framework on it.

The record is sealed at ``http.response.start``, before it passes: servers write the status line at once. A
WebSocket's is sealed before the handshake is accepted or refused. Messages pass unchanged. At ``lifespan.shutdown``
what is sealed is flushed before ``shutdown.complete``, since uvicorn ends on SIGTERM without running ``atexit``.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from affidavit.guard import GUARD
from affidavit.request import CURRENT, KEY, Request, RequestAudit, is_audited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Scope = dict[str, Any]
    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]
    Begin = Callable[[Request], RequestAudit | None]

_SWITCHING_PROTOCOLS = 101
_FORBIDDEN = 403


async def audit_call(
    application: Application,
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    begin: Begin,
    find_route: Callable[[Scope], str | None],
    flush: Callable[[], None],
) -> None:
    """Call `application` and audit the request, unless a call around this one does so already (a mount)."""
    kind = scope["type"]
    if kind == "lifespan":
        await application(scope, receive, _flushing(send, flush))
        return
    if kind not in ("http", "websocket") or is_audited(scope):
        await application(scope, receive, send)
        return
    audit = scope[KEY] = _begin(scope, begin)
    if audit is None:
        await application(scope, receive, send)
        return
    answer = Answer(audit, scope, receive, send, find_route)
    reset = CURRENT.set(audit)
    try:
        await application(scope, answer.receive, answer.send)
    except BaseException as error:
        audit.failed(error)
        raise
    else:
        answer.returned()
    finally:
        answer.end()
        with suppress(ValueError):  # ended by the garbage collector, in a context that never had it
            CURRENT.reset(reset)


class Answer:
    """Watches the messages of one answer go by."""

    __slots__ = ("_audit", "_find_route", "_headers", "_is_cut", "_is_whole", "_receive", "_scope", "_send", "_sent")

    def __init__(
        self,
        audit: RequestAudit,
        scope: Scope,
        receive: Receive,
        send: Send,
        find_route: Callable[[Scope], str | None],
    ) -> None:
        self._audit = audit
        self._scope = scope
        self._receive = receive
        self._send = send
        self._find_route = find_route
        self._headers: Any = ()
        self._sent = 0
        self._is_cut = False
        self._is_whole = False

    async def receive(self) -> Message:
        """Pass on what comes, and notice that the client is gone: a middleware may end its body all the same."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._is_cut = True
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """Pass `message` on, the record sealed before the first that the client may see.

        No coroutine of our own: what the server makes is what the application awaits.
        """
        self._note(message)
        return self._send(message)

    def returned(self) -> None:
        """The application's call has returned without an error."""
        if not self._audit.is_sealed:
            self._audit.answered(None)  # without an answer: what the server makes of it, nobody told us
        self._is_whole |= self._scope["type"] == "websocket"

    def end(self) -> None:
        """The application's call is over."""
        if self._audit.is_streamed:
            self._audit.ended(is_complete=self._is_whole)
        self._audit.is_closed = True

    @GUARD.guards
    def _note(self, message: Message) -> None:
        kind = message["type"]
        if kind in ("http.response.body", "http.response.pathsend"):
            self._sent += len(message.get("body", b""))
            if not message.get("more_body") or self._sent >= _content_length(self._headers):
                self._is_whole = not self._is_cut
            else:
                self._audit.is_streamed = True
        elif kind in ("http.response.start", "websocket.http.response.start"):
            self._headers = message.get("headers", ())
            self._seal(int(message["status"]))  # an enumeration's member has a spelling of its own
        elif kind == "websocket.accept":
            self._audit.is_streamed = True
            self._seal(_SWITCHING_PROTOCOLS)
        elif kind == "websocket.close":
            self._is_whole = True
            self._seal(_FORBIDDEN)  # before an acceptance this refuses the handshake; after one it changes nothing

    def _seal(self, status: int) -> None:
        self._audit.route = self._find_route(self._scope)
        self._audit.answered(status)


def _flushing(send: Send, flush: Callable[[], None]) -> Send:
    async def flushing(message: Message) -> None:
        if message["type"] in ("lifespan.shutdown.complete", "lifespan.shutdown.failed"):
            with GUARD:
                await asyncio.to_thread(flush)
        await send(message)

    return flushing


@GUARD.guards
def _begin(scope: Scope, begin: Begin) -> RequestAudit | None:
    return begin(_read(scope))


def _read(scope: Scope) -> Request:
    authorization: list[str] = []
    forwarded_for: list[str] = []
    host = user_agent = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization.append(value.decode("latin-1"))
        elif name == b"user-agent":
            user_agent = value.decode("latin-1")
        elif name == b"x-forwarded-for":
            forwarded_for.append(value.decode("latin-1"))
        elif name == b"host":
            host = value.decode("latin-1")
    client, server = scope.get("client"), scope.get("server")
    return Request(
        method=scope.get("method", "GET"),  # a WebSocket's handshake is a GET and has no method in its scope
        path=scope["path"] or "/",
        scheme=scope.get("scheme", "http"),
        host=host or "",
        server_address=server[0] if server else None,
        peer=client[0] if client else None,
        authorization=authorization,
        forwarded_for=forwarded_for,
        user_agent=user_agent,
    )


def _content_length(headers: Any) -> float:
    """Bytes of the body; endless where nobody has said."""
    for name, value in headers:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value)
    return math.inf
