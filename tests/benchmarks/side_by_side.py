"""What the benchmarks share: modes in processes of their own that take turns, and a sink that answers at once.

A mode is a child process, because what instrumentation wraps cannot be unwrapped cleanly. Only one child works at a
time; each then waits until its background threads have nothing left to do, so that no mode pays for another. Of all
rounds the best counts: what else the machine does can only add.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_DRAIN_S = 60.0


class Sink:
    """An OTLP/HTTP sink on loopback, in the process that waits: its work is on nobody's account."""

    def __init__(self) -> None:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()
                sink.take(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._arrived = threading.Condition()
        self._count = 0
        self.batches: list[tuple[int, bytes]] = []
        """How many records, and the request's body."""
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}/v1/logs"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, body: bytes) -> None:
        request = ExportLogsServiceRequest.FromString(body)
        records = [r for logs in request.resource_logs for scope in logs.scope_logs for r in scope.log_records]
        with self._arrived:
            self._count += sum(record.event_name.startswith("http.") for record in records)
            self.batches.append((len(records), body))
            self._arrived.notify_all()

    def wait_for(self, count: int) -> None:
        """Until so many records of requests have arrived since the last call."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: self._count >= count, _DRAIN_S):
                raise SystemExit(f"only {self._count} of {count} records arrived within {_DRAIN_S:.0f} s")
            self._count -= count

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Child:
    """A mode at work: a script that answers each line on its standard input with one line of JSON."""

    def __init__(self, script: Path, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(environ),
        )

    def ask(self, question: str) -> dict[str, float]:
        print(question, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:  # what it was started with holds tokens: not to be shown
            raise SystemExit(f"a mode ended early, with code {self._process.wait()}")
        return json.loads(answer)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(_DRAIN_S)
        self._process.stdout.close()


def answer_questions(answers: Mapping[str, Any]) -> None:
    """The child's side: call what is asked for, until nobody asks any more."""
    for line in sys.stdin:
        print(json.dumps(answers[line.strip()]()), flush=True)


@contextmanager
def children(modes: Mapping[str, Child]) -> Iterator[Mapping[str, Child]]:
    """The modes, ended with the block."""
    try:
        yield modes
    finally:
        for child in modes.values():
            child.close()


def best(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The least of each number over all rounds."""
    return {name: min(numbers[name] for numbers in rounds) for name in rounds[0]}
