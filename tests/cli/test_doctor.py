"""``affidavit doctor``: what is in force, what is wrapped, what can be reached; and no secret of any of it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import people
import pytest
from service import BIN, QUIET, _clean_environ
from sink import listening

from affidavit.cli import main
from affidavit.signing.file import generate_identity_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Everything as it should be, but for the spool below /tmp, where tests live."""
    generate_identity_key(tmp_path / "identity.pem")
    return {
        "AFFIDAVIT_ISSUERS": people.ISSUER,
        "AFFIDAVIT_AUDIENCES": people.AUDIENCE,
        "AFFIDAVIT_JWKS_FILE": str(people.Issuer().write_jwks(tmp_path / "jwks.json")),
        "AFFIDAVIT_SIGNING_KEY_FILE": str(tmp_path / "identity.pem"),
        "AFFIDAVIT_SPOOL_DIR": str(tmp_path / "spool"),
        "AFFIDAVIT_EXPORTER": "file",
        "AFFIDAVIT_FILE": str(tmp_path / "audit.jsonl"),
    }


def diagnose(monkeypatch, capsys, environ) -> dict[tuple[str, str], str]:
    """The findings of a doctor in this process, where no hook ran: (level, subject) and what it says."""
    for name in list(os.environ):
        if name.startswith(("AFFIDAVIT_", "OTEL_")):
            monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(["doctor", "--json"]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    return {(check["level"], check["subject"]): f"{check['detail']}; {check['remedy']}" for check in checks}


def run_instrumented(environ, *arguments):
    return subprocess.run(
        [str(BIN / "opentelemetry-instrument"), "affidavit", "doctor", *arguments],
        env={**_clean_environ(), **QUIET, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_where_all_is_well_it_says_so_line_by_line_and_leaves_nothing(environ, tmp_path):
    before = sorted(tmp_path.iterdir())

    done = run_instrumented(environ)

    assert (done.returncode, done.stderr) == (0, "")
    _, checked = done.stdout.split("Checked:\n")
    assert [line.split()[:2] for line in checked.splitlines()] == [
        ["ok", "hook"],
        ["ok", "patched"],
        ["ok", "patched"],
        ["ok", "spans"],
        ["warn", "spool"],
        ["ok", "keys"],
        ["ok", "identity"],
        ["ok", "spool"],
        ["ok", "sink"],
    ]
    assert "flask.app.Flask.__call__" in checked
    assert "fastapi.applications.FastAPI.__call__" in checked
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.slow
def test_otlp_is_tried_with_a_request_that_holds_no_record(environ):
    with listening() as sink:
        over = {"AFFIDAVIT_EXPORTER": "otlp", "AFFIDAVIT_OTLP_ENDPOINT": f"{sink.url}/v1/logs"}
        done = run_instrumented({**environ, **over}, "--json")

    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["configuration"]["AFFIDAVIT_OTLP_ENDPOINT"] == f"{sink.url}/v1/logs"
    assert report["checks"][-1]["detail"] == f"{sink.url}/v1/logs accepts records"
    assert (len(sink.requests), sink.statements) == (1, [])


@pytest.mark.slow
def test_an_application_that_would_refuse_to_start_is_reported_where_the_report_is_reached(environ):
    wrong = {"AFFIDAVIT_REQUIRED": "true", "AFFIDAVIT_HEARTBEAT": "soon"}
    # Contrib imports the frameworks; without it the doctor is first.
    done = run_instrumented({**environ, **wrong, "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "flask,fastapi"})

    assert done.returncode == 1
    assert "FAIL  required   the application refuses to start, exit code 78" in done.stdout
    assert "FAIL  setting    AFFIDAVIT_HEARTBEAT: 'soon' is not a whole number" in done.stdout


def test_without_our_hook_in_this_very_process_it_fails_and_says_how_to_run_it(monkeypatch, capsys, environ):
    found = diagnose(monkeypatch, capsys, environ)

    assert found["FAIL", "hook"] == "did not run in this process; run it as: opentelemetry-instrument affidavit doctor"
    assert [key for key in found if key[0] == "FAIL"] == [("FAIL", "hook")]


def test_opentelemetrys_own_switch_is_a_failure(monkeypatch, capsys, environ):
    found = diagnose(monkeypatch, capsys, {**environ, "OTEL_SDK_DISABLED": "true"})

    assert "switched off by OTEL_SDK_DISABLED" in found["FAIL", "hook"]


def test_what_is_unsafe_is_said_plainly(monkeypatch, capsys, environ):
    del environ["AFFIDAVIT_AUDIENCES"], environ["AFFIDAVIT_SIGNING_KEY_FILE"]
    over = {"AFFIDAVIT_TRUSTED_PROXIES": "0.0.0.0/0", "AFFIDAVIT_PERSONAL": ""}
    found = diagnose(monkeypatch, capsys, {**environ, **over})

    assert found["warn", "audience"].endswith("set AFFIDAVIT_AUDIENCES")
    assert "any client can forge its address" in found["warn", "proxies"]
    assert "nothing about a person can ever be erased" in found["warn", "personal"]
    assert "does not outlive a restart" in found["warn", "spool"]
    assert "to be made here by itself at the first request" in found["warn", "identity"]
    assert "affidavit keys export" in found["warn", "identity"]


def test_a_key_that_others_can_read_is_unsafe(monkeypatch, capsys, environ, tmp_path):
    (tmp_path / "identity.pem").chmod(0o644)

    found = diagnose(monkeypatch, capsys, environ)

    path = environ["AFFIDAVIT_SIGNING_KEY_FILE"]
    assert found["warn", "identity"] == f"{path} is open to others than its owner; chmod 600 {path}"


def test_nobody_is_identified_without_an_issuer(monkeypatch, capsys, environ):
    del environ["AFFIDAVIT_ISSUERS"]

    assert "nobody is identified" in diagnose(monkeypatch, capsys, environ)["warn", "issuer"]


def test_what_cannot_be_reached_fails_each_for_its_own_reason(monkeypatch, capsys, environ, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "identity.pem").write_text("-----BEGIN PRIVATE KEY-----\nbm8=\n-----END PRIVATE KEY-----\n")
    (tmp_path / "jwks.json").write_text('{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}')
    over = {"AFFIDAVIT_SPOOL_DIR": str(tmp_path / "file" / "spool"), "AFFIDAVIT_FILE": str(tmp_path)}
    found = diagnose(monkeypatch, capsys, {**environ, **over})

    assert found["FAIL", "spool"].startswith(f"{tmp_path / 'file'} cannot be written (Not a directory)")
    assert found["FAIL", "sink"].startswith(f"{tmp_path} is not a regular file")
    assert "no key that tokens can be verified with" in found["FAIL", "keys"]
    assert "not a PKCS#8 PEM private key" in found["FAIL", "identity"]


def test_a_file_in_a_directory_that_is_not_there_cannot_be_written(monkeypatch, capsys, environ, tmp_path):
    found = diagnose(monkeypatch, capsys, {**environ, "AFFIDAVIT_FILE": str(tmp_path / "logs" / "audit.jsonl")})

    assert found["FAIL", "sink"].startswith(f"{tmp_path / 'logs'} cannot be written (No such file or directory)")


def test_secrets_of_addresses_and_headers_are_hidden(monkeypatch, capsys, environ):
    with listening() as sink:
        url = sink.url.replace("http://", "http://user:geheim@") + "/v1/logs?key=geheim"
        secrets = {
            "AFFIDAVIT_EXPORTER": "otlp",
            "AFFIDAVIT_OTLP_ENDPOINT": url,
            "AFFIDAVIT_OTLP_HEADERS": "authorization=Bearer%20geheim,x-key=geheim",
            "AFFIDAVIT_JWKS_FILE": "",
            "AFFIDAVIT_JWKS_URI": url.replace("/v1/logs", "/jwks"),
            "AFFIDAVIT_HEARTBEAT": "soon",
        }
        found = diagnose(monkeypatch, capsys, {**environ, **secrets})
        main(["doctor"])

    shown = capsys.readouterr().out
    assert "authorization=***,x-key=***" in shown
    assert f"{sink.url}/v1/logs" in shown
    assert "geheim" not in shown + str(found)
    assert found["FAIL", "setting"].startswith("AFFIDAVIT_HEARTBEAT: 'soon' is not")
    assert "answered 501" in found["FAIL", "keys"]  # the sink answers no GET


def test_plain_http_to_another_machine_is_unsafe(monkeypatch, capsys, environ):
    over = {"AFFIDAVIT_EXPORTER": "otlp", "AFFIDAVIT_OTLP_ENDPOINT": "http://collector.invalid:4318/v1/logs"}
    found = diagnose(monkeypatch, capsys, {**environ, **over})

    assert "records can be read on the way" in found["warn", "sink"]
    assert found["FAIL", "sink"].startswith("http://collector.invalid:4318/v1/logs")


def test_keys_are_discovered_as_the_service_would(monkeypatch, capsys, environ):
    from affidavit.demo.issuer import issuing

    with issuing() as issuer:
        found = diagnose(monkeypatch, capsys, {**environ, "AFFIDAVIT_ISSUERS": issuer.url, "AFFIDAVIT_JWKS_FILE": ""})

    assert found["ok", "keys"] == f"{issuer.url}: 1 for PS256, PS384, PS512, RS256, RS384, RS512; "
