"""Verified identity on the spans of an unchanged service, as an exporter sees them; nothing of a token anywhere."""

from __future__ import annotations

import json
import logging
import signal
from importlib.util import find_spec

import httpx
import pytest
from audit_file import requests
from service import FLASK, UVICORN, running
from sink import listening
from waiting import until

pytestmark = pytest.mark.slow

NATIVE = pytest.mark.skipif(find_spec("fastapi.telemetry") is None, reason="FastAPI before 0.142 makes no spans itself")
CONSOLE = {"OTEL_TRACES_EXPORTER": "console", "OTEL_BSP_SCHEDULE_DELAY": "100"}


def spans(output: str) -> list[dict]:
    """The spans that the console exporter has written, among whatever else there is."""
    decoder, found, position = json.JSONDecoder(), [], 0
    while (start := output.find('{\n    "name"', position)) >= 0:
        try:
            span, position = decoder.raw_decode(output, start)
        except ValueError:  # not whole yet
            break
        found.append(span)
    return found


def of_kind(output: str, kind: str) -> list[dict]:
    return [span for span in spans(output) if span["kind"] == f"SpanKind.{kind}"]


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (FLASK, {}),
        (UVICORN, {}),
        pytest.param(UVICORN, {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "fastapi"}, marks=NATIVE),
    ],
    ids=["flask", "fastapi", "fastapi's own telemetry"],
)
def test_the_server_span_tells_who_and_names_the_record_and_the_record_names_the_span(setting, command, extra):
    with running(command, {**setting.environ, **CONSOLE, **extra}) as service:
        httpx.get(f"{service.url}/orders/17", headers=setting.issuer.bearer("alice", azp="web"))
        httpx.get(f"{service.url}/orders/18", headers=setting.issuer.bearer("bob", exp=1))
        until(lambda: len(of_kind(service.output, "SERVER")) == 2)
        service.stop(signal.SIGINT)

    good, expired = of_kind(service.output, "SERVER")
    first, second = requests(setting.audit)
    ours = {
        key: value for key, value in good["attributes"].items() if key.startswith(("user.", "affidavit.", "audit."))
    }
    assert ours == {
        "user.id": "alice",
        "user.roles": ["clerk"],
        "affidavit.token.state": "verified",
        "affidavit.token.issuer": "https://login.example.com",
        "affidavit.token.client_id": "web",
        "audit.record.id": first.facts["audit.record.id"],
    }
    assert f"0x{first.facts['span_id']}" == good["context"]["span_id"]
    assert f"0x{first.facts['trace_id']}" == good["context"]["trace_id"]
    assert "bob" not in json.dumps(expired)
    assert expired["attributes"]["affidavit.token.state"] == "expired"
    assert expired["attributes"]["audit.record.id"] == second.facts["audit.record.id"]
    below = [s for s in spans(service.output) if s["parent_id"] == good["context"]["span_id"]]
    assert all(span["attributes"]["user.id"] == "alice" for span in below)


def test_an_unsampled_request_has_its_trace_in_the_record_all_the_same(setting):
    for command in (FLASK, UVICORN):
        with running(command, {**setting.environ, "OTEL_TRACES_SAMPLER": "always_off"}) as service:
            httpx.get(f"{service.url}/orders/17", headers={"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-00"})
            service.stop(signal.SIGINT)
    assert [record.facts["trace_id"] for record in requests(setting.audit)] == ["ab" * 16] * 2


def test_our_own_exports_and_key_fetches_make_no_spans(setting):
    with listening() as sink:
        environ = {
            **setting.environ,
            **CONSOLE,
            "AFFIDAVIT_EXPORTER": "otlp",
            "AFFIDAVIT_OTLP_ENDPOINT": f"{sink.url}/v1/logs",
            "AFFIDAVIT_JWKS_FILE": "",
            "AFFIDAVIT_JWKS_URI": f"{sink.url}/keys",
        }
        with running(FLASK, environ) as service:
            httpx.get(f"{service.url}/orders/17", headers=setting.issuer.bearer("alice"))
            until(lambda: sink.statements)
            until(lambda: of_kind(service.output, "SERVER"))
            service.stop(signal.SIGINT)
    assert of_kind(service.output, "CLIENT") == []


def test_no_part_of_a_token_is_written_anywhere_at_any_level(setting):
    tokens = [
        setting.issuer.token("alice"),
        setting.issuer.token("bob", exp=1),
        setting.issuer.token("carol", aud="billing"),
        setting.issuer.token("dave") [:-8] + "AAAAAAAA",
        "canary-opaque-token-0123456789abcdef",
        "canary.malformed-header-segment.0123456789abcdef",
    ]  # fmt: skip
    environ = {**setting.environ, **CONSOLE, "OTEL_LOG_LEVEL": "debug", "PYTHONLOGGING": str(logging.DEBUG)}
    with running(FLASK, environ) as service:
        for token in tokens:
            httpx.get(f"{service.url}/crash", headers={"Authorization": f"Bearer {token}"})
        until(lambda: len(of_kind(service.output, "SERVER")) == len(tokens))
        until(setting.audit.exists)
        service.kill()

    written = [service.output.encode(), setting.audit.read_bytes()]
    written += [path.read_bytes() for path in setting.spool.rglob("*") if path.is_file()]
    everything = b"\n".join(written)
    for token in tokens:
        secret = token.rpartition(".")[2].encode()
        leaked = [secret[at : at + 16] for at in range(len(secret) - 15) if secret[at : at + 16] in everything]
        assert leaked == []
