"""What the story is told with: a screen, a directory, and the commands that are really run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from affidavit.demo.server import DemoError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from affidavit.demo.screen import Screen


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that the chapters share."""

    screen: Screen
    directory: Path
    """Empty, and gone afterwards."""
    environ: Mapping[str, str]
    """For the service, without any setting of OpenTelemetry or affidavit."""
    clock: Callable[[], float]
    """Seconds since the epoch."""
    run: Callable[[Sequence[str]], tuple[int, str]]
    """Runs ``affidavit`` with these arguments in `directory`: exit code, and what it said."""

    def command(self, arguments: str, into: str = "", expected: int = 0) -> str:
        """Show and run ``affidavit`` with `arguments`; what it said, shown unless it goes `into` a file.

        Raises:
            DemoError: Its exit code is not the `expected` one.
        """
        self.screen.command(f"affidavit {arguments} {into}".rstrip())
        code, said = self.run(arguments.split())
        if not into:
            self.screen.output(said)
        if code != expected:
            raise DemoError(f"affidavit {arguments} ended with {code}, expected {expected}: {said}")
        return said
