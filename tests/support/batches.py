"""Log records as the pipeline hands them to an exporter."""

from __future__ import annotations

from affidavit.model import LogRecord

RESOURCE = {"service.name": "orders", "process.pid": 17, "process.command_args": ["flask", "run"], "debug": False}


def record(number: int = 1, *, statement: str = '{"a.b":"ä"}') -> LogRecord:
    """One request's record."""
    return LogRecord(
        event_name="http.server.request",
        timestamp_ns=1_790_000_000_000_000_000 + number,
        observed_timestamp_ns=1_790_000_000_000_000_500 + number,
        trace_id=f"{number:032x}",
        span_id=f"{number:016x}",
        severity_number=9,
        severity_text="INFO",
        body=f"alice GET /orders/{number} 200 success",
        attributes=(
            ("affidavit.statement", statement),
            ("audit.sequence.number", number),
            ("affidavit.complete", True),
            ("user.roles", ["admin", "clerk"]),
            ("audit.actor.id", "alice"),
        ),
    )


BATCH = (record(1), record(2))
