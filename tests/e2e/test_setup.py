"""Set-up from the environment only: one clear line for each wrong setting, and never a broken application."""

from __future__ import annotations

import signal
import subprocess

import httpx
import pytest
from audit_file import requests
from service import APPS, BIN, FLASK, QUIET, _clean_environ, running

pytestmark = pytest.mark.slow


def run(command, environ, **options):
    return subprocess.run(
        [str(BIN / "opentelemetry-instrument"), *command],
        env={**_clean_environ(), **QUIET, **environ},
        cwd=APPS,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def lines_of_ours(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("affidavit: ")]


WRONG = {
    "AFFIDAVIT_EXPORTER": "carrier-pigeon",
    "AFFIDAVIT_HEARTBEAT": "soon",
    "AFFIDAVIT_TRUSTED_PROXIES": "the load balancer",
    "AFFIDAVIT_EXCLUDED_URLS": "(",
    "AFFIDAVIT_SPOOL_MAX_BYTES": "1 GiB",
    "AFFIDAVIT_ISSUER": "https://login.example.com",
}


def test_every_wrong_setting_is_one_line_that_names_it_and_the_application_runs():
    done = run(["python", "-c", "import flask; print('the application runs')"], WRONG)

    assert done.returncode == 0
    assert done.stdout == "the application runs\n"
    said = lines_of_ours(done.stderr)
    for name in WRONG:
        assert sum(line.startswith(f"affidavit: {name}: ") for line in said) == 1
    assert "Traceback" not in done.stderr


def test_a_process_that_imports_no_framework_hears_nothing_and_loads_nothing():
    probe = (
        "import sys, threading; print([m for m in ('affidavit.process', 'requests', 'cryptography', 'jwt', 'grpc')"
        " if m in sys.modules], threading.active_count())"
    )
    environ = {**WRONG, "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "flask,fastapi,requests,httpx"}
    done = run(["python", "-c", probe], environ)

    assert done.stdout == "[] 1\n"
    assert lines_of_ours(done.stderr) == []


def test_required_makes_a_wrong_setting_a_refusal_to_start():
    done = run(["python", "-c", "import flask; print('started')"], {**WRONG, "AFFIDAVIT_REQUIRED": "true"})

    assert done.returncode == 78
    assert done.stdout == ""
    (line,) = lines_of_ours(done.stderr)
    assert all(name in line for name in WRONG)


def test_required_refuses_a_key_file_that_is_not_one(tmp_path):
    key = tmp_path / "identity.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n")
    environ = {"AFFIDAVIT_REQUIRED": "true", "AFFIDAVIT_SIGNING_KEY_FILE": str(key)}
    done = run(["python", "-c", "import flask; print('started')"], environ)

    assert done.returncode == 78
    assert len(lines_of_ours(done.stderr)) == 1
    assert str(key) in done.stderr


@pytest.mark.parametrize(
    "switch",
    [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "affidavit"}],
    ids=["the SDK", "this instrumentation"],
)
def test_opentelemetrys_own_switches_turn_it_off_and_it_says_so_once(setting, switch):
    with running(FLASK, {**setting.environ, **switch}) as service:
        assert httpx.get(f"{service.url}/orders/1").status_code == 200
        service.stop(signal.SIGINT)

    assert not setting.audit.exists()
    assert service.output.count("affidavit: off") == 1


def test_excluded_urls_leave_no_record(setting):
    environ = {**setting.environ, "OTEL_PYTHON_EXCLUDED_URLS": "/stream,/orders/2$"}
    with running(FLASK, environ) as service:
        for path in ("/orders/1", "/orders/2", "/orders/22", "/stream"):
            httpx.get(service.url + path)
        service.stop(signal.SIGINT)

    assert [r.facts["audit.target.id"] for r in requests(setting.audit)] == ["/orders/1", "/orders/22"]
