"""Whose tokens count, for which audience, and where the keys are.

What cannot be used identifies nobody: keys that were to come from one place are never silently taken from another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from affidavit import environment_variables as variables
from affidavit.errors import Complaint, MalformedError
from affidavit.tokens.strict_json import parse_object

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_JWKS_BYTES = 262_144
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_USER_INFO = re.compile(r"//[^/]*@")


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """Issuers are exact strings, never normalised; none means that nobody is identified."""

    issuers: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    """Empty: any audience, and each verification says so."""
    jwks_file: str | None = None
    jwks_uri: str | None = None
    """With neither, each issuer's keys are found by its discovery document."""
    leeway_s: float = 60.0
    max_token_bytes: int = 16_384
    cache_size: int = 4_096
    """So many verified tokens are remembered."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> tuple[TokenSettings, tuple[Complaint, ...]]:
        """The settings, and what cannot be used of them."""
        issuers, audiences = _split(environ, variables.ISSUERS), _split(environ, variables.AUDIENCES)
        jwks_file, jwks_uri = _get(environ, variables.JWKS_FILE), _get(environ, variables.JWKS_URI)
        both = (_BOTH_SET,) if jwks_file and jwks_uri else ()
        if jwks_file:
            wrong = _complain_of_file(jwks_file)
            keys = cls(issuers, audiences, jwks_file=jwks_file)
        elif jwks_uri:
            wrong = _complain_of_uri(jwks_uri, len(issuers))
            keys = cls(issuers, audiences, jwks_uri=jwks_uri)
        else:
            usable = tuple(filter(_is_discoverable, issuers))
            return cls(usable, audiences), tuple(_complain_of_issuer(each) for each in issuers if each not in usable)
        return cls(audiences=audiences) if wrong else keys, both + wrong


def is_fetchable(url: str) -> bool:
    """Whether keys may be fetched from `url`: https, or plain http to this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def _is_discoverable(issuer: str) -> bool:
    """OpenID Connect Discovery 1.0 section 2: a URL without query and fragment; and none that holds a password."""
    return is_fetchable(issuer) and not any(mark in issuer for mark in "?#@")


def _get(environ: Mapping[str, str], variable: variables.Variable) -> str:
    return environ.get(variable.name, "").strip()


def _split(environ: Mapping[str, str], variable: variables.Variable) -> tuple[str, ...]:
    return tuple(item.strip() for item in _get(environ, variable).split(",") if item.strip())


def _complain_of_file(path: str) -> tuple[Complaint, ...]:
    problem = _find_file_problem(path)
    remedy = 'give a JSON Web Key Set such as {"keys": [...]}; until then nobody is identified'
    return (Complaint(variables.JWKS_FILE.name, f"{path} {problem}", remedy),) if problem else ()


def _find_file_problem(path: str) -> str | None:
    try:
        if not S_ISREG(Path(path).stat().st_mode):  # to open a pipe would wait for its writer
            return "is not a file"
        with Path(path).open("rb") as file:
            document = file.read(MAX_JWKS_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        return f"cannot be read ({getattr(error, 'strerror', None) or 'not a path'})"
    if len(document) > MAX_JWKS_BYTES:
        return f"is larger than {MAX_JWKS_BYTES} bytes"
    try:
        keys = parse_object(document).get("keys")
    except MalformedError as error:
        return f"is no key set: {error}"
    return None if isinstance(keys, list) and keys else 'has no array "keys" with keys in it'


def _complain_of_uri(uri: str, issuers: int) -> tuple[Complaint, ...]:
    if not is_fetchable(uri):
        problem = f"{_hide_user(uri)} is neither an https URL nor http on loopback"
        remedy = "give an https URL; until then nobody is identified"
    elif issuers > 1:
        problem = f"one key set for {issuers} issuers is ambiguous"
        remedy = f"leave it out and each issuer's keys are discovered, or name one issuer in {variables.ISSUERS.name}"
    else:
        return ()
    return (Complaint(variables.JWKS_URI.name, problem, remedy),)


def _complain_of_issuer(issuer: str) -> Complaint:
    return Complaint(
        variables.ISSUERS.name,
        f"{_hide_user(issuer)} is not an https URL, so its keys cannot be discovered",
        f"give the exact iss value, or its keys by {variables.JWKS_FILE.name} or {variables.JWKS_URI.name}",
    )


def _hide_user(url: str) -> str:
    return _USER_INFO.sub("//***@", url)


_BOTH_SET = Complaint(
    variables.JWKS_URI.name,
    f"{variables.JWKS_FILE.name} is set too",
    "unset one of them; the file is used now and nothing is fetched",
)
