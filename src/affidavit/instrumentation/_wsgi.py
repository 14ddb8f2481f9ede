"""The WSGI half (PEP 3333): from ``environ`` and ``start_response`` to the one audit object, for every framework on it.

The record is sealed when the application returns, before the server takes the first chunk of the body; where
``start_response`` comes late, before the first chunk passes. A body is handed on as it is unless it is a stream, so
that ``wsgi.file_wrapper`` keeps its sendfile.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from affidavit.guard import GUARD
from affidavit.request import CURRENT, KEY, Request, RequestAudit, is_audited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Environ = dict[str, Any]
    Begin = Callable[[Request], RequestAudit | None]


def audit_call(
    application: Callable[..., Iterable[bytes]], environ: Environ, start_response: Callable[..., Any], begin: Begin
) -> Iterable[bytes]:
    """Call `application` and audit the request, unless a call around this one does so already (a mount)."""
    if is_audited(environ):
        return application(environ, start_response)
    audit = environ[KEY] = _begin(environ, begin)
    if audit is None:
        return application(environ, start_response)
    status: list[int] = []

    def start(line: str, *args: Any, **kwargs: Any) -> Any:
        status[:] = [_parse_status(line)]
        write = start_response(line, *args, **kwargs)
        return _sealing_write(write, audit, status) if callable(write) else write

    reset = CURRENT.set(audit)
    try:
        body = application(environ, start)
    except BaseException as error:
        audit.failed(error)
        audit.close()
        raise
    finally:
        CURRENT.reset(reset)
    if status:
        audit.answered(status[0])
        if not audit.is_streamed or _is_file(body, environ):
            audit.close()
            return body
    return AuditedBody(body, audit, status)


class AuditedBody:
    """A body that goes on after its record, or whose status comes only with its first chunk."""

    def __init__(self, body: Iterable[bytes], audit: RequestAudit, status: list[int]) -> None:
        self._body = body
        self._chunks: Iterator[bytes] | None = None
        self._audit = audit
        self._status = status
        self._is_whole = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        # The stream's own code runs here, and its spans belong to the caller as well.
        reset = CURRENT.set(self._audit)
        try:
            if self._chunks is None:
                self._chunks = iter(self._body)  # here, where a failure has its record
            chunk = next(self._chunks)
        except StopIteration:
            self._is_whole = True
            self._seal()
            raise
        except BaseException as error:
            self._audit.failed(error)
            raise
        finally:
            CURRENT.reset(reset)
        self._seal()
        return chunk

    def close(self) -> None:
        """PEP 3333: the server is done with the body, or the client is gone."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._seal()
            if self._audit.is_streamed:
                self._audit.ended(is_complete=self._is_whole)
            self._audit.close()

    def _seal(self) -> None:
        self._audit.answered(self._status[0] if self._status else None)


@GUARD.guards
def _begin(environ: Environ, begin: Begin) -> RequestAudit | None:
    request, around = _read(environ), CURRENT.get()
    if around is not None and around.is_about(request):
        return None  # an ASGI application has mounted this one: its ``scope`` is not our ``environ``
    return begin(request)


def _read(environ: Environ) -> Request:
    authorization = environ.get("HTTP_AUTHORIZATION")
    forwarded_for = environ.get("HTTP_X_FORWARDED_FOR")
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    if not path.isascii():
        with suppress(UnicodeEncodeError):  # PEP 3333: bytes in latin-1's clothes; who knows better has decoded them
            path = path.encode("latin-1").decode("utf-8", "replace")
    return Request(
        method=environ.get("REQUEST_METHOD", ""),
        path=path or "/",
        scheme=environ.get("wsgi.url_scheme", "http"),
        host=environ.get("HTTP_HOST", ""),
        server_address=environ.get("SERVER_NAME"),
        peer=environ.get("REMOTE_ADDR"),
        authorization=() if authorization is None else (authorization,),
        forwarded_for=() if forwarded_for is None else (forwarded_for,),
        user_agent=environ.get("HTTP_USER_AGENT"),
    )


def _parse_status(line: str) -> int:
    code = line[:3]
    return int(code) if code.isascii() and code.isdigit() else 500


def _is_file(body: object, environ: Environ) -> bool:
    wrapper = environ.get("wsgi.file_wrapper")
    return isinstance(wrapper, type) and isinstance(body, wrapper)


def _sealing_write(write: Callable[[bytes], Any], audit: RequestAudit, status: list[int]) -> Callable[[bytes], Any]:
    def sealing(data: bytes) -> Any:
        audit.answered(status[0])
        return write(data)

    return sealing
