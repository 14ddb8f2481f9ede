"""One request, one record, whatever the adapters call and in which order."""

from __future__ import annotations

import tracemalloc

import pytest
from auditing import Recorder

from affidavit.ledger.canonical import MAX_STRING_BYTES
from affidavit.request import Request

ALICE = Request(
    method="DELETE",
    path="/orders/17",
    scheme="http",
    host="shop.example",
    server_address="10.0.0.5",
    peer="192.0.2.1",
    authorization=("alice",),
    forwarded_for=(),
    user_agent="curl/8",
)


def test_the_record_says_who_did_what_when_and_where():
    recorder = Recorder()
    audit = recorder.begin(ALICE)
    audit.route = "/orders/<id>"
    recorder.now_ns = 5_000
    audit.answered(204)

    assert recorder.facts == [
        {
            "event_name": "http.server.request",
            "timestamp": "1000",
            "audit.record.id": audit.record_id,
            "audit.actor.id": "alice",
            "audit.actor.type": "user",
            "audit.action": "DELETE",
            "audit.outcome": "success",
            "affidavit.decision": "allow",
            "audit.target.id": "/orders/17",
            "audit.target.type": "http.endpoint",
            "audit.source.id": "192.0.2.1",
            "audit.source.type": "ipv4",
            "affidavit.token.state": "verified",
            "affidavit.token.source": "header:authorization",
            "affidavit.token.issuer": "https://login.example.com",
            "affidavit.token.client_id": "web",
            "affidavit.token.algorithm": "RS256",
            "affidavit.token.key_thumbprint": "thumb",
            "affidavit.token.fingerprint": "f" * 64,
            "user.id": "alice",
            "user.roles": ["clerk"],
            "http.request.method": "DELETE",
            "http.route": "/orders/<id>",
            "url.path": "/orders/17",
            "http.response.status_code": 204,
            "server.address": "10.0.0.5",
            "client.address": "192.0.2.1",
            "user_agent.original": "curl/8",
            "affidavit.duration_ns": 4_000,
        }
    ]


def test_what_is_personal_stands_beside_the_text():
    recorder = Recorder()
    recorder.begin(ALICE).answered(200)

    (public,) = recorder.public
    assert {"audit.actor.id", "user.id", "user.roles", "client.address", "audit.source.id"}.isdisjoint(public)
    assert "alice" not in str(public)
    assert "192.0.2.1" not in str(public)


def test_an_expired_token_makes_nobody_an_actor_and_says_whose_credential_it_was():
    recorder = Recorder()
    recorder.begin(ALICE._replace(authorization=("expired",))).answered(401)

    (facts,) = recorder.facts
    assert facts["audit.actor.id"] == "anonymous"
    assert facts["affidavit.token.state"] == "expired"
    assert facts["affidavit.token.issuer"] == "https://login.example.com"
    assert facts["affidavit.decision"] == "deny"
    assert "user.id" not in facts
    assert "user.roles" not in facts


def test_only_the_first_answer_counts():
    recorder = Recorder()
    audit = recorder.begin(ALICE)
    audit.answered(200)
    audit.answered(500)
    audit.failed(RuntimeError())

    assert [facts["http.response.status_code"] for facts in recorder.facts] == [200]


def test_an_exception_before_any_answer_is_a_500_and_a_cancellation_has_no_status():
    recorder = Recorder()
    recorder.begin(ALICE).failed(ValueError("secret text"))
    recorder.begin(ALICE).failed(GeneratorExit())

    assert [(f.get("http.response.status_code"), f["audit.outcome"], f["error.type"]) for f in recorder.facts] == [
        (500, "failure", "ValueError"),
        (None, "unknown", "GeneratorExit"),
    ]
    assert "secret text" not in str(recorder.facts)


@pytest.mark.parametrize(("is_complete", "outcome"), [(True, "success"), (False, "failure")])
def test_the_end_of_a_stream_names_the_record_it_belongs_to(is_complete, outcome):
    recorder = Recorder()
    audit = recorder.begin(ALICE)
    audit.answered(200)
    audit.ended(is_complete=is_complete)

    end = recorder.facts[1]
    assert end["event_name"] == "http.server.response.end"
    assert end["affidavit.request.record_id"] == audit.record_id != end["audit.record.id"]
    assert end["affidavit.complete"] is is_complete
    assert end["audit.outcome"] == outcome
    assert end["audit.actor.id"] == "alice"


def test_a_failure_of_ours_that_costs_a_record_is_counted():
    recorder = Recorder()
    audit = recorder.begin(ALICE._replace(path=object()))
    audit.answered(200)
    with pytest.raises(TypeError):  # the hook's to stop
        recorder.begin(ALICE._replace(authorization=7))
    assert (recorder.facts, recorder.failures) == ([], 2)


def test_what_clients_make_up_is_remembered_no_longer_than_a_record_holds_it():
    """Some servers let headers of megabytes through, and a thousand clients are remembered."""
    recorder = Recorder()
    tracemalloc.start()
    for number in range(20):
        recorder.begin(ALICE._replace(user_agent=f"{number} {'u' * 10**6}", method=f"{number}{'M' * 10**6}")).answered(
            1
        )
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 2 * 10**6
    assert {len(facts[key]) for facts in recorder.facts for key in ("user_agent.original", "http.request.method")} == {
        MAX_STRING_BYTES
    }
