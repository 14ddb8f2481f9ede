"""Every environment variable that affidavit reads, with default and meaning. The README's table is made from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting: its name, what holds when it is not set (in words), and what it does."""

    name: str
    default: str
    meaning: str


ISSUERS: Final = Variable(
    "AFFIDAVIT_ISSUERS",
    "none: nobody is identified",
    "Token issuers to trust: exact `iss` values, by commas.",
)
AUDIENCES: Final = Variable(
    "AFFIDAVIT_AUDIENCES",
    "none: not checked, and each record says so",
    "Audiences of this service, separated by commas; a token must name one of them.",
)
JWKS_FILE: Final = Variable(
    "AFFIDAVIT_JWKS_FILE", "none", "The issuers' public keys as a JWKS file; nothing is fetched then."
)
JWKS_URI: Final = Variable(
    "AFFIDAVIT_JWKS_URI",
    "the issuer's discovery document",
    "Where the issuer's key set is fetched (https, or http on loopback).",
)
EXPORTER: Final = Variable("AFFIDAVIT_EXPORTER", "`otlp`", "Where records go: `otlp` (HTTP/protobuf) or `file`.")
FILE: Final = Variable(
    "AFFIDAVIT_FILE", "`audit.jsonl`", "With `AFFIDAVIT_EXPORTER=file`: the file, OTLP JSON lines, appended."
)
SPOOL_DIR: Final = Variable(
    "AFFIDAVIT_SPOOL_DIR",
    "`${XDG_STATE_HOME:-~/.local/state}/affidavit`",
    "Where records wait until the sink has accepted them. Not writable: memory, said once.",
)
SPOOL_MAX_BYTES: Final = Variable(
    "AFFIDAVIT_SPOOL_MAX_BYTES",
    "`1073741824` (1 GiB)",
    "Cap of the whole spool directory; beyond it records are counted and declared missing.",
)
SIGNING_KEY_FILE: Final = Variable(
    "AFFIDAVIT_SIGNING_KEY_FILE",
    "made beside the spool on first use",
    "The identity key: PKCS#8 PEM, Ed25519 or P-256 (`affidavit keys generate`).",
)
TRUSTED_PROXIES: Final = Variable(
    "AFFIDAVIT_TRUSTED_PROXIES",
    "none: the peer is the client",
    "CIDR blocks of proxies whose `X-Forwarded-For` is believed, separated by commas.",
)
EXCLUDED_URLS: Final = Variable(
    "AFFIDAVIT_EXCLUDED_URLS",
    "`OTEL_PYTHON_EXCLUDED_URLS`",
    "Regular expressions, separated by commas; requests whose URL matches leave no record.",
)
PERSONAL: Final = Variable(
    "AFFIDAVIT_PERSONAL",
    "the keys marked (p) in FORMAT.md",
    "Keys kept beside the text, where they can be erased, separated by commas; set and empty: all stay in the text.",
)
BODY: Final = Variable(
    "AFFIDAVIT_BODY", "`sentence`", "Body of the log record: one `sentence` for people, or the `statement` itself."
)
HEARTBEAT: Final = Variable(
    "AFFIDAVIT_HEARTBEAT", "`300`", "Seconds between checkpoints of an idle stream: silence beyond two is a finding."
)
REQUIRED: Final = Variable(
    "AFFIDAVIT_REQUIRED", "`false`", "`true`: a wrong setting refuses to start the application (exit code 78)."
)
SPAN_ATTRIBUTES: Final = Variable(
    "AFFIDAVIT_SPAN_ATTRIBUTES",
    "`user.id,user.roles,affidavit.token.state,affidavit.token.issuer,affidavit.token.client_id,audit.record.id`",
    "Attributes set on the SERVER span, separated by commas; `user.id=enduser.id` renames one.",
)
OTLP_ENDPOINT: Final = Variable(
    "AFFIDAVIT_OTLP_ENDPOINT",
    "`OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`, else `OTEL_EXPORTER_OTLP_ENDPOINT` + `/v1/logs`, else "
    "`http://localhost:4318/v1/logs`",
    "Where audit records are posted, used as it stands.",
)
OTLP_HEADERS: Final = Variable(
    "AFFIDAVIT_OTLP_HEADERS",
    "`OTEL_EXPORTER_OTLP_LOGS_HEADERS`, else `OTEL_EXPORTER_OTLP_HEADERS`",
    "Headers of those posts: `name=value`, separated by commas, values percent-encoded.",
)

ALL: Final = (
    ISSUERS,
    AUDIENCES,
    JWKS_FILE,
    JWKS_URI,
    EXPORTER,
    FILE,
    SPOOL_DIR,
    SPOOL_MAX_BYTES,
    SIGNING_KEY_FILE,
    TRUSTED_PROXIES,
    EXCLUDED_URLS,
    PERSONAL,
    BODY,
    HEARTBEAT,
    REQUIRED,
    SPAN_ATTRIBUTES,
    OTLP_ENDPOINT,
    OTLP_HEADERS,
)


def format_table(variables: tuple[Variable, ...] = ALL) -> str:
    """The variables as a Markdown table, one row each."""
    rows = [f"| `{v.name}` | {v.default} | {v.meaning} |" for v in variables]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])
