"""What a record says of a request, encoded. A caller, an answer and a client recur, so each is encoded once.

So does their combination: a request that is like one before brings nothing but its ids, times and path.

What is remembered is bounded, by the number of entries and by what a member may hold; who makes up methods or user
agents makes his own requests a little slower, nobody else's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from affidavit import semconv
from affidavit.client_address import classify
from affidavit.pipeline.facts import LATER, join_facts

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext

    from affidavit.pipeline.facts import EncodedFacts, FactEncoder

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
_EVENT = (semconv.TIMESTAMP, semconv.RECORD_ID)
_SPAN = (semconv.TRACE_ID, semconv.SPAN_ID)
_ANSWER = (semconv.TARGET_ID, semconv.URL_PATH, semconv.DURATION_NS)
_END = (semconv.TARGET_ID, semconv.REQUEST_RECORD_ID, semconv.DURATION_NS)


class RequestFacts:
    """Encodes the facts of requests. A class, because it remembers."""

    def __init__(self, encode: FactEncoder) -> None:
        self._encode = encode
        self.of_request = lru_cache(_REMEMBERED)(self._join_request)
        """By caller's facts, answer, client, and whether there is a span; the latter two as the following take them.
        With gaps for what ``spell_event`` gives, for target, path and duration."""
        self.of_answer = lru_cache(_REMEMBERED)(self._encode_answer)
        """By method, server address, route, status and type of the error."""
        self.of_client = lru_cache(_REMEMBERED)(self._encode_client)
        """By address and user agent."""
        self.of_end = lru_cache(_REMEMBERED)(self._encode_end)
        """By actor's facts, method, outcome, whether the body was complete, and whether there is a span."""

    def _join_request(
        self,
        caller: EncodedFacts,
        answer: tuple[str, str | None, str | None, int | None, str | None],
        client: tuple[str | None, str | None],
        has_span: bool,
    ) -> EncodedFacts:
        gaps = self._leave_gaps(_ANSWER, has_span)
        return join_facts(caller, self.of_answer(*answer), self.of_client(*client), gaps)

    def _leave_gaps(self, keys: tuple[str, ...], has_span: bool) -> EncodedFacts:
        return self._encode(dict.fromkeys((*_EVENT, *keys, *(_SPAN if has_span else ())), LATER))

    def _encode_answer(
        self, method: str, server_address: str | None, route: str | None, status: int | None, error_type: str | None
    ) -> EncodedFacts:
        return self._encode(
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
        return self._encode(
            {
                semconv.SOURCE_ID: client,
                semconv.SOURCE_TYPE: classify(client) if client else None,
                semconv.CLIENT_ADDRESS: client,
                semconv.USER_AGENT: user_agent,
            }
        )

    def _encode_end(
        self, actor: EncodedFacts, method: str, outcome: str, is_complete: bool, has_span: bool
    ) -> EncodedFacts:
        facts = self._encode(
            {
                semconv.EVENT_NAME: semconv.HTTP_SERVER_RESPONSE_END,
                semconv.ACTION: action(method),
                semconv.OUTCOME: outcome,
                semconv.TARGET_TYPE: "http.endpoint",
                semconv.COMPLETE: is_complete,
            }
        )
        return join_facts(actor, facts, self._leave_gaps(_END, has_span))


def action(method: str) -> str:
    """``audit.action`` of an HTTP method."""
    return _ACTIONS.get(method, "EXECUTE")


def outcome(status: int | None) -> str:
    """``audit.outcome`` of an HTTP status."""
    if status is None:
        return "unknown"
    return "success" if status < _FIRST_FAILURE else "failure"


def spell_event(timestamp_ns: int, record_id: str, span: SpanContext | None) -> dict[str, str]:
    """When, in which record and in which span, as JSON spells it."""
    values = {semconv.TIMESTAMP: f'"{timestamp_ns}"', semconv.RECORD_ID: f'"{record_id}"'}
    if span is not None:
        values[semconv.TRACE_ID] = f'"{span.trace_id:032x}"'
        values[semconv.SPAN_ID] = f'"{span.span_id:016x}"'
    return values
