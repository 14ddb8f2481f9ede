"""The first requests. Until the service has the issuer's keys no token is verified, and no request waits for them.

What became of a token stands in the request's record: so each record is awaited in the file before the next request
goes out, and the rest of the story begins with the first token that was verified.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.demo.server import DemoError
from affidavit.demo.stored import read_facts
from affidavit.model import TokenState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MOST = 20
_RECORD_S = 10.0
_POLL_S = 0.02  # another process writes the file: there is no event to wait for


def warm_up(ask: Callable[[], None], audit: Path) -> None:
    """Call `ask`, which sends one request with a good token, until the file `audit` says that it was verified.

    Raises:
        DemoError: A record does not come, or none says so.
    """
    for asked in range(1, _MOST + 1):
        ask()
        if _await_state(audit, asked) == TokenState.VERIFIED.value:
            return
    raise DemoError(f"not one of {_MOST} good tokens was verified")


def _await_state(audit: Path, number: int) -> str:
    """What became of the token of request `number`, counted from 1."""
    deadline_s = time.monotonic() + _RECORD_S
    while time.monotonic() < deadline_s:
        data = audit.read_bytes() if audit.exists() else b""
        whole_lines = data[: data.rfind(b"\n") + 1]
        states = [str(facts[semconv.TOKEN_STATE]) for facts in read_facts(whole_lines) if semconv.TOKEN_STATE in facts]
        if len(states) >= number:
            return states[number - 1]
        time.sleep(_POLL_S)
    raise DemoError(f"the record of request {number} does not come")
