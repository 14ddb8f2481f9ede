"""What a record says of a request, encoded. An answer's facts and a client's recur, so each is encoded once.

What is remembered is bounded, by the number of entries and by what a member may hold; who makes up methods or user
agents makes his own requests a little slower, nobody else's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.client_address import classify
from affidavit.pipeline.facts import EncodedFacts

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext

    from affidavit.pipeline.facts import FactEncoder

_ACTIONS = {
    "GET": "READ",
    "HEAD": "READ",
    "OPTIONS": "READ",
    "POST": "CREATE",
    "PUT": "UPDATE",
    "PATCH": "UPDATE",
    "DELETE": "DELETE",
}
_DENIALS = (401, 403)
_FIRST_FAILURE = 400
_REMEMBERED = 1024


class RequestFacts:
    """Encodes the facts of requests. A class, because it remembers."""

    def __init__(self, encode: FactEncoder) -> None:
        self.encode = encode
        self.of_answer = lru_cache(_REMEMBERED)(self._encode_answer)
        """By method, server address, route, status and type of the error."""
        self.of_client = lru_cache(_REMEMBERED)(self._encode_client)
        """By address and user agent."""

    def of_event(self, timestamp_ns: int, record_id: str, span: SpanContext | None) -> EncodedFacts:
        """When, in which record and in which span. Never personal, and digits need no quoting."""
        record = (f'"{semconv.TIMESTAMP}":"{timestamp_ns}"', f'"{semconv.RECORD_ID}":"{record_id}"')
        if span is None:
            return EncodedFacts(record)
        ids = (f'"{semconv.TRACE_ID}":"{span.trace_id:032x}"', f'"{semconv.SPAN_ID}":"{span.span_id:016x}"')
        return EncodedFacts(record + ids)

    def _encode_answer(
        self, method: str, server_address: str | None, route: str | None, status: int | None, error_type: str | None
    ) -> EncodedFacts:
        return self.encode(
            {
                semconv.EVENT_NAME: semconv.HTTP_SERVER_REQUEST,
                semconv.ACTION: action(method),
                semconv.OUTCOME: outcome(status),
                semconv.DECISION: "deny" if status in _DENIALS else "allow",
                semconv.TARGET_TYPE: "http.endpoint",
                semconv.HTTP_METHOD: method,
                semconv.HTTP_ROUTE: route,
                semconv.HTTP_STATUS: status,
                semconv.SERVER_ADDRESS: server_address,
                semconv.ERROR_TYPE: error_type,
            }
        )

    def _encode_client(self, client: str | None, user_agent: str | None) -> EncodedFacts:
        return self.encode(
            {
                semconv.SOURCE_ID: client,
                semconv.SOURCE_TYPE: classify(client) if client else None,
                semconv.CLIENT_ADDRESS: client,
                semconv.USER_AGENT: user_agent,
            }
        )


def action(method: str) -> str:
    """``audit.action`` of an HTTP method."""
    return _ACTIONS.get(method, "EXECUTE")


def outcome(status: int | None) -> str:
    """``audit.outcome`` of an HTTP status."""
    if status is None:
        return "unknown"
    return "success" if status < _FIRST_FAILURE else "failure"
