"""A service that does not start is one error with its own words, and nothing runs on."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from waiting import until

from affidavit.demo.server import DemoError, serving


def program(directory: Path, script: str) -> dict[str, str]:
    path = directory / "opentelemetry-instrument"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {"PATH": f"{directory}:/usr/bin:/bin"}


def test_what_a_service_said_before_it_died_is_told(tmp_path):
    environ = program(tmp_path, "echo no module named flask >&2; exit 1")
    with (
        pytest.raises(DemoError, match="did not start; the service said:\nno module named flask"),
        serving(tmp_path, environ),
    ):
        pass


def test_a_program_that_is_not_installed_is_named(tmp_path):
    environ = {"PATH": str(tmp_path)}
    with pytest.raises(DemoError, match="opentelemetry-instrument is not on the PATH"), serving(tmp_path, environ):
        pass


def test_a_service_that_ignores_the_wish_to_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("affidavit.demo.server._STOP_S", 0.1)
    environ = program(tmp_path, "trap '' INT; echo 'Running on http://127.0.0.1:1' >&2; while :; do sleep 1; done")
    with serving(tmp_path, environ) as server:
        assert (server.url, server.port) == ("http://127.0.0.1:1", 1)
    assert server.returncode == -9


def test_a_service_ends_at_our_wish_even_if_the_demo_was_started_in_the_background(tmp_path):
    environ = program(tmp_path, "echo 'Running on http://127.0.0.1:1' >&2; exec sleep 60")
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for what ends in an ampersand
    try:
        with serving(tmp_path, environ) as server:
            pass
        assert (server.returncode, signal.getsignal(signal.SIGINT)) == (-signal.SIGINT, signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGINT, handler)


def test_an_error_of_the_story_carries_what_the_service_said(tmp_path):
    environ = program(tmp_path, "echo 'Running on http://127.0.0.1:1' >&2; echo trouble >&2; exec sleep 60")
    with pytest.raises(DemoError, match=r"amiss; the service said:\nRunning on .*\ntrouble"):
        _go_amiss(tmp_path, environ)


def _go_amiss(directory: Path, environ: dict[str, str]) -> None:
    with serving(directory, environ) as server:
        until(lambda: len(server.log) == 2)
        raise DemoError("amiss")
