"""Where records wait, and how much of the disk they may take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from affidavit import environment_variables as variables
from affidavit.errors import Complaint

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_MAX_BYTES = 1024**3
LEAST_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """The spool's root directory and its cap in bytes."""

    directory: Path
    max_bytes: int = DEFAULT_MAX_BYTES

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> tuple[SpoolSettings, tuple[Complaint, ...]]:
        """The settings, and what cannot be used of them; where something cannot, its default stands."""
        directory = environ.get(variables.SPOOL_DIR.name) or _default_directory(environ)
        text = environ.get(variables.SPOOL_MAX_BYTES.name, "")
        if not text:
            return cls(Path(directory)), ()
        if text.isascii() and text.isdigit() and int(text) >= LEAST_MAX_BYTES:
            return cls(Path(directory), int(text)), ()
        return cls(Path(directory)), (
            Complaint(
                variables.SPOOL_MAX_BYTES.name,
                f"{text!r} is not a number of bytes from {LEAST_MAX_BYTES} up",
                f"give a plain number, or leave it out for {DEFAULT_MAX_BYTES}",
            ),
        )


def _default_directory(environ: Mapping[str, str]) -> str:
    state = environ.get("XDG_STATE_HOME") or f"{environ.get('HOME', '')}/.local/state"
    return f"{state}/affidavit"
