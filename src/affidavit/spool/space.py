"""How much of the disk a spool root may take: one cap for the directories of all its processes.

It is measured when a segment is made, not on every append: so the root can pass it by the part of their last segments
that other processes have not yet filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from affidavit.errors import SpoolFullError
from affidavit.spool.directories import usage

if TYPE_CHECKING:
    from affidavit.spool.files import Files

LARGEST_SEGMENT_BYTES: Final = 8 * 1024 * 1024
_LEAST_SEGMENTS: Final = 4
"""As many fit under the cap at least: one is written, one stands ready, and what is shipped leaves by the segment."""


@dataclass(frozen=True, slots=True)
class Space:
    """The cap of a root."""

    files: Files
    root: str
    max_bytes: int

    @property
    def segment_bytes(self) -> int:
        """How large a segment gets."""
        return min(LARGEST_SEGMENT_BYTES, self.max_bytes // _LEAST_SEGMENTS)

    def claim(self, size: int) -> None:
        """Go on if there is room for `size` more bytes.

        Raises:
            SpoolFullError: There is not.
        """
        taken = usage(self.files, self.root)
        if taken + size > self.max_bytes:
            raise SpoolFullError(f"{self.root}: {taken} of {self.max_bytes} bytes are taken")
