"""The verified identity on the spans that contrib, the framework or the application makes. We make none.

The first SERVER span of a request gets all that was verified, and the record's id in return for its own in the
record; every span below it in the process gets the user. Once the request is closed, nothing gets anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor

from affidavit.guard import GUARD
from affidavit.request import CURRENT

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import Span

    from affidavit.request import RequestAudit


class IdentitySpanProcessor(SpanProcessor):
    """Stamps the current request's identity on spans as they start."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002  # the SDK's signature
        """Enrich `span` if it starts within an open request."""
        audit = CURRENT.get()
        if audit is None or audit.is_closed:
            return
        try:  # not ``with GUARD``: a request has many spans, and each would pay for two frames more
            if audit.span_context is None and span.kind is trace.SpanKind.SERVER:
                _stamp_server(span, audit)
            elif audit.caller.child_attributes:
                span.set_attributes(audit.caller.child_attributes)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is ours
            GUARD.stop(error)


def _stamp_server(span: Span, audit: RequestAudit) -> None:
    audit.span_context = span.get_span_context()
    attributes, record_id = audit.caller.server_attributes, audit.caller.record_id_attribute
    span.set_attributes(attributes if record_id is None else {**attributes, record_id: audit.record_id})


class SpanEnricher:
    """Sees to it that the tracer provider has our processor, whenever the application sets it: it can do so once."""

    def __init__(self) -> None:
        self.is_attached = False

    def attach(self) -> None:
        """Attach to the provider in force, if it takes processors: what stands there before one is set does not."""
        add_span_processor = getattr(trace.get_tracer_provider(), "add_span_processor", None)
        if add_span_processor is not None:
            self.is_attached = True
            with GUARD:  # it may be anybody's; the record does not depend on it
                add_span_processor(IdentitySpanProcessor())
