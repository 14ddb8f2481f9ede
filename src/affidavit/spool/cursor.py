"""The cursor: the number of the last acknowledged record of a spool.

::

    two slots of 16 bytes:  number 8 │ crc32 4 │ zero 4

The slots are written by turns, so a torn write spoils the older one at worst. The cursor saves repeats and nothing
else: where it is lost, an adopter sends again what the sink has already. So no fault here is ever raised.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from zlib import crc32

if TYPE_CHECKING:
    from affidavit.spool.files import Files

NAME: Final = "cursor"
_NUMBER: Final = struct.Struct(">Q")
_SLOT: Final = struct.Struct(">QI4x")
_SIZE: Final = 2 * _SLOT.size


def format_slot(number: int) -> bytes:
    """The 16 bytes of one slot."""
    return _SLOT.pack(number, crc32(_NUMBER.pack(number)))


def parse_slots(data: bytes) -> int:
    """The greatest number in a whole slot; 0 where there is none."""
    return max(_parse_slot(data[: _SLOT.size]), _parse_slot(data[_SLOT.size :]))


def _parse_slot(slot: bytes) -> int:
    number = int.from_bytes(slot[: _NUMBER.size], "big")
    return number if slot == format_slot(number) else 0


class Cursor:
    """The open cursor file of a directory; made if there is none."""

    def __init__(self, files: Files, directory: str) -> None:
        self.number = 0
        self._files = files
        self._offset = 0
        self._descriptor = -1
        with suppress(OSError):
            self._descriptor = files.open(f"{directory}/{NAME}", create=True)
            self.number = parse_slots(files.read(self._descriptor, _SIZE, 0))

    def advance(self, number: int) -> None:
        """Every record up to `number` is acknowledged."""
        if number <= self.number:
            return
        self.number = number
        self._offset = _SLOT.size - self._offset
        with suppress(OSError):
            self._files.write(self._descriptor, format_slot(number), self._offset)

    def close(self) -> None:
        """Let go of the file."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self._files.close(descriptor)
