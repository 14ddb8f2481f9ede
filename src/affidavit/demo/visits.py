"""The story: who asks the service for what, and with which token. Each visit is one request.

A visit names its credential; the token is made when the visit is paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from affidavit.demo.server import DemoError
from affidavit.model import TokenState

if TYPE_CHECKING:
    from affidavit.demo.issuer import Issuer

_TIMEOUT_S = 15.0
_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of the story."""

    words: str
    """What happens, for the screen."""
    method: str
    path: str
    credential: str = "none"
    """``none``, or ``good``, ``expired``, ``forged`` and a name: ``good alice``."""
    state: TokenState = TokenState.ABSENT
    """What becomes of the token."""


FIRST = Visit("alice asks, until there are keys to verify", "GET", "/health", "good alice", TokenState.VERIFIED)
VISITS = (
    Visit("alice reads an order", "GET", "/orders/17", "good alice", TokenState.VERIFIED),
    Visit("alice places an order", "POST", "/orders", "good alice", TokenState.VERIFIED),
    Visit("bob reads the same order", "GET", "/orders/17", "good bob", TokenState.VERIFIED),
    Visit("bob tries payroll, the service refuses", "GET", "/payroll", "good bob", TokenState.VERIFIED),
    Visit("somebody with alice's token of an hour ago", "GET", "/orders/17", "expired alice", TokenState.EXPIRED),
    Visit("a stranger with a token that says alice", "GET", "/orders/17", "forged alice", TokenState.INVALID_SIGNATURE),
    Visit("an order without a token, refused", "POST", "/orders"),
)


def make_token(issuer: Issuer, credential: str, now_s: int) -> str | None:
    """The token that `credential` speaks of, at `now_s` (seconds since the epoch)."""
    kind, _, name = credential.partition(" ")
    if kind == "none":
        return None
    if kind == "forged":
        return issuer.forge(name, now_s)
    return issuer.issue(name, now_s - _HOUR_S if kind == "expired" else now_s)


def pay(visit: Visit, port: int, token: str | None) -> int:
    """Send the request to the service on `port`, straight, past any proxy; the status of its answer.

    Raises:
        DemoError: There was no answer.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.request(visit.method, visit.path, headers={"Authorization": f"Bearer {token}"} if token else {})
        response = connection.getresponse()
        response.read()
    except OSError as error:
        raise DemoError(f"no answer to {visit.method} {visit.path}: {error}") from None
    else:
        return response.status
    finally:
        connection.close()
