from __future__ import annotations

import logging

import pytest

from affidavit.guard import Guard


def test_our_failures_stop_here_counted_and_said_once_without_their_text(caplog):
    guard = Guard()
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            with guard:
                raise ValueError("eyJhbGciOi.secret.token")

    assert guard.stopped == 3
    (record,) = caplog.records
    assert "ValueError at " in record.message
    assert "secret" not in caplog.text


def test_a_guarded_function_gives_its_result_or_none():
    guard = Guard()
    divide = guard.guards(lambda number, by: number / by)

    assert [divide(6, by=2), divide(6, by=0), divide()] == [3, None, None]
    assert guard.stopped == 2


def test_a_log_that_cannot_be_written_is_no_reason_to_fail(monkeypatch):
    """Handlers are the application's, and not all of them keep their errors to themselves."""
    monkeypatch.setattr(logging.getLogger("affidavit.guard"), "handlers", [Failing()])
    guard = Guard()
    with guard:
        raise ValueError

    assert guard.stopped == 1


class Failing(logging.Handler):
    def emit(self, _record):
        raise OSError("the log's disk is full")


def test_what_is_not_a_failure_passes():
    with pytest.raises(KeyboardInterrupt), Guard():
        raise KeyboardInterrupt

    @Guard().guards
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
