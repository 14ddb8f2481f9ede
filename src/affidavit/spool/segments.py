"""The row of segments of one living spool: which is written, which stands ready, which may go.

The request's path only ever takes the lock, writes, and at the end of a segment swaps in the one that a worker has made
ready. Everything slow happens in ``prepare`` and ``drop``, off that path and outside that lock. Only where no segment
is ready (a burst, or there was no space) an append makes one itself; if that is refused, appends are refused at once,
without asking the disk each time, until ``prepare`` or ``drop`` has found space.

Somebody may remove the files under us; writes go on succeeding then. ``prepare`` notices, and writes anew what is still
open here. Segments are numbered 1, 3, 5 …: the number behind each is for the one that is written anew.
"""

from __future__ import annotations

from itertools import count, takewhile
from threading import Lock
from typing import TYPE_CHECKING

from affidavit.errors import SpoolBrokenError, SpoolError
from affidavit.spool.segment import Segment, rewrite, segment_path

if TYPE_CHECKING:
    from affidavit.spool.files import Files
    from affidavit.spool.payload import Label
    from affidavit.spool.space import Space

_STEP = 2


class Segments:
    """The segments of one spool. Any thread appends; ``prepare``, ``drop`` and ``close`` come one at a time."""

    def __init__(self, files: Files, directory: str, label: Label, space: Space) -> None:
        """Make the first segment.

        Raises:
            SpoolError: It could not be made.
        """
        self._files = files
        self._directory = directory
        self._label = label
        self._space = space
        self._numbers = count(1, _STEP)
        self._lock = Lock()
        """Held while appending: nothing under it gives up the GIL, unless no segment stands ready."""
        self._is_open = True
        self._refusal: SpoolError | None = None
        self._ready: Segment | None = None
        self._retired: list[Segment] = []
        """Full, but open still: closing a file gives up the GIL, so ``prepare`` does it."""
        self._row: tuple[Segment, ...] = ()
        self._row = (self._make(),)

    @property
    def row(self) -> tuple[Segment, ...]:
        """The segments that hold something, in order; the last one is written."""
        return self._row

    def append(self, frames: bytes, newest_number: int) -> None:
        """Write whole frames, which speak of records up to `newest_number`.

        Raises:
            SpoolError: Nothing of them was kept.
        """
        with self._lock:
            segment = self._row[-1]
            if not segment.fits(len(frames)):
                segment = self._rotate(len(frames))
            try:
                segment.append(frames, newest_number)
            except SpoolBrokenError as error:
                self._refusal = _without_trace(error)
                raise

    def prepare(self, directory: str, acknowledged: int) -> None:
        """Make the next segment ready, in `directory`. What stands in the way, an append will say."""
        if not self._is_open:
            return
        self._directory = directory
        try:
            self._replace_lost()
            self._settle_retired(acknowledged)
            self._make_ready()
        except SpoolError as error:
            self._refusal = _without_trace(error)

    def drop(self, through: int) -> None:
        """Delete the segments that speak of no record beyond `through`. Needs no space."""
        with self._lock:
            done = list(takewhile(lambda segment: segment.newest_number <= through, self._row[:-1]))
            self._row = self._row[len(done) :]
            self._retired = [segment for segment in self._retired if segment not in done]
            if done and self._is_open:
                self._refusal = None
        for segment in done:
            segment.remove()

    def close(self) -> None:
        """Let go of the files; no append succeeds after this."""
        with self._lock:
            ready = self._shut()
        if ready is not None:
            ready.remove()
        for segment in (*self._retired, self._row[-1]):
            segment.release()

    def abandon(self) -> None:
        """In a forked child: let go of the parent's files and leave them as they are."""
        self._lock = Lock()  # the parent's other threads may have held it, and are not here to release it
        ready = self._shut()
        for segment in (*self._row, *self._retired, ready):
            if segment is not None:
                segment.release()

    def _shut(self) -> Segment | None:
        self._is_open = False
        self._row[-1].capacity = 0
        self._refusal = SpoolBrokenError(f"{self._directory}: the spool is closed")
        ready, self._ready = self._ready, None
        return ready

    def _rotate(self, size: int) -> Segment:
        """Go on in the next segment; the lock is held."""
        if self._ready is None:
            if self._refusal is not None:
                raise _without_trace(self._refusal)
            try:
                self._ready = self._make()
            except SpoolError as error:
                self._refusal = _without_trace(error)
                raise
        segment = self._ready
        if not segment.fits(size):  # a record larger than a segment gets one of its own size
            self._space.claim(size)
            segment.capacity = segment.size + size
        self._retired.append(self._row[-1])
        self._row += (segment,)
        self._ready = None
        return segment

    def _make(self) -> Segment:
        capacity = self._space.segment_bytes
        self._claim(capacity)
        return Segment(self._files, self._directory, next(self._numbers), self._label, capacity)

    def _claim(self, size: int) -> None:
        growing = [*self._row[-1:], *filter(None, [self._ready])]
        self._space.claim(size + sum(max(0, segment.capacity - segment.size) for segment in growing))

    def _make_ready(self) -> None:
        if self._ready is not None:
            return
        made = self._make()
        with self._lock:
            # Meanwhile an append may have made one itself, with a greater number, or the spool was closed.
            is_wanted = self._is_open and self._ready is None and made.number > self._row[-1].number
            if is_wanted:
                self._ready, self._refusal = made, None
        if not is_wanted:
            made.remove()

    def _replace_lost(self) -> None:
        """Stop writing to files that nobody will ever find."""
        ready = self._ready
        if ready is not None and self._is_lost(ready):
            with self._lock:
                is_ready = self._ready is ready
                if is_ready:
                    self._ready = None
            if is_ready:
                ready.release()
        active = self._row[-1]
        if self._is_lost(active):
            self._make_ready()
            with self._lock:
                if self._row[-1] is active:
                    self._rotate(0)

    def _settle_retired(self, acknowledged: int) -> None:
        """Close what is full; write it anew first if it is lost."""
        for segment in tuple(self._retired):
            if self._is_lost(segment):
                anew = rewrite(self._files, segment, self._directory, segment.number + 1, self._label, acknowledged)
                with self._lock:
                    self._row = tuple(anew if other is segment else other for other in self._row)
                anew.release()
            with self._lock:
                self._retired.remove(segment)
            segment.release()

    def _is_lost(self, segment: Segment) -> bool:
        return segment.is_unlinked or segment.path != segment_path(self._directory, segment.number)


def _without_trace(error: SpoolError) -> SpoolError:
    """The same error again: a kept one would hold the frames, and so the request, that it came through."""
    return type(error)(*error.args)
