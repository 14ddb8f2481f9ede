"""The screen: short headings, aligned columns, indented output, at most 100 columns. Colour only on a terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDTH = 98
_GAP = "  "


class Screen:
    """Writes to one stream, and knows whether a person looks at it."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()

    def heading(self, text: str) -> None:
        """A new chapter."""
        self._write("", self._paint("1", text))

    def say(self, text: str) -> None:
        """A sentence or two, wrapped."""
        self._write(*_fold(text, _GAP, _GAP))

    def command(self, text: str) -> None:
        """A command as a person types it."""
        self._write(_GAP + self._paint("36", f"$ {text}"))

    def copyable(self, text: str) -> None:
        """A command that the person may type: no prompt is in the way of copying it."""
        self._write(_GAP + self._paint("36", text))

    def output(self, text: str) -> None:
        """What a command said, line by line; what is too long is folded."""
        for line in text.splitlines():
            indent = _GAP * 2 + line[: len(line) - len(line.lstrip())]
            self._write(*_fold(line.strip(), indent, indent + _GAP * 2) or [""])

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows in aligned columns; the first is the head."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        head, *body = [_align(row, widths) for row in rows]
        self._write(_GAP + self._paint("2", head), *(_GAP + line for line in body))

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._is_terminal else text

    def _write(self, *lines: str) -> None:
        self._stream.write("".join(f"{line}\n" for line in lines))
        self._stream.flush()


def _align(row: Iterable[str], widths: Iterable[int]) -> str:
    return _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _fold(text: str, first: str, rest: str) -> list[str]:
    return wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False
    )
