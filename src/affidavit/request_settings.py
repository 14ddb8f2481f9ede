"""What a person chooses about requests: whom to believe on addresses, what leaves no record, names on spans."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from affidavit import environment_variables as variables
from affidavit import semconv
from affidavit.client_address import parse_networks
from affidavit.errors import Complaint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.client_address import Network

SPAN_KEYS = (
    semconv.USER_ID,
    semconv.USER_ROLES,
    semconv.TOKEN_STATE,
    semconv.TOKEN_ISSUER,
    semconv.TOKEN_CLIENT_ID,
    semconv.RECORD_ID,
)
"""What can stand on a SERVER span, and by default does."""


@dataclass(frozen=True, slots=True)
class RequestSettings:
    """Trusted proxies, excluded URLs, and our keys by their names on spans."""

    trusted_proxies: tuple[Network, ...] = ()
    excluded_urls: tuple[re.Pattern[str], ...] = ()
    span_attributes: Mapping[str, str] = field(default_factory=lambda: {key: key for key in SPAN_KEYS})

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> tuple[RequestSettings, tuple[Complaint, ...]]:
        """The settings, and what cannot be used of them; where something cannot, its default stands."""
        complaints: list[Complaint] = []
        settings = cls(
            _parse_proxies(environ.get(variables.TRUSTED_PROXIES.name, ""), complaints),
            _parse_excluded(environ, complaints),
            _parse_span_attributes(environ.get(variables.SPAN_ATTRIBUTES.name), complaints),
        )
        return settings, tuple(complaints)


def _parse_proxies(text: str, complaints: list[Complaint]) -> tuple[Network, ...]:
    try:
        return parse_networks(text)
    except ValueError as error:
        complaints.append(
            Complaint(variables.TRUSTED_PROXIES.name, f"{error}", "give CIDR blocks such as 10.0.0.0/8, by commas")
        )
        return ()


def _parse_excluded(environ: Mapping[str, str], complaints: list[Complaint]) -> tuple[re.Pattern[str], ...]:
    name = variables.EXCLUDED_URLS.name
    text = environ.get(name)
    if text is None:
        name = "OTEL_PYTHON_EXCLUDED_URLS"
        text = environ.get(name, "")
    try:
        return tuple(re.compile(pattern.strip()) for pattern in text.split(",") if pattern.strip())
    except re.error as error:
        complaints.append(
            Complaint(name, f"not a regular expression ({error})", "give Python regular expressions, by commas")
        )
        return ()


def _parse_span_attributes(text: str | None, complaints: list[Complaint]) -> Mapping[str, str]:
    if text is None:
        return {key: key for key in SPAN_KEYS}
    chosen = {}
    for item in filter(None, map(str.strip, text.split(","))):
        key, _, name = (part.strip() for part in item.partition("="))
        if key in SPAN_KEYS:
            chosen[key] = name or key
        else:
            complaints.append(
                Complaint(
                    variables.SPAN_ATTRIBUTES.name, f"{key!r} is not on offer", f"choose from {', '.join(SPAN_KEYS)}"
                )
            )
    return chosen
