"""What lives and dies with the process: nothing that a request is owed is lost between one stream and the next."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

import pytest
from audit_file import events, read_records, requests
from auditing import Recorder

from affidavit.cli import main
from affidavit.config import Config
from affidavit.process import Process
from affidavit.request import CURRENT, Request
from affidavit.signing.file import generate_identity_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDER = Request("GET", "/orders/17", "http", "", None, "192.0.2.1", (), (), None)


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture
def process(tmp_path: Path, audit: Path) -> Iterator[Process]:
    generate_identity_key(tmp_path / "identity.pem")
    environ = {
        "AFFIDAVIT_SIGNING_KEY_FILE": str(tmp_path / "identity.pem"),
        "AFFIDAVIT_EXPORTER": "file",
        "AFFIDAVIT_FILE": str(audit),
        "AFFIDAVIT_SPOOL_DIR": str(tmp_path / "spool"),
    }
    process = Process(Config.from_environ(environ))
    yield process
    process.close()


def verdict(audit: Path, capsys: pytest.CaptureFixture[str]) -> int:
    assert main(["keys", "export", str(audit.parent / "identity.pem")]) == 0
    (audit.parent / "keys.json").write_text(capsys.readouterr().out)
    return main(["verify", str(audit), "--keys", str(audit.parent / "keys.json"), "--closed"])


def missing(audit: Path) -> list[tuple[str, int]]:
    found = [record.facts for record in read_records(audit)]
    return [
        (facts["affidavit.missing.reason"], facts["affidavit.missing.count"])
        for facts in found
        if facts["event_name"] == "audit.records.missing"
    ]


def test_a_request_under_which_the_stream_was_closed_is_in_the_next_one(process, audit, capsys):
    early, late = process.begin(ORDER), process.begin(ORDER._replace(path="/orders/18"))
    early.answered(200)
    process.close()
    late.answered(200)
    process.close()

    assert [record.facts["audit.target.id"] for record in requests(audit)] == ["/orders/17", "/orders/18"]
    assert len({record.statement["audit.sequence.stream_id"] for record in requests(audit)}) == 2
    assert verdict(audit, capsys) == 0


def test_a_record_that_a_closed_stream_could_not_declare_is_declared_by_the_next(process, audit, capsys):
    broken = process.begin(ORDER._replace(path=object()))
    process.close()
    broken.answered(200)
    process.begin(ORDER).answered(200)
    process.close()

    assert missing(audit) == [("internal", 1)]
    assert verdict(audit, capsys) == 0


def test_what_a_process_without_a_stream_has_not_recorded_is_declared_once_it_has_one(process, audit, monkeypatch):
    build = process._build
    monkeypatch.setattr(process, "_build", lambda: 1 / 0)
    assert [process.begin(ORDER), process.begin(ORDER)] == [None, None]
    monkeypatch.setattr(process, "_build", build)
    monkeypatch.setattr(process, "_retry_ns", 0)
    process.begin(ORDER).answered(200)
    process.close()

    assert missing(audit) == [("setup", 2)]
    assert events(audit)[:2] == ["audit.stream.start", "audit.records.missing"]


def test_a_tracer_provider_that_takes_no_processor_costs_no_record(process, audit, monkeypatch):
    class Refusing:
        resource = None

        def add_span_processor(self, _processor):
            raise RuntimeError("none of yours")

    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", Refusing)
    process.begin(ORDER).answered(200)
    process.begin(ORDER).answered(200)
    process.close()

    assert len(requests(audit)) == 2


@pytest.mark.parametrize(
    ("given", "recorded"),
    [("caf\udce9", "caf?"), ("x" * 5000, "x" * 256), ("\x01" * 300, "\x01" * 256), ("💩" * 300, "💩" * 256)],
    ids=["not UTF-8", "long", "control characters", "wide"],
)
def test_a_service_may_be_called_what_it_likes(process, audit, capsys, monkeypatch, given, recorded):
    monkeypatch.setenv("OTEL_SERVICE_NAME", given)
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.note=gro\udcdf")
    process.begin(ORDER).answered(200)
    process.close()

    assert [record.facts["service.name"] for record in requests(audit)] == [recorded]
    assert verdict(audit, capsys) == 0


def test_what_is_forked_in_the_middle_of_a_request_is_not_the_callers(process):
    """A child may live on for ever, and nobody tells it that the request is over."""
    request = Recorder().begin(ORDER._replace(authorization=("alice",)))
    reset = CURRENT.set(request)
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that there are threads: this child starts none
        child = os.fork()
    if child == 0:
        os.write(writing, b"over" if request.is_closed else b"open")
        os._exit(0)
    CURRENT.reset(reset)
    os.waitpid(child, 0)

    assert (os.read(reading, 4), request.is_closed) == (b"over", False)
    os.close(reading)
    os.close(writing)
