"""Reads records out of segments with their signatures, in order, holding no more of them than its caller asked for.

A record's signature stands behind it, sometimes far behind: the worker signs a while after the request has sealed. So
a second reader runs ahead of the first, only for signatures, and only until it has passed that of the last record
wanted: signatures stand in the order of their numbers.
"""

from __future__ import annotations

from collections import deque
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from affidavit.spool.frame import RECORD, SIGNATURE
from affidavit.spool.frame_reader import Chunks, FrameReader
from affidavit.spool.payload import decode_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from affidavit.model import SealedRecord
    from affidavit.spool.files import Files
    from affidavit.spool.frame import Frame
    from affidavit.spool.frame_reader import Extent


class RecordReader:
    """Records with their signatures, behind the last acknowledged one. A record stays in the window until it is."""

    def __init__(self, files: Files, row: Callable[[], Sequence[Extent]], stream_id: str, acknowledged: int) -> None:
        self._row = row
        self._chunks = Chunks(files)
        self._frames = FrameReader(self._chunks, row)
        self._ahead = FrameReader(self._chunks, row)
        self._stream_id = stream_id
        self._acknowledged = acknowledged
        self._window: deque[SealedRecord] = deque()
        self._newest_number = acknowledged
        self._signatures: dict[int, str] = {}
        self._newest_signature = 0

    @property
    def damaged(self) -> int:
        """Damaged ranges among what was read so far."""
        return self._frames.damaged

    def read(self, limit: int, through: int) -> list[tuple[SealedRecord, str | None]]:
        """Up to `limit` records behind the last acknowledged one, up to number `through`; in order."""
        while len(self._window) < limit and self._newest_number < through and self._take_record():
            pass
        records = list(takewhile(lambda record: record.number <= through, islice(self._window, limit)))
        if records:
            self._find_signatures(records[-1].number)
        return [(record, self._signatures.get(record.number)) for record in records]

    def acknowledge(self, through: int) -> None:
        """Forget the records up to this number, and whatever they held."""
        self._acknowledged = max(self._acknowledged, through)
        self._newest_number = max(self._newest_number, through)
        while self._window and self._window[0].number <= through:
            self._window.popleft()
        for number in [number for number in self._signatures if number <= through]:
            del self._signatures[number]
        self._chunks.settle(self._row())

    def close(self) -> None:
        """Let go of the files."""
        self._chunks.close()

    def _take_record(self) -> bool:
        while (frame := self._frames.take()) is not None:
            # What is not greater is a repeat, or acknowledged.
            if frame.kind == RECORD and frame.number > self._newest_number:
                self._window.append(decode_record(self._stream_id, frame))
                self._newest_number = frame.number
                return True
            if frame.kind == SIGNATURE:
                self._keep_signature(frame)
        return False

    def _find_signatures(self, number: int) -> None:
        self._ahead.overtake(self._frames)
        while self._newest_signature < number:
            frame = self._ahead.take()
            if frame is None:
                return
            if frame.kind == SIGNATURE:
                self._keep_signature(frame)

    def _keep_signature(self, frame: Frame) -> None:
        if frame.number > self._acknowledged:
            # A replaced character makes it fail to verify, which is what a foreign signature should do.
            self._signatures[frame.number] = frame.payload.decode("ascii", "replace")
            self._newest_signature = max(self._newest_signature, frame.number)
