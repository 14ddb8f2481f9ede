"""What must survive: killed processes, forks, a sink that is away, a full disk, a spool that cannot be written."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from audit_file import events, read_records, requests
from service import FLASK, running
from sink import listening
from waiting import until

from affidavit.cli import main

pytestmark = pytest.mark.slow

GUNICORN = ["gunicorn", "flask_app:app", "--bind", "127.0.0.1:0"]


def verify(setting, *options):
    return main(["verify", str(setting.audit), "--keys", str(setting.keys), *options])


def fill(ballast: Path) -> None:
    """Write until the disk has no room for another byte."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(512))


def targets(path: Path) -> list[str]:
    return [record.facts["audit.target.id"] for record in requests(path)] if path.exists() else []


def test_a_process_killed_in_the_middle_of_an_answer_has_left_its_record(setting):
    with running(FLASK, setting.environ) as service:
        with httpx.stream("GET", f"{service.url}/held", headers=setting.issuer.bearer("alice")) as answer:
            assert next(answer.iter_text()) == "first\n"
            service.kill()

    with running(FLASK, setting.environ) as service:
        httpx.get(f"{service.url}/orders/1")
        until(lambda: "/held" in targets(setting.audit))
        service.stop(signal.SIGINT)

    assert targets(setting.audit) == ["/held", "/orders/1"]
    assert "audit.stream.recovered" in events(setting.audit)
    assert verify(setting) == 0


def test_nothing_that_was_answered_is_lost_over_many_kills(setting):
    answered = []
    for life in range(4):
        with running(FLASK, setting.environ) as service, httpx.Client(base_url=service.url) as client:
            for number in range(25):
                client.get(f"/orders/{life}{number:02}")
                answered.append(f"/orders/{life}{number:02}")
            service.kill()
    with running(FLASK, setting.environ) as service:
        httpx.get(f"{service.url}/orders/999")
        until(lambda: len(set(targets(setting.audit))) == len(answered) + 1)
        service.stop(signal.SIGINT)

    assert sorted(set(targets(setting.audit))) == sorted([*answered, "/orders/999"])
    assert verify(setting) == 0


@pytest.mark.parametrize("options", [["--workers", "2"], ["--workers", "2", "--preload"]], ids=["workers", "preload"])
def test_every_worker_has_a_stream_of_its_own(setting, options):
    with running([*GUNICORN, *options], setting.environ) as service:
        seen = set()

        def two_workers_have_answered():
            httpx.get(f"{service.url}/orders/1", headers=setting.issuer.bearer("alice"))
            seen.update(r.statement["audit.sequence.stream_id"] for r in requests(setting.audit)) if (
                setting.audit.exists()
            ) else None
            return len(seen) == 2

        until(two_workers_have_answered)
        service.stop()

    starts = [r.facts for r in read_records(setting.audit) if r.facts["event_name"] == "audit.stream.start"]
    assert sorted(start["affidavit.spool.number"] for start in starts) == [1, 2]
    assert verify(setting, "--closed") == 0


def test_records_wait_for_a_sink_that_is_away_and_the_application_answers_meanwhile(setting):
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        port = placeholder.getsockname()[1]
    environ = {
        **setting.environ,
        "AFFIDAVIT_EXPORTER": "otlp",
        "AFFIDAVIT_OTLP_ENDPOINT": f"http://127.0.0.1:{port}/v1/logs",
        "AFFIDAVIT_OTLP_HEADERS": "x-tenant=blue",
    }
    with running(FLASK, environ) as service:
        assert httpx.get(f"{service.url}/orders/1").status_code == 200
        until(lambda: "records wait in the spool" in service.output)
        with listening(port) as sink:
            until(lambda: any("/orders/1" in text for text in sink.statements))
            service.stop(signal.SIGINT)
            assert [json.loads(text)["event_name"] for text in sink.statements] == [
                "audit.stream.start",
                "http.server.request",
                "audit.stream.end",
            ]
            assert sink.headers[0]["x-tenant"] == "blue"


def test_a_spool_that_cannot_be_written_is_said_once_and_nothing_fails(setting, tmp_path):
    blocker = tmp_path / "a file where a directory should be"
    blocker.write_text("")
    with running(FLASK, {**setting.environ, "AFFIDAVIT_SPOOL_DIR": str(blocker / "spool")}) as service:
        for _ in range(3):
            assert httpx.get(f"{service.url}/orders/1").status_code == 200
        service.stop(signal.SIGINT)

    assert service.output.count("the spool is in memory") == 1
    assert "Traceback" not in service.output
    assert len(requests(setting.audit)) == 3
    assert verify(setting, "--closed") == 0


def test_a_full_disk_costs_no_answer_and_what_was_lost_is_declared(setting, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    try:
        ballast = disk / "ballast"
        environ = {**setting.environ, "AFFIDAVIT_SPOOL_DIR": str(disk / "spool"), "AFFIDAVIT_FILE": "/nowhere/audit"}
        with running(FLASK, environ) as service, httpx.Client(base_url=service.url) as client:
            assert client.get("/orders/1").status_code == 200
            fill(ballast)
            for number in range(40):
                assert client.get(f"/orders/{number}").status_code == 200
            until(lambda: "records are being lost and counted" in service.output)
            ballast.unlink()
            assert client.get("/orders/41").status_code == 200
            service.kill()
        with running(FLASK, {**environ, "AFFIDAVIT_FILE": str(setting.audit)}) as service:
            httpx.get(f"{service.url}/orders/42")
            until(lambda: "/orders/41" in targets(setting.audit))
            service.stop(signal.SIGINT)
    finally:
        subprocess.run(["umount", str(disk)], check=True)

    kept = [target for target in targets(setting.audit) if target not in ("/orders/41", "/orders/42")]
    declared = sum(r.facts.get("affidavit.missing.count", 0) for r in read_records(setting.audit))
    assert len(kept) + declared == 41
    assert declared > 0
    assert verify(setting) == 0
