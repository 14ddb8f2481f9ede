"""An unchanged Flask service under ``opentelemetry-instrument``: each request leaves exactly one sealed record."""

from __future__ import annotations

import signal

import httpx
import pytest
from audit_file import events, requests
from service import FLASK, running
from waiting import until

from affidavit.cli import main

pytestmark = pytest.mark.slow


def summary(record):
    facts = record.facts
    return (facts["audit.actor.id"], facts["http.request.method"], facts["audit.target.id"],
            facts.get("http.route"), facts.get("http.response.status_code"), facts["audit.outcome"],
            facts["affidavit.decision"], facts["affidavit.token.state"])  # fmt: skip


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"OTEL_TRACES_SAMPLER": "always_off"},
        {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "flask"},
    ],
    ids=["contrib", "unsampled", "without contrib"],
)
def test_every_request_leaves_one_record_whatever_becomes_of_it(setting, extra):
    alice = setting.issuer.bearer("alice")
    with running(FLASK, {**setting.environ, **extra}) as service, httpx.Client(base_url=service.url) as client:
        client.get("/orders/17?secret=query", headers=alice)
        client.post("/orders", headers=alice)
        client.delete("/orders/17", headers=alice)
        client.get("/closed", headers=alice)
        client.get("/forbidden")
        client.get("/nowhere", headers=setting.issuer.bearer("bob", exp=1))
        client.put("/orders/17")
        client.get("/crash", headers={"Authorization": "Bearer junk"})
        assert client.get("/stream", headers=alice).text.endswith("chunk 2\n")
        # The client has the last chunk before the server closes the body.
        until(lambda: "http.server.response.end" in events(setting.audit))
        service.stop(signal.SIGINT)

    assert [summary(record) for record in requests(setting.audit)] == [
        ("alice", "GET", "/orders/17", "/orders/<int:number>", 200, "success", "allow", "verified"),
        ("alice", "POST", "/orders", "/orders", 201, "success", "allow", "verified"),
        ("alice", "DELETE", "/orders/17", "/orders/<int:number>", 403, "failure", "deny", "verified"),
        ("alice", "GET", "/closed", None, 401, "failure", "deny", "verified"),
        ("anonymous", "GET", "/forbidden", None, 403, "failure", "deny", "absent"),
        ("anonymous", "GET", "/nowhere", None, 404, "failure", "allow", "expired"),
        ("anonymous", "PUT", "/orders/17", None, 405, "failure", "allow", "absent"),
        ("anonymous", "GET", "/crash", "/crash", 500, "failure", "allow", "opaque"),
        ("alice", "GET", "/stream", "/stream", 200, "success", "allow", "verified"),
    ]
    assert events(setting.audit).count("http.server.response.end") == 1
    assert main(["verify", str(setting.audit), "--keys", str(setting.keys), "--closed"]) == 0
