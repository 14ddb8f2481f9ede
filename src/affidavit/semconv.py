"""The one vocabulary: attribute and event names, the same in the statement, on the log record and on the span.

OpenTelemetry semantic conventions where they have a name, the audit draft (OTEP 0267) for ``audit.*``, ours under
``affidavit.*``. Applications may not set ``audit.*`` or ``affidavit.*``.
"""

from __future__ import annotations

from typing import Final

FORMAT_VERSION: Final = "1"

# The only keys without a dot: a statement can therefore never pass as a JWT claim set.
EVENT_NAME: Final = "event_name"
TIMESTAMP: Final = "timestamp"
OBSERVED_TIMESTAMP: Final = "observed_timestamp"
TRACE_ID: Final = "trace_id"
SPAN_ID: Final = "span_id"

# The audit draft.
RECORD_ID: Final = "audit.record.id"
STREAM_ID: Final = "audit.sequence.stream_id"
NUMBER: Final = "audit.sequence.number"
ACTOR_ID: Final = "audit.actor.id"
ACTOR_TYPE: Final = "audit.actor.type"
ACTION: Final = "audit.action"
OUTCOME: Final = "audit.outcome"
TARGET_ID: Final = "audit.target.id"
TARGET_TYPE: Final = "audit.target.type"
SOURCE_ID: Final = "audit.source.id"
SOURCE_TYPE: Final = "audit.source.type"
RETENTION_CLASS: Final = "audit.retention.class"

# The record itself.
FORMAT: Final = "affidavit.format"
PREVIOUS_HASH: Final = "affidavit.previous_hash"
DISCLOSURE_HASHES: Final = "affidavit.disclosure_hashes"
SALT: Final = "affidavit.salt"
TRUNCATED: Final = "affidavit.truncated"
CRITICAL: Final = "affidavit.critical"
DECISION: Final = "affidavit.decision"
DURATION_NS: Final = "affidavit.duration_ns"

# How the caller was verified.
TOKEN_STATE: Final = "affidavit.token.state"
TOKEN_REASON: Final = "affidavit.token.reason"
TOKEN_ISSUER: Final = "affidavit.token.issuer"
TOKEN_AUDIENCE: Final = "affidavit.token.audience"
TOKEN_CLIENT_ID: Final = "affidavit.token.client_id"
TOKEN_ALGORITHM: Final = "affidavit.token.algorithm"
TOKEN_KEY_THUMBPRINT: Final = "affidavit.token.key_thumbprint"
TOKEN_ISSUED_AT: Final = "affidavit.token.issued_at"
TOKEN_EXPIRES_AT: Final = "affidavit.token.expires_at"
TOKEN_SCOPES: Final = "affidavit.token.scopes"
TOKEN_SOURCE: Final = "affidavit.token.source"
TOKEN_STALE_KEYS: Final = "affidavit.token.stale_keys"
TOKEN_AUDIENCE_UNCHECKED: Final = "affidavit.token.audience_unchecked"
TOKEN_ID: Final = "affidavit.token.id"
TOKEN_FINGERPRINT: Final = "affidavit.token.fingerprint"
ACTOR_CHAIN: Final = "affidavit.actor.chain"
USER_ID: Final = "user.id"
USER_ROLES: Final = "user.roles"

# HTTP, semantic conventions (stable).
HTTP_METHOD: Final = "http.request.method"
HTTP_ROUTE: Final = "http.route"
HTTP_STATUS: Final = "http.response.status_code"
URL_PATH: Final = "url.path"
SERVER_ADDRESS: Final = "server.address"
CLIENT_ADDRESS: Final = "client.address"
USER_AGENT: Final = "user_agent.original"
ERROR_TYPE: Final = "error.type"

# The origin, from the Resource.
RESOURCE_KEYS: Final = (
    "service.name",
    "service.namespace",
    "service.instance.id",
    "service.version",
    "deployment.environment.name",
    "host.name",
)
SERVICE_NAME: Final = "service.name"

# Streams.
ENDORSEMENT: Final = "affidavit.endorsement"
HEARTBEAT_SECONDS: Final = "affidavit.heartbeat_seconds"
SPOOL_ID: Final = "affidavit.spool.id"
SPOOL_NUMBER: Final = "affidavit.spool.number"
SPOOL_PREVIOUS_HASH: Final = "affidavit.spool.previous_hash"
SPOOL_NEWEST_NUMBER: Final = "affidavit.spool.newest_number"
CHECKPOINT: Final = "affidavit.checkpoint"
RECOVERED_STREAM_ID: Final = "affidavit.recovered.stream_id"
RECOVERED_FIRST: Final = "affidavit.recovered.first"
RECOVERED_LAST: Final = "affidavit.recovered.last"
RECOVERED_LAST_HASH: Final = "affidavit.recovered.last_hash"
RECOVERED_LAST_SIGNED: Final = "affidavit.recovered.last_signed"
MISSING_COUNT: Final = "affidavit.missing.count"
MISSING_REASON: Final = "affidavit.missing.reason"
MISSING_SINCE: Final = "affidavit.missing.since"
MISSING_UNTIL: Final = "affidavit.missing.until"
MISSING_STREAM_ID: Final = "affidavit.missing.stream_id"
MISSING_FIRST: Final = "affidavit.missing.first"
MISSING_LAST: Final = "affidavit.missing.last"
REQUEST_RECORD_ID: Final = "affidavit.request.record_id"
COMPLETE: Final = "affidavit.complete"

# On the log record only.
STATEMENT: Final = "affidavit.statement"
SIGNATURE: Final = "affidavit.signature"
DISCLOSURES: Final = "affidavit.disclosures"

# Events.
HTTP_SERVER_REQUEST: Final = "http.server.request"
HTTP_SERVER_RESPONSE_END: Final = "http.server.response.end"
STREAM_START: Final = "audit.stream.start"
STREAM_CHECKPOINT: Final = "audit.stream.checkpoint"
STREAM_END: Final = "audit.stream.end"
STREAM_RECOVERED: Final = "audit.stream.recovered"
RECORDS_MISSING: Final = "audit.records.missing"
RECORDS_SUPPRESSED: Final = "audit.records.suppressed"
CONTROL_EVENTS: Final = frozenset(
    {STREAM_START, STREAM_CHECKPOINT, STREAM_END, STREAM_RECOVERED, RECORDS_MISSING, RECORDS_SUPPRESSED}
)

ANONYMOUS: Final = "anonymous"
SCOPE_NAME: Final = "affidavit"
"""Instrumentation scope of every record: Collectors route on it."""

PERSONAL_KEYS: Final = (
    ACTOR_ID,
    ACTOR_CHAIN,
    SOURCE_ID,
    TOKEN_ID,
    TOKEN_FINGERPRINT,
    USER_ID,
    USER_ROLES,
    CLIENT_ADDRESS,
    USER_AGENT,
)
"""Keys that stand in a disclosure, not in the text, unless ``AFFIDAVIT_PERSONAL`` says otherwise."""
