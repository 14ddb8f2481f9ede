"""How far a long command is, on a terminal: one line on standard error that is gone at the end."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_EVERY_S = 0.2
_MEGABYTE = 1_000_000
_CLEAR = "\r\x1b[K"


@contextmanager
def show_progress(files: Sequence[str]) -> Iterator[Callable[[int], None]]:
    """Hand out what is told of every portion of bytes that is done with. Silent where nobody looks."""
    stream = sys.stderr
    if not stream.isatty():
        yield lambda _: None
        return
    total = sum(Path(file).stat().st_size for file in files if Path(file).is_file())
    done, shown = 0, time.monotonic()

    def advance(size: int) -> None:
        nonlocal done, shown
        done += size
        if time.monotonic() - shown >= _EVERY_S:
            shown = time.monotonic()
            part = f" of {total / _MEGABYTE:.0f} MB ({min(100, 100 * done // total)} %)" if total else " MB"
            stream.write(f"{_CLEAR}verifying: {done / _MEGABYTE:.0f}{part}")
            stream.flush()

    try:
        yield advance
    finally:
        stream.write(_CLEAR)
        stream.flush()
