"""One mode of ``record_cost``: so many records, from the facts to a sink, without an application around them.

Arguments: the mode (``affidavit`` or ``stock``), the sink's endpoint, how many records make a burst, and the values of
the ``Authorization`` headers of the callers, who take turns. ``emit`` is answered when the last record of a burst has
been emitted, ``cost`` with the CPU time of all threads a record since it was asked before.
"""

from __future__ import annotations

import os
import random
import sys
import time
from itertools import cycle
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context
from side_by_side import answer_questions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ROUTE = "/orders/{number}"
CHANCE = random.Random(17)  # the same requests in both modes


class Pipeline:
    """Emits bursts and measures them."""

    def __init__(self, emit_one: Callable[[str, int, SpanContext], None], callers: Sequence[str], count: int) -> None:
        """`emit_one` takes a caller, the number of an order, and the span of the request."""
        self._emit_one = emit_one
        self._callers = callers
        self._count = count
        self._emitted = 0
        self._started = time.process_time()

    def emit(self) -> dict[str, float]:
        before = time.process_time()
        sampled = TraceFlags(TraceFlags.SAMPLED)
        spans = [
            SpanContext(CHANCE.getrandbits(128), CHANCE.getrandbits(64), is_remote=False, trace_flags=sampled)
            for _ in range(self._count)
        ]
        self._started += time.process_time() - before  # the spans are somebody else's
        for number, caller, span in zip(range(self._count), cycle(self._callers), spans, strict=False):
            self._emit_one(caller, number, span)
        self._emitted += self._count
        return {}

    def cost(self) -> dict[str, float]:
        now, emitted = time.process_time(), self._emitted
        self._emitted, started, self._started = 0, self._started, now
        return {"us": (now - started) / emitted * 1e6}


def affidavit() -> Callable[[str, int, SpanContext], None]:
    """Requests of callers whose tokens have been seen, from ``begin`` to the sealed record; nothing in between."""
    from affidavit.config import Config
    from affidavit.process import Process
    from affidavit.request import Request

    process = Process(Config.from_environ(os.environ))

    def emit(caller: str, number: int, span: SpanContext) -> None:
        audit = process.begin(
            Request(
                method="GET",
                path=f"/orders/{number}",
                scheme="http",
                host="orders.example.com",
                server_address="10.0.0.5",
                peer="192.0.2.7",
                authorization=(caller,),
                forwarded_for=(),
                user_agent=USER_AGENT,
            )
        )
        audit.span_context = span
        audit.route = ROUTE
        audit.answered(200)
        audit.close()

    return emit


def stock(endpoint: str) -> Callable[[str, int, SpanContext], None]:
    """OpenTelemetry's own pipeline, with a queue that holds a round: by default it drops what comes too fast."""
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

    provider = LoggerProvider()
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=endpoint), max_queue_size=65536))
    logger = provider.get_logger("affidavit")

    def emit(caller: str, number: int, span: SpanContext) -> None:
        now = time.time_ns()
        logger.emit(
            LogRecord(
                timestamp=now,
                observed_timestamp=now,
                context=set_span_in_context(NonRecordingSpan(span)),
                severity_number=SeverityNumber.INFO,
                severity_text="INFO",
                body=f"{caller} GET /orders/{number} 200 success",
                event_name="http.server.request",
                attributes=facts(caller, number, now),
            )
        )

    return emit


def facts(caller: str, number: int, now: int) -> dict[str, Any]:
    """25 of the facts that affidavit's record of the same request holds (it has some more)."""
    return {
        "audit.record.id": f"{CHANCE.getrandbits(128):032x}",
        "audit.actor.id": caller,
        "audit.actor.type": "user",
        "audit.action": "READ",
        "audit.outcome": "success",
        "audit.target.id": f"/orders/{number}",
        "audit.target.type": "http.endpoint",
        "audit.source.id": "192.0.2.7",
        "audit.source.type": "ipv4",
        "affidavit.decision": "allow",
        "affidavit.duration_ns": time.time_ns() - now,
        "affidavit.token.state": "verified",
        "affidavit.token.issuer": "https://login.example.com",
        "affidavit.token.algorithm": "RS256",
        "affidavit.token.issued_at": now // 10**9,
        "affidavit.token.expires_at": now // 10**9 + 600,
        "user.id": caller,
        "user.roles": ["clerk"],
        "http.request.method": "GET",
        "http.route": ROUTE,
        "http.response.status_code": 200,
        "url.path": f"/orders/{number}",
        "server.address": "10.0.0.5",
        "client.address": "192.0.2.7",
        "user_agent.original": USER_AGENT,
    }


def main(mode: str, endpoint: str, count: str, *callers: str) -> None:
    emit_one = affidavit() if mode == "affidavit" else stock(endpoint)
    pipeline = Pipeline(emit_one, callers, int(count))
    answer_questions({"emit": pipeline.emit, "cost": pipeline.cost})


if __name__ == "__main__":
    main(*sys.argv[1:])
