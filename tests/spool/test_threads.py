"""Requests append, one worker signs and prepares, another ships: each record arrives once and in order."""

from __future__ import annotations

from threading import Lock, Thread

import pytest

from affidavit.errors import SpoolFullError
from support.spools import directories_of, numbers_of, open_spool, record, sign

LAST = 3000


class Work:
    """A spool at work, and what its threads know."""

    def __init__(self, spool):
        self.spool = spool
        self.lock = Lock()
        self.number = 0
        self.signed = 0
        self.shipped = []

    def append(self):
        while self.number < LAST:
            with self.lock:
                number = min(self.number + 1, LAST)
                try:
                    if number > self.number:
                        self.spool.append(record(number))
                        self.number = number
                except SpoolFullError:
                    pass  # until the shipper has made room

    def sign(self):
        while self.signed < LAST:
            last = self.number
            try:
                with self.lock:
                    sign(self.spool, range(self.signed + 1, last + 1))
            except SpoolFullError:
                pass  # these travel without the spool
            self.signed = last
            self.spool.prepare()

    def ship(self):
        while len(self.shipped) < LAST:
            batch = numbers_of(self.spool.read(64, self.signed))
            self.shipped += batch
            if batch:
                self.spool.acknowledge(batch[-1])


@pytest.mark.parametrize("cap", [256 * 1024, 64 * 1024])
def test_nothing_is_lost_between_them(tmp_path, cap):
    work = Work(open_spool(tmp_path, cap))
    threads = [Thread(target=part, daemon=True) for part in (work.append, work.append, work.sign, work.ship)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    work.spool.close()
    assert work.shipped == [*range(1, LAST + 1)]
    assert work.spool.damaged == 0
    assert directories_of(tmp_path) == []
