"""Verified identity on the spans of a request, and on nothing else."""

from __future__ import annotations

import contextvars
import threading

import pytest
from auditing import Recorder
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from affidavit.request import CURRENT, Request
from affidavit.request_settings import RequestSettings
from affidavit.spans import IdentitySpanProcessor

BASE = Request("GET", "/orders/17", "http", "", None, "192.0.2.1", ("alice",), (), None)


@pytest.fixture
def finished():
    return InMemorySpanExporter()


@pytest.fixture
def tracer(finished):
    provider = TracerProvider()
    provider.add_span_processor(IdentitySpanProcessor())
    provider.add_span_processor(SimpleSpanProcessor(finished))
    return provider.get_tracer("test")


def attributes(finished):
    return {span.name: dict(span.attributes) for span in finished.get_finished_spans()}


def test_the_server_span_tells_all_and_every_span_below_it_tells_who(tracer, finished):
    audit = Recorder().begin(BASE)
    reset = CURRENT.set(audit)
    with tracer.start_as_current_span("GET", kind=SpanKind.SERVER):
        with tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT):
            pass
        with tracer.start_as_current_span("by hand"):
            pass
    CURRENT.reset(reset)

    assert attributes(finished) == {
        "GET": {
            "user.id": "alice",
            "user.roles": ("clerk",),
            "affidavit.token.state": "verified",
            "affidavit.token.issuer": "https://login.example.com",
            "affidavit.token.client_id": "web",
            "audit.record.id": audit.record_id,
        },
        "SELECT": {"user.id": "alice"},
        "by hand": {"user.id": "alice"},
    }


def test_of_an_unverified_token_a_span_says_only_what_became_of_it(tracer, finished):
    audit = Recorder().begin(BASE._replace(authorization=("expired",)))
    reset = CURRENT.set(audit)
    with tracer.start_as_current_span("GET", kind=SpanKind.SERVER), tracer.start_as_current_span("SELECT"):
        pass
    CURRENT.reset(reset)

    assert attributes(finished) == {
        "GET": {"affidavit.token.state": "expired", "audit.record.id": audit.record_id},
        "SELECT": {},
    }


def test_names_are_configurable(tracer, finished):
    settings, complaints = RequestSettings.from_environ({"AFFIDAVIT_SPAN_ATTRIBUTES": "user.id=enduser.id"})
    reset = CURRENT.set(Recorder(settings).begin(BASE))
    with tracer.start_as_current_span("GET", kind=SpanKind.SERVER), tracer.start_as_current_span("SELECT"):
        pass
    CURRENT.reset(reset)

    assert complaints == ()
    assert attributes(finished) == {"GET": {"enduser.id": "alice"}, "SELECT": {"enduser.id": "alice"}}


def test_a_thread_born_in_alices_request_stamps_nobody_after_it(tracer, finished):
    audit = Recorder().begin(BASE)
    reset = CURRENT.set(audit)
    born_here = contextvars.copy_context()
    CURRENT.reset(reset)
    audit.close()

    def later():
        with tracer.start_as_current_span("later", kind=SpanKind.SERVER):
            pass

    thread = threading.Thread(target=born_here.run, args=(later,))
    thread.start()
    thread.join()

    assert attributes(finished) == {"later": {}}


def test_the_record_finds_the_span_and_the_span_the_record(tracer, finished):
    recorder = Recorder()
    audit = recorder.begin(BASE)
    reset = CURRENT.set(audit)
    with tracer.start_as_current_span("GET", kind=SpanKind.SERVER) as span:
        pass
    audit.answered(200)
    CURRENT.reset(reset)

    context = span.get_span_context()
    assert recorder.facts[0]["trace_id"] == f"{context.trace_id:032x}"
    assert recorder.facts[0]["span_id"] == f"{context.span_id:016x}"
    assert attributes(finished)["GET"]["audit.record.id"] == recorder.facts[0]["audit.record.id"]
