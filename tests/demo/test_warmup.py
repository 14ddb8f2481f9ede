"""The story begins with the first token that a record calls verified."""

from __future__ import annotations

import pytest
from streams import SpoolRoot, otlp_lines

from affidavit import semconv
from affidavit.demo.server import DemoError
from affidavit.demo.warmup import warm_up


class Asking:
    """Each call leaves the next of these states in the file."""

    def __init__(self, path, *states: str) -> None:
        self.path = path
        self.stream = SpoolRoot().stream()
        self.states = list(states)

    def __call__(self) -> None:
        self.stream.seal(semconv.HTTP_SERVER_REQUEST, {semconv.TOKEN_STATE: self.states.pop(0)})
        self.path.write_bytes(otlp_lines(self.stream.records, batch=1) + b'{"resourceLogs":[{"a line still being')


def test_it_asks_until_a_token_is_verified_and_not_once_more(tmp_path):
    ask = Asking(tmp_path / "audit.jsonl", "keys_unavailable", "keys_unavailable", "verified", "absent")

    warm_up(ask, ask.path)

    assert ask.states == ["absent"]


def test_it_does_not_ask_for_ever(tmp_path):
    ask = Asking(tmp_path / "audit.jsonl", *["keys_unavailable"] * 30)

    with pytest.raises(DemoError, match="not one of 20 good tokens was verified"):
        warm_up(ask, ask.path)


def test_a_record_that_does_not_come_is_not_awaited_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("affidavit.demo.warmup._RECORD_S", 0.1)

    with pytest.raises(DemoError, match="the record of request 1 does not come"):
        warm_up(lambda: None, tmp_path / "audit.jsonl")
