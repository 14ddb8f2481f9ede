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


def test_what_is_not_a_failure_passes():
    with pytest.raises(KeyboardInterrupt), Guard():
        raise KeyboardInterrupt
