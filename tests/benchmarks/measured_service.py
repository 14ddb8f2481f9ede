"""One mode of ``request_overhead``: a small Flask or FastAPI application, called without a server.

Arguments: the framework, the switches (``contrib``, ``affidavit``), how many requests make a burst, and the value of
the ``Authorization`` header if there is to be one. Set up as ``opentelemetry-instrument`` does it: our hook first.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

from side_by_side import answer_questions

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/orders/17"
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def set_up(switches: set[str]) -> None:
    """Instrument what is about to be imported."""
    if "contrib" in switches:
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

        class Nowhere(SpanExporter):
            def export(self, _spans: Any) -> SpanExportResult:
                return SpanExportResult.SUCCESS

        provider = TracerProvider()
        provider.add_span_processor(BatchSpanProcessor(Nowhere()))
        trace.set_tracer_provider(provider)
    if "affidavit" in switches:
        from affidavit.agent import pre_instrument

        pre_instrument()


def flask_caller(switches: set[str], authorization: str | None) -> Callable[[], None]:
    """A function that makes one request of a Flask application, as a WSGI server would."""
    if "contrib" in switches:
        from opentelemetry.instrumentation.flask import FlaskInstrumentor

        FlaskInstrumentor().instrument()
    import flask

    app = flask.Flask("measured")

    @app.get("/orders/<int:number>")
    def show(number: int) -> dict[str, int]:
        return {"order": number}

    template = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": PATH,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "REMOTE_PORT": "50123",
        "HTTP_HOST": "orders.example.com",
        "HTTP_USER_AGENT": USER_AGENT,
        "HTTP_ACCEPT": "*/*",
        **({"HTTP_AUTHORIZATION": authorization} if authorization else {}),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input": sys.stdin.buffer,
        "wsgi.errors": sys.stderr,
    }

    def start_response(status: str, _headers: Any, _error: Any = None) -> None:
        if not status.startswith("200"):
            raise SystemExit(f"the application answers {status}")

    def call() -> None:
        body = app(dict(template), start_response)
        for _ in body:
            pass
        body.close()

    return call


def fastapi_caller(switches: set[str], authorization: str | None) -> Callable[[], None]:
    """A function that makes one request of a FastAPI application, as an ASGI server would."""
    if "contrib" in switches:
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

        FastAPIInstrumentor().instrument()
    import fastapi

    app = fastapi.FastAPI()

    @app.get("/orders/{number}")
    async def show(number: int) -> dict[str, int]:
        return {"order": number}

    headers = [(b"host", b"orders.example.com"), (b"user-agent", USER_AGENT.encode()), (b"accept", b"*/*")]
    template = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers + ([(b"authorization", authorization.encode())] if authorization else []),
        "client": ("192.0.2.7", 50123),
        "server": ("127.0.0.1", 8000),
    }
    loop = asyncio.new_event_loop()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message.get("status", 200) != 200:
            raise SystemExit(f"the application answers {message['status']}")

    def call() -> None:
        loop.run_until_complete(app(dict(template), receive, send))

    return call


class Rounds:
    """Requests in bursts; ``report`` ends a round of them. Microseconds a request."""

    def __init__(self, call: Callable[[], None], requests: int) -> None:
        """`requests` make a burst."""
        self._call = call
        self._requests = requests
        self._times_ns: list[int] = []
        self._cpu_ns = 0

    def burst(self) -> dict[str, float]:
        """The requests of a burst without a pause between them, each timed by itself."""
        call, times_ns = self._call, self._times_ns
        cpu_ns = time.thread_time_ns()
        for _ in range(self._requests):
            before_ns = time.perf_counter_ns()
            call()
            times_ns.append(time.perf_counter_ns() - before_ns)
        self._cpu_ns += time.thread_time_ns() - cpu_ns
        return {}

    def report(self) -> dict[str, float]:
        """The median time of a request, the mean, and the mean CPU time of the request's thread."""
        times_ns, self._times_ns = self._times_ns, []
        cpu_ns, self._cpu_ns = self._cpu_ns, 0
        return {
            "median": statistics.median(times_ns) / 1e3,
            "mean": statistics.fmean(times_ns) / 1e3,
            "thread": cpu_ns / len(times_ns) / 1e3,
        }


def main(framework: str, switches: str, requests: str, authorization: str = "") -> None:
    chosen = set(switches.split("+"))
    set_up(chosen)
    call = {"flask": flask_caller, "fastapi": fastapi_caller}[framework](chosen, authorization or None)
    rounds = Rounds(call, int(requests))
    answer_questions({"burst": rounds.burst, "report": rounds.report})


if __name__ == "__main__":
    main(*sys.argv[1:])
