from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from key_server import KeyServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with serving() as state:
        yield state
