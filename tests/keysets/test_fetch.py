"""One document, whole, small, in time and from where it was asked for; or an error that says what was wrong."""

from __future__ import annotations

import gzip
from time import monotonic

import pytest
from key_server import serving, write_certificate
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from affidavit.keysets.fetch import FetchError, fetch

HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def problem_of(url: str, timeout_s: float = 5.0) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(url, monotonic() + timeout_s)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return str(caught.value)


def test_a_document_is_had_as_it_was_sent(server):
    server.answers["/keys"] = (200, {"Content-Type": "text/plain"}, b"{}")
    assert fetch(f"{server.url}/keys", monotonic() + 5) == b"{}"


def test_a_document_in_chunks_is_put_together(server):
    chunks = b"2\r\n{ \r\n1\r\n}\r\n0\r\n\r\n"
    server.answers["/keys"] = lambda write: write(HEADERS + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert fetch(f"{server.url}/keys", monotonic() + 5) == b"{ }"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((302, {"Location": "/other"}, b""), "answered 302"),
        ((301, {"Location": "http://169.254.169.254/"}, b""), "answered 301"),
        ((304, {}, b""), "answered 304"),
        ((404, {}, b"{}"), "answered 404"),
        ((503, {}, b"{}"), "answered 503"),
        ((200, {"Content-Encoding": "gzip"}, gzip.compress(b"{}")), "a compressed answer, which was not asked for"),
        pytest.param((200, {}, b" " * 262_145), "more than 262144 bytes", id="a byte too much"),
        pytest.param((200, {}, b" " * 50_000_000), "more than 262144 bytes", id="50 MB"),
        ((200, {"Content-Length": "9"}, b"{}"), "ChunkedEncodingError"),
        pytest.param(lambda write: write(b"nonsense"), "ConnectionError", id="no HTTP"),
        pytest.param(lambda _: None, "ConnectionError", id="no answer"),
    ],
)
def test_what_is_not_one_plain_small_answer_is_refused(server, answer, problem):
    server.answers["/keys"] = answer
    assert problem_of(f"{server.url}/keys") == f"127.0.0.1/keys: {problem}"
    assert server.asked == ["/keys"]


def test_a_document_of_the_largest_size_is_had(server):
    server.answers["/keys"] = (200, {}, b" " * 262_144)
    assert len(fetch(f"{server.url}/keys", monotonic() + 5)) == 262_144


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"", id="says nothing"),
        pytest.param(b"HTTP/1.1 200", id="drips its first line"),
        pytest.param(HEADERS + b"X-Drip: ", id="drips its headers"),
        pytest.param(HEADERS + b"\r\n", id="drips its body"),
        pytest.param(HEADERS + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n", id="drips its chunks"),
    ],
)
def test_a_server_that_drips_is_left_at_the_deadline(server, start):
    server.answers["/keys"] = server.drip(start)
    began = monotonic()
    assert problem_of(f"{server.url}/keys", 0.4) == "127.0.0.1/keys: too slow"
    assert monotonic() - began < 2


def test_a_server_that_is_quick_and_never_comes_to_the_point_is_left_at_the_deadline(server):
    """Interim answers are skipped by the library, as many as come."""

    def flood(write):
        while not server.ended.is_set():
            write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    server.answers["/keys"] = flood
    began = monotonic()
    assert problem_of(f"{server.url}/keys", 0.4) == "127.0.0.1/keys: too slow"
    assert monotonic() - began < 2


def test_the_deadline_holds_through_a_proxy_too(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    server.answers["http://keys.example/keys"] = (200, {}, b"{}")
    assert fetch("http://keys.example/keys", monotonic() + 5) == b"{}"
    server.answers["http://keys.example/keys"] = server.drip(HEADERS + b"X-Drip: ")
    assert problem_of("http://keys.example/keys", 0.4) == "keys.example/keys: too slow"


def test_over_tls_the_certificate_is_checked_and_the_deadline_holds(tmp_path, monkeypatch):
    certificate = write_certificate(tmp_path / "server.pem")
    with serving(certificate) as server:
        server.answers["/keys"] = (200, {}, b"{}")
        assert problem_of(f"{server.url}/keys") == "127.0.0.1/keys: SSLError"
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert fetch(f"{server.url}/keys", monotonic() + 5) == b"{}"
        server.answers["/keys"] = server.drip(HEADERS + b"X-Drip: ")
        assert problem_of(f"{server.url}/keys", 0.6) == "127.0.0.1/keys: too slow"


def test_an_error_shows_no_password_and_no_query(server):
    place = server.url.removeprefix("http://")
    assert problem_of(f"http://user:secret@{place}/keys?code=secret") == "127.0.0.1/keys: answered 404"
    assert problem_of("http://user:secret@127.0.0.1:1/keys?code=secret") == "127.0.0.1/keys: ConnectionError"


def test_a_fetch_makes_no_span(server):
    server.answers["/keys"] = (200, {}, b"{}")
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    RequestsInstrumentor().instrument(tracer_provider=provider)
    try:
        fetch(f"{server.url}/keys", monotonic() + 5)
    finally:
        RequestsInstrumentor().uninstrument()
    assert spans.get_finished_spans() == ()
