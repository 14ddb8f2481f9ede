"""The configuration as it is in force, by the names of its variables, without a secret in it.

Headers show their names only. An address shows neither user, nor password, nor query.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from affidavit import environment_variables as variables
from affidavit.export.otlp_environment import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from affidavit.config import Config

_HIDDEN = "***"


def describe(config: Config) -> dict[str, str]:
    """Every variable's value in force, in the order of the README's table; empty where there is none."""
    values = {**_of_callers(config), **_of_records(config), **_of_sink(config)}
    return {variable.name: values[variable.name] for variable in variables.ALL if variable.name in values}


def hide_secrets(address: str) -> str:
    """`address` as it may be shown; what is no URL stays as it is."""
    return without_secrets(address) if "://" in address else address


def _of_callers(config: Config) -> dict[str, str]:
    tokens, requests = config.tokens, config.requests
    return {
        variables.ISSUERS.name: _join(map(hide_secrets, tokens.issuers)),
        variables.AUDIENCES.name: _join(tokens.audiences),
        variables.JWKS_FILE.name: tokens.jwks_file or "",
        variables.JWKS_URI.name: hide_secrets(tokens.jwks_uri or ""),
        variables.TRUSTED_PROXIES.name: _join(map(str, requests.trusted_proxies)),
        variables.EXCLUDED_URLS.name: _join(pattern.pattern for pattern in requests.excluded_urls),
        variables.SPAN_ATTRIBUTES.name: _join(
            key if key == name else f"{key}={name}" for key, name in requests.span_attributes.items()
        ),
    }


def _of_records(config: Config) -> dict[str, str]:
    return {
        variables.SPOOL_DIR.name: str(config.spool.directory),
        variables.SPOOL_MAX_BYTES.name: str(config.spool.max_bytes),
        variables.SIGNING_KEY_FILE.name: str(config.signing.key_file or ""),
        variables.PERSONAL.name: _join(sorted(config.pipeline.personal_keys)),
        variables.HEARTBEAT.name: str(config.pipeline.heartbeat_s),
        variables.REQUIRED.name: str(config.is_required).lower(),
    }


def _of_sink(config: Config) -> dict[str, str]:
    export = config.export
    values = {
        variables.EXPORTER.name: export.kind,
        variables.BODY.name: "statement" if export.statement_as_body else "sentence",
    }
    if export.kind == "file":
        return {**values, variables.FILE.name: str(Path(export.file).absolute())}
    return {
        **values,
        variables.OTLP_ENDPOINT.name: hide_secrets(export.endpoint),
        variables.OTLP_HEADERS.name: _join(f"{name}={_HIDDEN}" for name, _ in export.headers),
    }


def _join(items: Iterable[str]) -> str:
    return ",".join(items)
