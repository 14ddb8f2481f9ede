"""An unchanged FastAPI service under ``opentelemetry-instrument``: each request leaves exactly one sealed record."""

from __future__ import annotations

import httpx
import pytest
from audit_file import events, read_records, requests
from service import UVICORN, running
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from affidavit.cli import main

pytestmark = pytest.mark.slow

WAYS = pytest.mark.parametrize(
    "extra",
    [
        {},
        {"OTEL_TRACES_SAMPLER": "always_off"},
        {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "fastapi"},
    ],
    ids=["contrib", "unsampled", "native telemetry alone"],
)


def each_alone(service):
    """A client with a connection for each request: uvicorn closes one after an exception."""
    return httpx.Client(base_url=service.url, limits=httpx.Limits(max_keepalive_connections=0))


def summary(record):
    facts = record.facts
    return (
        facts["audit.actor.id"],
        facts["http.request.method"],
        facts["audit.target.id"],
        facts.get("http.route"),
        facts.get("http.response.status_code"),
        facts["audit.outcome"],
    )


@WAYS
def test_every_request_leaves_one_record_whatever_becomes_of_it(setting, extra):
    alice = setting.issuer.bearer("alice")
    with running(UVICORN, {**setting.environ, **extra}) as service, each_alone(service) as client:
        client.get("/orders/17?secret=query", headers=alice)
        client.post("/orders", headers=alice)
        client.delete("/orders/17", headers=alice)
        client.get("/closed", headers=alice)
        client.get("/forbidden")
        client.get("/nowhere", headers=setting.issuer.bearer("bob", exp=1))
        client.put("/orders/17")
        client.get("/crash", headers=alice)
        assert client.get("/stream", headers=alice).text.endswith("chunk 2\n")
        client.get("/inner/things/spoon", headers=alice)
        client.get("/calls-itself", headers=alice)
        service.stop()

    assert [summary(record) for record in requests(setting.audit)] == [
        ("alice", "GET", "/orders/17", "/orders/{number}", 200, "success"),
        ("alice", "POST", "/orders", "/orders", 201, "success"),
        ("alice", "DELETE", "/orders/17", "/orders/{number}", 403, "failure"),
        ("alice", "GET", "/closed", None, 401, "failure"),
        ("anonymous", "GET", "/forbidden", None, 403, "failure"),
        ("anonymous", "GET", "/nowhere", None, 404, "failure"),
        ("anonymous", "PUT", "/orders/17", "/orders/{number}", 405, "failure"),
        ("alice", "GET", "/crash", "/crash", 500, "failure"),
        ("alice", "GET", "/stream", "/stream", 200, "success"),
        ("alice", "GET", "/inner/things/spoon", "/inner/things/{name}", 200, "success"),
        ("alice", "GET", "/calls-itself", "/calls-itself", 200, "success"),
        ("anonymous", "GET", "/orders/99", "/orders/{number}", 200, "success"),
    ]
    assert events(setting.audit).count("http.server.response.end") == 1
    assert main(["verify", str(setting.audit), "--keys", str(setting.keys), "--closed"]) == 0


def test_a_websocket_leaves_a_record_when_it_opens_and_one_when_it_ends(setting):
    with running(UVICORN, setting.environ) as service:
        url = service.url.replace("http", "ws")
        with connect(f"{url}/socket", additional_headers=setting.issuer.bearer("alice")) as socket:
            socket.send("hello")
            assert socket.recv() == "HELLO"
        with pytest.raises(InvalidStatus), connect(f"{url}/refused"):
            pass
        service.stop()

    assert [summary(record) for record in requests(setting.audit)] == [
        ("alice", "GET", "/socket", "/socket", 101, "success"),
        ("anonymous", "GET", "/refused", "/refused", 403, "failure"),
    ]
    ends = [r.facts for r in read_records(setting.audit) if r.facts["event_name"] == "http.server.response.end"]
    assert [(end["audit.actor.id"], end["affidavit.complete"]) for end in ends] == [("alice", True)]


def test_a_background_task_does_not_hold_the_record_back(setting):
    with running(UVICORN, setting.environ) as service, httpx.Client(base_url=service.url) as client:
        client.get("/background", headers=setting.issuer.bearer("alice"))
        # The first request's task still runs: its record must be in the file before it ends.
        client.get("/orders/1")
        client.get("/background/finish")
        service.stop()

    assert [record.facts["audit.target.id"] for record in requests(setting.audit)] == [
        "/background",
        "/orders/1",
        "/background/finish",
    ]


def test_a_client_that_leaves_in_the_middle_of_a_stream_is_recorded_as_a_cut_answer(setting):
    with running(UVICORN, setting.environ) as service, httpx.Client(base_url=service.url) as client:
        with client.stream("GET", "/endless", headers=setting.issuer.bearer("alice")) as answer:
            next(answer.iter_raw())
        service.stop()

    (request,) = requests(setting.audit)
    (end,) = [r.facts for r in read_records(setting.audit) if r.facts["event_name"] == "http.server.response.end"]
    assert request.facts["http.response.status_code"] == 200
    assert end["affidavit.request.record_id"] == request.facts["audit.record.id"]
    assert end["affidavit.complete"] is False
    assert end["audit.outcome"] == "failure"


def test_a_forged_forwarded_header_changes_nothing_and_a_trusted_one_counts(setting):
    forged = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}
    with running(UVICORN, setting.environ) as service:
        httpx.get(f"{service.url}/orders/1", headers=forged)
    with running(UVICORN, {**setting.environ, "AFFIDAVIT_TRUSTED_PROXIES": "127.0.0.0/8"}) as service:
        httpx.get(f"{service.url}/orders/2", headers=forged)

    assert [record.facts["client.address"] for record in requests(setting.audit)] == ["127.0.0.1", "203.0.113.9"]
