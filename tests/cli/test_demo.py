"""``affidavit demo``: the whole story, told by what really happened, and nothing left of it afterwards."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from affidavit.cli import demo, main

COMMAND = [sys.executable, "-c", "import sys; from affidavit.cli import main; sys.exit(main())", "demo"]


def environ(directory):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "AFFIDAVIT_"))}
    # Settings of one's own, and a proxy that leads nowhere, must not get into the story.
    foreign = {"AFFIDAVIT_EXPORTER": "pigeon", "OTEL_SDK_DISABLED": "true", "http_proxy": "http://127.0.0.1:9"}
    return {**kept, **foreign, "TMPDIR": str(directory)}


def ports_in(text):
    return {int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)", text)}


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
def test_the_story_goes_as_told_within_a_minute_and_leaves_nothing_behind(tmp_path):
    started = time.monotonic()
    done = subprocess.run(COMMAND, env=environ(tmp_path), capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - started < 60
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "\x1b" not in done.stdout
    rows = re.findall(
        r"\d\d:\d\d:\d\d\.\d{3}  (\w+) +(\w+ \S+) +(\d{3} \w+) +127\.0\.0\.1 [0-9a-f]{8}  (.*)", done.stdout
    )
    assert [(who, what, outcome, how.split()[0]) for who, what, outcome, how in rows[-8:]] == [
        ("alice", "GET /health", "200 success", "verified"),
        ("alice", "GET /orders/17", "200 success", "verified"),
        ("alice", "POST /orders", "201 success", "verified"),
        ("bob", "GET /orders/17", "200 success", "verified"),
        ("bob", "GET /payroll", "403 failure", "verified"),
        ("anonymous", "GET /orders/17", "200 success", "expired"),
        ("anonymous", "GET /orders/17", "200 success", "invalid_signature"),
        ("anonymous", "POST /orders", "401 failure", "absent"),
    ]
    verified, tampered, erased = done.stdout.split("$ affidavit verify ")[1:4]
    assert "verified" in verified
    assert "tampered" in tampered
    assert "withheld" in erased
    assert list(tmp_path.iterdir()) == []
    assert all(map(is_free, ports_in(done.stdout)))


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_an_interrupted_story_leaves_nothing_behind(tmp_path, how):
    with subprocess.Popen(
        COMMAND, env=environ(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        said = ""
        for line in process.stdout:
            said += line
            if "listening on" in line:
                process.send_signal(how)
                break
        rest, errors = process.communicate(timeout=30)

    assert process.returncode == 130
    assert errors == ""
    assert list(tmp_path.iterdir()) == []
    assert len(ports_in(said + rest)) == 2
    assert all(map(is_free, ports_in(said + rest)))


def test_without_its_extra_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(demo, "_EXTRA", {"there": "json", "amiss": "no_such.module", "gone": "json.no_such"})

    assert main(["demo"]) == 2

    out, err = capsys.readouterr()
    assert (out, err) == ("", "affidavit demo: needs amiss, gone: pip install 'affidavit[demo]'\n")
