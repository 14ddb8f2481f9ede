"""Batches over HTTP, to real receivers on loopback that answer well, badly, late, or not at all."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from batches import BATCH, RESOURCE
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from sink import Sink, listening

from affidavit.errors import ExportError
from affidavit.export.otlp_http import OtlpHttpExporter
from affidavit.export.otlp_protobuf import encode_request
from affidavit.export.settings import ExportSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANARY = "c4n4ry-t0k3n"
PATIENCE_S = 10.0


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither proxies nor a netrc of whoever runs this."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as sink:
        yield sink


@contextmanager
def exporting(endpoint: str, **settings: object) -> Iterator[OtlpHttpExporter]:
    """An exporter with a credential, in the block."""
    headers = (("authorization", f"Bearer {CANARY}"),)
    chosen = ExportSettings(**{"endpoint": endpoint, "headers": headers, "timeout_s": 5.0, **settings})  # type: ignore[arg-type]
    exporter = OtlpHttpExporter(chosen, time.time_ns, "0.1.0")
    try:
        yield exporter
    finally:
        exporter.close()


def refused(endpoint: str, **settings: object) -> ExportError:
    """The error that a batch ends in. It never shows the credential."""
    with exporting(endpoint, **settings) as exporter, pytest.raises(ExportError) as raised:
        exporter.export(RESOURCE, BATCH)
    assert CANARY not in str(raised.value)
    assert raised.value.__cause__ is None
    return raised.value


@contextmanager
def speaking(*chunks: bytes, pause_s: float = 0.0) -> Iterator[str]:
    """A receiver that says `chunks` to whoever connects, with a pause behind each; its address."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(PATIENCE_S)
                connection.recv(65_536)
                for chunk in chunks:
                    connection.sendall(chunk)
                    if done.wait(pause_s):
                        return
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65_536):
                    pass

        def quietly() -> None:
            with suppress(OSError):  # the exporter has hung up
                answer()

        thread = threading.Thread(target=quietly)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            done.set()
            thread.join()


def partial_success(rejected: int, words: str) -> bytes:
    partial = ExportLogsPartialSuccess(rejected_log_records=rejected, error_message=words)
    return ExportLogsServiceResponse(partial_success=partial).SerializeToString()


class TestAccepted:
    """2xx, and nothing rejected."""

    def test_a_batch_arrives_as_it_was_encoded_with_the_headers_of_the_settings(self, sink: Sink) -> None:
        with exporting(sink.url) as exporter:
            exporter.export(RESOURCE, BATCH)
        assert sink.requests == [ExportLogsServiceRequest.FromString(encode_request(RESOURCE, BATCH, "0.1.0"))]
        (headers,) = ({name.lower(): value for name, value in headers.items()} for headers in sink.headers)
        assert {name: headers[name] for name in ("authorization", "content-type", "user-agent")} == {
            "authorization": f"Bearer {CANARY}",
            "content-type": "application/x-protobuf",
            "user-agent": "affidavit/0.1.0",
        }

    def test_gzip_makes_it_smaller_not_other(self, sink: Sink) -> None:
        with exporting(sink.url, compression="gzip") as exporter:
            exporter.export(RESOURCE, BATCH)
        assert sink.requests == [ExportLogsServiceRequest.FromString(encode_request(RESOURCE, BATCH, "0.1.0"))]
        assert sink.headers[0]["content-encoding"] == "gzip"

    def test_an_answer_may_be_compressed_though_nobody_asked(self, sink: Sink) -> None:
        sink.answer, sink.answer_headers = gzip.compress(partial_success(0, "")), {"Content-Encoding": "gzip"}
        with exporting(sink.url) as exporter:
            exporter.export(RESOURCE, BATCH)
        assert len(sink.headers) == 1

    def test_a_closed_exporter_connects_again(self, sink: Sink) -> None:
        with exporting(sink.url) as exporter:
            exporter.export(RESOURCE, BATCH)
            exporter.close()
            exporter.export(RESOURCE, BATCH)
        assert len(sink.requests) == 2

    def test_a_receiver_that_went_away_and_came_back_is_found_again(self) -> None:
        with listening() as sink:
            url, port = sink.url, int(sink.url.rpartition(":")[2])
            with exporting(url) as exporter:
                exporter.export(RESOURCE, BATCH)
        with pytest.raises(ExportError):
            exporter.export(RESOURCE, BATCH)
        with listening(port) as sink:
            exporter.export(RESOURCE, BATCH)
            exporter.close()
        assert len(sink.requests) == 1

    def test_words_without_a_rejection_are_a_warning_said_once(
        self, sink: Sink, caplog: pytest.LogCaptureFixture
    ) -> None:
        sink.answer = partial_success(0, f"deprecated\nfield for {CANARY}")
        with exporting(sink.url) as exporter, caplog.at_level(logging.WARNING):
            exporter.export(RESOURCE, BATCH)
            exporter.export(RESOURCE, BATCH)
        assert caplog.messages == [
            f"affidavit: {sink.url} accepted records and warns (said once): deprecated field for [hidden]"
        ]

    def test_our_own_posts_make_no_spans(self, sink: Sink) -> None:
        from opentelemetry.instrumentation.requests import RequestsInstrumentor
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        spans, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(spans))
        instrumentor = RequestsInstrumentor()
        instrumentor.instrument(tracer_provider=provider)
        try:
            with exporting(sink.url) as exporter:
                exporter.export(RESOURCE, BATCH)
        finally:
            instrumentor.uninstrument()
        assert (len(sink.requests), spans.get_finished_spans()) == (1, ())
        assert "traceparent" not in {name.lower() for name in sink.headers[0]}

    def test_a_netrc_does_not_write_over_the_configured_credential(self, sink: Sink, tmp_path: Path) -> None:
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
        with exporting(sink.url) as exporter:
            exporter.export(RESOURCE, BATCH)
        assert {name.lower(): value for name, value in sink.headers[0].items()}["authorization"] == f"Bearer {CANARY}"

    def test_proxies_of_the_environment_are_used(self, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", sink.url)
        with exporting("http://collector.invalid:4318/v1/logs") as exporter:
            exporter.export(RESOURCE, BATCH)
        assert len(sink.requests) == 1


class TestRefused:
    """Everything else: an error that names the address without its secrets, and what happened there."""

    @pytest.mark.parametrize(
        ("status", "message"),
        [
            (302, "answered 302 Found: redirects are not followed, give the final address"),
            (400, "answered 400 Bad Request"),
            (401, "answered 401 Unauthorized: check the credentials in AFFIDAVIT_OTLP_HEADERS"),
            (500, "answered 500 Internal Server Error"),
            (503, "answered 503 Service Unavailable"),
        ],
    )
    def test_a_status_other_than_2xx(self, sink: Sink, status: int, message: str) -> None:
        sink.status, sink.answer = status, f"<html>no entry for Bearer {CANARY}</html>".encode()
        sink.answer_headers = {"Location": f"{sink.url}/login?{CANARY}", "Content-Type": "text/html"}
        assert str(refused(f"{sink.url}/v1/logs?key={CANARY}")) == f"{sink.url}/v1/logs {message}"
        assert len(sink.headers) == 1

    def test_the_receiver_s_wish_to_wait_is_handed_on(self, sink: Sink) -> None:
        sink.status, sink.answer_headers = 429, {"Retry-After": "17"}
        assert refused(sink.url).retry_after_s == 17.0

    def test_a_login_page_with_200(self, sink: Sink) -> None:
        sink.answer, sink.answer_headers = b"<html>Please log in</html>", {"Content-Type": "text/html"}
        assert str(refused(sink.url)) == (
            f"{sink.url} did not answer as an OTLP receiver (the body is of another type): check the address"
        )

    @pytest.mark.parametrize("media_type", ["application/x-protobuf", "application/json"])
    def test_a_partial_success_leaves_the_whole_batch(self, sink: Sink, media_type: str) -> None:
        words = f"no quota for Bearer {CANARY}"
        sink.answer_headers = {"Content-Type": media_type}
        sink.answer = (
            partial_success(1, words)
            if media_type == "application/x-protobuf"
            else b'{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"%s"}}' % words.encode()
        )
        assert str(refused(sink.url)) == f"{sink.url} rejected 1 of 2 records: no quota for [hidden] [hidden]"

    def test_words_are_cut_short_behind_the_place_of_a_secret(self, sink: Sink) -> None:
        """Cutting first would leave half a secret that nobody recognises."""
        sink.answer = partial_success(1, "x" * 195 + CANARY)
        assert str(refused(sink.url)).endswith(f"{'x' * 195}[hidd")

    def test_a_body_without_an_end(self) -> None:
        with speaking(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 200_000) as url:
            assert str(refused(url)) == (
                f"{url} did not answer as an OTLP receiver (the body is too long): check the address"
            )

    def test_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert str(refused(url.replace("://", f"://me:{CANARY}@"))) == f"{url} gave no answer: Connection refused"

    def test_a_name_that_nobody_bears(self) -> None:
        message = str(refused("http://collector.invalid/v1/logs"))
        assert message.startswith("http://collector.invalid/v1/logs gave no answer: ")

    def test_a_receiver_that_hangs_up(self) -> None:
        with speaking() as url:
            assert str(refused(url)) == f"{url} gave no answer: RemoteDisconnected"

    def test_a_receiver_that_speaks_another_protocol(self) -> None:
        with speaking(b"\x00\x00\x18\x04\x00\x00\x00\x00\x00\x00\x04\x00@\x00\x00") as url:
            assert str(refused(url)) == f"{url} gave no answer: BadStatusLine"

    def test_an_answer_cut_off_in_the_middle(self) -> None:
        with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n\n") as url:
            assert str(refused(url)) == f"{url} gave no answer: IncompleteRead"

    @pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"])
    def test_silence(self, said: bytes) -> None:
        with speaking(said, pause_s=20.0) as url:
            assert str(refused(url, timeout_s=0.2)) == f"{url} did not answer within 0.2 s"

    def test_a_body_that_drips(self) -> None:
        """Each byte comes in time; the whole does not."""
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
        with speaking(head, *[b"\n"] * 100, pause_s=0.05) as url:
            started = time.monotonic()
            assert str(refused(url, timeout_s=0.3)) == f"{url} did not answer within 0.3 s"
            assert time.monotonic() - started < 2

    def test_https_spoken_to_a_plain_port(self, sink: Sink) -> None:
        url = sink.url.replace("http:", "https:")
        message = str(refused(url))
        assert message.startswith(f"{url} gave no answer: ")
        assert "object at 0x" not in message

    def test_a_certificate_file_that_is_gone(self, tmp_path: Path) -> None:
        gone = str(tmp_path / "gone.pem")
        message = str(refused("https://127.0.0.1:9/", certificate=gone))
        assert message.startswith("https://127.0.0.1:9/ gave no answer: ")
        assert gone in message
