"""A worker gets its turn, however busy those are who bring the work."""

from __future__ import annotations

from itertools import pairwise
from threading import Event

from affidavit.pipeline import worker as module
from affidavit.pipeline.worker import GATHER_S, LATE_S, Worker


def test_who_brings_work_stands_back_only_when_it_is_late_and_never_more_than_a_millisecond_of_five(monkeypatch):
    now_s, slept = 100.0, []

    def sleep(duration_s):
        nonlocal now_s
        now_s += duration_s
        slept.append(round(now_s, 6))

    monkeypatch.setattr(module, "monotonic", lambda: now_s)
    monkeypatch.setattr(module, "sleep", sleep)
    worker = Worker("test", lambda: 60.0)  # not started: it never gets its turn
    while now_s < 100.0 + LATE_S - 0.001:
        worker.wake()
        now_s += 0.0001
    assert slept == []

    while now_s < 100.0 + LATE_S + 0.1:
        worker.wake()
        now_s += 0.0001
    assert 15 <= len(slept) <= 21
    assert all(later - sooner > 0.0049 for sooner, later in pairwise(slept))


def test_who_brings_work_in_time_is_not_held_up(monkeypatch):
    slept, stepped = [], Event()
    monkeypatch.setattr(module, "sleep", slept.append)

    def step():
        stepped.set()
        return 60.0

    worker = Worker("test", step)
    worker.start()
    for _ in range(3):
        stepped.clear()
        worker.wake()
        worker.wake()
        assert stepped.wait(GATHER_S + 5)
    worker.stop(5)
    assert slept == []
