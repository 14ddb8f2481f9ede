"""A sink for OTLP over HTTP, on loopback: takes what it is sent, answers what it is told."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sink:
    """What has arrived, and how to answer the next request."""

    def __init__(self) -> None:
        self.requests: list[ExportLogsServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.answer = b""
        self.answer_headers: dict[str, str] = {}
        self.url = ""

    @property
    def statements(self) -> list[str]:
        """The text of every record that was accepted, in order of arrival."""
        return [
            attribute.value.string_value
            for request in self.requests
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
            for attribute in record.attributes
            if attribute.key == "affidavit.statement"
        ]


@contextmanager
def listening(port: int = 0) -> Iterator[Sink]:
    """A sink that listens for the block."""
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if sink.status == 200 and not sink.answer:
                sink.requests.append(ExportLogsServiceRequest.FromString(body))
            sink.headers.append(dict(self.headers))
            self.send_response(sink.status)
            for name, value in {"Content-Type": "application/x-protobuf", **sink.answer_headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sink.answer)))
            self.end_headers()
            self.wfile.write(sink.answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    sink.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield sink
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
