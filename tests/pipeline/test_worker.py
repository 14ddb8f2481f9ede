"""A thread that outlives every fault of its step: a record waits for it."""

from __future__ import annotations

import logging
import threading

import pytest

from affidavit.pipeline import worker
from affidavit.pipeline.worker import Worker

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
