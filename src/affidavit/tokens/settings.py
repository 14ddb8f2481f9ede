"""Whose tokens count, for which audience, and where the keys are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from affidavit import environment_variables as variables
from affidavit.errors import Complaint

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)  # never "none", never a shared secret
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MAX_JWKS_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """Issuers are exact strings; no issuer means that nobody is identified."""

    issuers: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    jwks_file: str | None = None
    jwks_uri: str | None = None
    leeway_s: float = 60.0
    max_token_bytes: int = 16_384
    cache_size: int = 4_096

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> tuple[TokenSettings, tuple[Complaint, ...]]:
        """The settings, and what cannot be used of them: an issuer that cannot be used identifies nobody."""
        complaints: list[Complaint] = []
        issuers = _split(environ.get(variables.ISSUERS.name, ""))
        jwks_file = _check_file(environ.get(variables.JWKS_FILE.name) or None, complaints)
        jwks_uri = _check_uri(environ.get(variables.JWKS_URI.name) or None, complaints)
        if jwks_file and jwks_uri:
            complaints.append(_both_set())
            jwks_uri = None
        if jwks_uri and len(issuers) > 1:
            complaints.append(_ambiguous_uri())
            jwks_uri = None
        if jwks_file is None and jwks_uri is None:
            issuers = _keep_discoverable(issuers, complaints)
        return cls(issuers, _split(environ.get(variables.AUDIENCES.name, "")), jwks_file, jwks_uri), tuple(complaints)


def is_fetchable(url: str) -> bool:
    """Whether keys may be fetched from `url`: https, or plain http to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def _split(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _check_file(path: str | None, complaints: list[Complaint]) -> str | None:
    if path is None:
        return None
    try:
        text = Path(path).read_bytes()[: _MAX_JWKS_BYTES + 1]
        keys = json.loads(text)["keys"]
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror})"
    except (ValueError, KeyError, TypeError, RecursionError):
        problem = f"{path} is not a JSON Web Key Set"
    else:
        if isinstance(keys, list) and keys:
            return path
        problem = f"{path} holds no keys"
    complaints.append(Complaint(variables.JWKS_FILE.name, problem, 'give a file such as {"keys": [...]}'))
    return None


def _check_uri(uri: str | None, complaints: list[Complaint]) -> str | None:
    if uri is None or is_fetchable(uri):
        return uri
    complaints.append(Complaint(variables.JWKS_URI.name, "not an https URL", "give https://…, or http:// on loopback"))
    return None


def _keep_discoverable(issuers: tuple[str, ...], complaints: list[Complaint]) -> tuple[str, ...]:
    complaints += (
        Complaint(
            variables.ISSUERS.name,
            f"the keys of {issuer!r} cannot be discovered, it is not an https URL",
            f"give its keys by {variables.JWKS_FILE.name} or {variables.JWKS_URI.name}",
        )
        for issuer in issuers
        if not is_fetchable(issuer)
    )
    return tuple(filter(is_fetchable, issuers))


def _both_set() -> Complaint:
    return Complaint(
        variables.JWKS_URI.name, f"{variables.JWKS_FILE.name} is set too", "give one of them; the file is used now"
    )


def _ambiguous_uri() -> Complaint:
    return Complaint(
        variables.JWKS_URI.name, "one key set for several issuers", "leave it out: each issuer's keys are discovered"
    )
