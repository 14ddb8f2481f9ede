"""FastAPI: outside at ``__call__``, so that every middleware, contrib's span and FastAPI's own telemetry lie within."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from affidavit.instrumentation._asgi import audit_call
from affidavit.instrumentation._patch import Patch

if TYPE_CHECKING:
    from collections.abc import Callable

    from affidavit.instrumentation._asgi import Begin, Scope

_ASGI_ARGUMENTS = 3


def patches(begin: Begin, flush: Callable[[], None]) -> tuple[Patch, ...]:
    """Where FastAPI is wrapped; `flush` runs at the server's orderly end."""

    def call(wrapped: Callable[..., Any], _app: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if kwargs or len(args) != _ASGI_ARGUMENTS:
            try:
                args = _by_position(*args, **kwargs)
            except TypeError:  # uvicorn first calls without arguments, and waits for this error
                return wrapped(*args, **kwargs)
        return audit_call(wrapped, *args, begin=begin, find_route=_find_route, flush=flush)

    return (Patch("fastapi.applications", "FastAPI.__call__", call),)


def _by_position(scope: Any, receive: Any, send: Any) -> tuple[Any, ...]:
    return scope, receive, send


def _find_route(scope: Scope) -> str | None:
    """The template of the matched route, with the prefix that mounts have taken off the path."""
    path = getattr(scope.get("route"), "path", None)
    if not isinstance(path, str):
        return None
    prefix: str = scope.get("root_path", "")
    own_prefix = scope.get("app_root_path", prefix)  # what the server itself set: no part of any route
    return prefix.removeprefix(own_prefix) + path
