"""One request, from its token to its record: who asks, what came of it, sealed once, when the status is known.

Plain methods, nothing awaits: the WSGI and the ASGI half call the same object. It travels in ``CURRENT`` (never the
identity itself), so that a task or thread that outlives the request finds it closed and stamps nobody on anything.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from opentelemetry.trace import get_current_span

from affidavit import semconv
from affidavit.client_address import find_client
from affidavit.guard import GUARD
from affidavit.ledger.canonical import MAX_STRING_BYTES, clean, quote
from affidavit.pipeline.facts import EncodedFacts, join_facts
from affidavit.request_facts import RequestFacts, outcome, spell_event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from opentelemetry.trace import SpanContext

    from affidavit.caller import Caller, CallerBook
    from affidavit.interfaces import Clock
    from affidavit.pipeline.facts import FactEncoder
    from affidavit.request_settings import RequestSettings

_SERVER_FAULT = 500
_ENOUGH = MAX_STRING_BYTES + 1
"""Characters of a client's text that are kept for the next request like it: one more than fits, so it is still cut."""
_CUT_PATH = EncodedFacts(truncated=(semconv.TARGET_ID, semconv.URL_PATH))


class Request(NamedTuple):
    """What an adapter takes from ``environ`` or ``scope`` when the request arrives."""

    method: str
    path: str
    """Decoded, without the query."""
    scheme: str
    host: str
    """As the client wrote it; used for excluded URLs only."""
    server_address: str | None
    peer: str | None
    """The address at the other end of the connection, as the server hands it over."""
    authorization: Sequence[str]
    forwarded_for: Sequence[str]
    user_agent: str | None


CURRENT: ContextVar[RequestAudit | None] = ContextVar("affidavit_request", default=None)
KEY = "affidavit.request"
"""Where a request's audit stands in ``environ`` or ``scope``; None where it leaves no record."""


def is_audited(place: Mapping[str, Any]) -> bool:
    """Whether a call around this one sees to the request of this ``environ`` or ``scope``; not if that call is over."""
    if KEY not in place:
        return False
    audit: RequestAudit | None = place[KEY]
    return audit is None or not audit.is_closed


class Auditor:
    """Begins the audit of requests: what adapters are handed is its ``begin``."""

    def __init__(
        self,
        callers: CallerBook,
        encode: FactEncoder,
        emit: Callable[[EncodedFacts, dict[str, str]], None],
        count_failure: Callable[[], None],
        new_record_id: Callable[[], str],
        clock: Clock,
        settings: RequestSettings,
    ) -> None:
        self.facts = RequestFacts(encode)
        self.emit = emit
        self.count_failure = count_failure
        """A failure of ours has cost a record: it is to be declared."""
        self.clock = clock
        self._callers = callers
        self.new_record_id = new_record_id
        self._trusted_proxies = settings.trusted_proxies
        self._excluded_urls = settings.excluded_urls

    def begin(self, request: Request) -> RequestAudit | None:
        """The audit of `request`; None if its URL is excluded. A failure of ours is the hook's to stop."""
        try:
            if self._excluded_urls and self._is_excluded(request):
                return None
            now = self.clock()
            caller = self._callers.identify(request.authorization, now)
            proxies = self._trusted_proxies
            client = find_client(request.peer, request.forwarded_for, proxies) if proxies else request.peer
            return RequestAudit(self, request, caller, client, self.new_record_id(), now)
        except Exception:  # counted here, stopped by the hook
            self.count_failure()
            raise

    def _is_excluded(self, request: Request) -> bool:
        url = f"{request.scheme}://{request.host}{request.path}"
        return any(pattern.search(url) for pattern in self._excluded_urls)


class RequestAudit:
    """The one object of a request. Seals its record once; says when a body that went on has ended."""

    __slots__ = (
        "_auditor",
        "_client",
        "_error_type",
        "_request",
        "_started_ns",
        "_status",
        "caller",
        "is_closed",
        "is_sealed",
        "is_streamed",
        "record_id",
        "route",
        "span_context",
    )

    def __init__(
        self, auditor: Auditor, request: Request, caller: Caller, client: str | None, record_id: str, started_ns: int
    ) -> None:
        self.caller = caller
        self.record_id = record_id
        self.route: str | None = None
        """The route's template; adapters set it before the answer."""
        self.is_streamed = False
        """The body goes on after the record: adapters then call ``ended``."""
        self.is_sealed = False
        self.is_closed = False
        self.span_context: SpanContext | None = None
        """Of the SERVER span, once there is one."""
        self._auditor = auditor
        self._request = request
        self._client = client
        self._started_ns = started_ns
        self._status: int | None = None
        self._error_type: str | None = None

    def is_about(self, request: Request) -> bool:
        """Whether this audit is open and `request` is its own, come again through a bridge."""
        own = self._request
        return (
            not self.is_closed
            and (request.method, request.path, request.peer) == (own.method, own.path, own.peer)
            and [*request.authorization] == [*own.authorization]
        )

    def locate(self) -> None:
        """Remember the current span as the request's: one that is not sampled never shows itself."""
        context = get_current_span().get_span_context()
        if context.is_valid:
            self.span_context = context

    def answered(self, status: int | None) -> None:
        """The status is known and no byte of the answer has passed: seal the record. Later calls change nothing."""
        if self.is_sealed:
            return
        self.is_sealed = True
        self._status = status
        if not self._emit_request():
            self._auditor.count_failure()

    def failed(self, error: BaseException) -> None:
        """The application let `error` out. Before any answer, that is a 500; a cancellation has no status."""
        self._error_type = type(error).__qualname__
        self.answered(_SERVER_FAULT if isinstance(error, Exception) else None)

    def ended(self, *, is_complete: bool) -> None:
        """A body that went on after the record has ended, whole or cut."""
        if not self.is_closed and not self._emit_end(is_complete):
            self._auditor.count_failure()

    def close(self) -> None:
        """The request is over: from now on it stamps nothing on any span."""
        self.is_closed = True

    @GUARD.guards
    def _emit_request(self) -> bool:
        if self.span_context is None:
            self.locate()
        request, span = self._request, self.span_context
        facts = self._auditor.facts.of_request(
            self.caller.facts,
            (request.method[:_ENOUGH], request.server_address, self.route, self._status, self._error_type),
            (self._client, request.user_agent and request.user_agent[:_ENOUGH]),
            span is not None,
        )
        values = spell_event(self._started_ns, self.record_id, span)
        return self._emit(facts, values, self._auditor.clock())

    @GUARD.guards
    def _emit_end(self, is_complete: bool) -> bool:
        span, now = self.span_context, self._auditor.clock()
        result = outcome(self._status) if is_complete else "failure"
        facts = self._auditor.facts.of_end(
            self.caller.actor, self._request.method[:_ENOUGH], result, is_complete, span is not None
        )
        values = spell_event(now, self._auditor.new_record_id(), span)
        values[semconv.REQUEST_RECORD_ID] = f'"{self.record_id}"'
        return self._emit(facts, values, now)

    def _emit(self, facts: EncodedFacts, values: dict[str, str], now_ns: int) -> Literal[True]:
        path, was_cut = clean(self._request.path)
        if was_cut:
            facts = join_facts(facts, _CUT_PATH)
        values[semconv.TARGET_ID] = values[semconv.URL_PATH] = quote(path)
        values[semconv.DURATION_NS] = str(max(0, now_ns - self._started_ns))
        self._auditor.emit(facts, values)
        return True
