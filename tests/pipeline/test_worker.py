"""A thread that outlives every fault of its step, and gets its turn, however busy those are who bring the work."""

from __future__ import annotations

import logging
import threading
from itertools import pairwise

import pytest

from affidavit.pipeline import worker
from affidavit.pipeline.worker import GATHER_S, LATE_S, Worker

WAIT_S = 10.0


class Failing(logging.Handler):
    def emit(self, _record):
        raise OSError("the log's disk is full")


@pytest.mark.parametrize("handlers", [[], [Failing()]], ids=["said in the log", "with a log that fails too"])
def test_a_step_that_fails_is_taken_again(monkeypatch, handlers):
    monkeypatch.setattr(worker, "_AFTER_A_FAULT_S", 0.0)
    monkeypatch.setattr(logging.getLogger("affidavit.pipeline.worker"), "handlers", handlers)
    tried, went_on = [], threading.Event()

    def step():
        tried.append(len(tried))
        if len(tried) == 1:
            raise RuntimeError("once")
        went_on.set()
        return WAIT_S

    it = Worker("test", step)
    it.start()
    assert went_on.wait(WAIT_S)
    assert it.stop(WAIT_S)


def test_whoever_wakes_it_finds_his_work_done_and_waking_it_twice_is_once(monkeypatch):
    monkeypatch.setattr(worker, "GATHER_S", 0.0)
    work, done = [], threading.Semaphore(0)

    def step():
        while work:
            work.pop()
            done.release()
        return WAIT_S

    it = Worker("test", step)
    it.start()
    for number in range(200):
        work.append(number)
        it.wake()
        it.wake()
        assert done.acquire(timeout=WAIT_S)
    assert it.stop(WAIT_S)


def test_who_brings_work_stands_back_only_when_it_is_late_and_never_more_than_a_millisecond_of_three(monkeypatch):
    now_s, slept = 100.0, []

    def sleep(duration_s):
        nonlocal now_s
        now_s += duration_s
        slept.append(round(now_s, 6))

    monkeypatch.setattr(worker, "monotonic", lambda: now_s)
    monkeypatch.setattr(worker, "sleep", sleep)
    it = Worker("test", lambda: 60.0)  # not started: it never gets its turn
    while now_s < 100.0 + LATE_S - 0.001:
        it.wake()
        now_s += 0.0001
    assert slept == []

    while now_s < 100.0 + LATE_S + 0.1:
        it.wake()
        now_s += 0.0001
    assert 25 <= len(slept) <= 34
    assert all(later - sooner > 0.0029 for sooner, later in pairwise(slept))


def test_who_brings_work_in_time_is_not_held_up(monkeypatch):
    slept, stepped = [], threading.Event()
    monkeypatch.setattr(worker, "sleep", slept.append)

    def step():
        stepped.set()
        return 60.0

    it = Worker("test", step)
    it.start()
    for _ in range(3):
        stepped.clear()
        it.wake()
        it.wake()
        assert stepped.wait(GATHER_S + 5)
    it.stop(5)
    assert slept == []
