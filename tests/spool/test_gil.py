"""An append never gives up the GIL: beside one busy thread it would be milliseconds until it comes back."""

from __future__ import annotations

import sys
from threading import Event, Thread

import pytest

from affidavit.errors import SpoolFullError
from affidavit.model import SealedRecord
from affidavit.spool import files
from affidavit.spool.segment import Segment
from support.spools import LABEL, STREAM_ID, open_spool, record

pytestmark = pytest.mark.skipif(files._libc is None, reason="no C library to be called with the GIL kept")

TRIES = 1000
"""A thread that waits for the GIL misses most of the short moments in which somebody else gives it up."""


class BusyThread:
    """Counts how often it comes to run, and wants nothing but to run."""

    def __init__(self):
        self.turns = 0
        self._stop = False
        self._go = Event()
        self._thread = Thread(target=self._spin)
        self._interval = sys.getswitchinterval()

    def __enter__(self):
        self._thread.start()
        sys.setswitchinterval(3.0)  # nobody is made to give up the GIL for so long: who loses it gave it up himself
        self._go.set()
        return self

    def __exit__(self, *_):
        self._stop = True
        sys.setswitchinterval(self._interval)
        self._thread.join()

    def _spin(self):
        self._go.wait()
        while not self._stop:
            self.turns += 1


@pytest.mark.parametrize("size", [300, 5000, 60_000])
def test_neither_for_a_record_of_any_size_nor_for_the_next_segment(tmp_path, size):
    tries = TRIES * 300 // size + 20
    spool = open_spool(tmp_path, 4 * 2 * size * tries)
    spool.prepare()
    text = record(1, size).text
    records = [SealedRecord(STREAM_ID, number, text, (text,)) for number in range(1, tries + 5)]
    with BusyThread() as busy:
        before = busy.turns
        for sealed in records:
            spool.append(sealed)
        assert busy.turns == before
    assert len(spool._segments.row) == 2
    spool.close()


def test_nor_when_the_disk_is_full_in_the_middle_of_a_record(tmp_path):
    class FullFiles(files.Files):
        def append(self, descriptor, data, offset):
            return super().append(descriptor, data[:100], offset)

    segment = Segment(files.FILES, str(tmp_path), 1, LABEL, 10_000)
    segment._files = FullFiles()
    with BusyThread() as busy:
        before = busy.turns
        for _ in range(TRIES):
            with pytest.raises(SpoolFullError):
                segment.append(bytes(200), 1)
        assert busy.turns == before
    segment.release()
