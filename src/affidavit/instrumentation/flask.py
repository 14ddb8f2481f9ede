"""Flask: outside at ``__call__`` and ``wsgi_app``, so that the application's own middleware has its records too.

``__call__`` is the outermost point that a class has; a dispatcher may call ``wsgi_app`` alone. Inside, at
``finalize_request``, the route is matched, the SERVER span is current, and the response says whether it streams.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from affidavit.guard import GUARD
from affidavit.instrumentation._patch import Patch
from affidavit.instrumentation._wsgi import audit_call
from affidavit.request import KEY, RequestAudit

if TYPE_CHECKING:
    from collections.abc import Callable

    from affidavit.instrumentation._wsgi import Begin

_WSGI_ARGUMENTS = 2


def patches(begin: Begin) -> tuple[Patch, ...]:
    """Where Flask is wrapped."""

    def call(wrapped: Callable[..., Any], _app: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if kwargs or len(args) != _WSGI_ARGUMENTS:  # servers pass them by position (PEP 3333), others may name them
            try:
                args = _by_position(*args, **kwargs)
            except TypeError:
                return wrapped(*args, **kwargs)  # no request: the original says so itself
        environ, start_response = args
        return audit_call(wrapped, environ, start_response, begin)

    return (
        Patch("flask.app", "Flask.__call__", call),
        Patch("flask.app", "Flask.wsgi_app", call),
        Patch("flask.app", "Flask.finalize_request", _finalize),
    )


def _by_position(environ: Any, start_response: Any) -> tuple[Any, ...]:
    return environ, start_response


def _finalize(wrapped: Callable[..., Any], _app: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    response = wrapped(*args, **kwargs)
    _note(response, args)
    return response


@GUARD.guards
def _note(response: Any, args: tuple[Any, ...]) -> None:
    # Once behind the proxy: each look through it costs as much as all the rest.
    request = sys.modules["flask"].request._get_current_object()  # noqa: SLF001  # werkzeug's documented API
    audit = request.environ.get(KEY)
    if isinstance(audit, RequestAudit):
        rule = request.url_rule
        if rule is not None:
            audit.route = rule.rule
        audit.is_streamed = response.is_streamed and not _is_error_page(args[0])
        if audit.span_context is None:
            audit.locate()


def _is_error_page(returned: object) -> bool:
    """Whether an error was answered. Its page is made from a WSGI application: it looks like a stream and is none."""
    from werkzeug.exceptions import HTTPException

    return isinstance(returned, HTTPException)
