"""A record's signature: a detached JWS (RFC 7515 appendix F) over the text, by the stream key.

``header..signature``, three segments with the middle one left out. The protected header is exactly::

    {"alg":"EdDSA","kid":"<RFC 7638 thumbprint>","typ":"affidavit-record+jws"}

in RFC 8785 spelling. ``typ`` says in which role: ``affidavit-record+jws`` by the stream's own key,
``affidavit-adopted+jws`` by the key of the stream that adopted a dead process's record. What is signed is
``header "." base64url(text)``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from affidavit import base64url
from affidavit.errors import MalformedError

if TYPE_CHECKING:
    from affidavit.ledger.keys import StreamKey, VerifyKey

RECORD = "affidavit-record+jws"
ADOPTED = "affidavit-adopted+jws"

_LENGTH_LIMIT = 512


class Signer:
    """Signs texts in one role. A class, because the header is the same for every record of a stream."""

    __slots__ = ("_header", "_key", "_prefix")

    def __init__(self, key: StreamKey, typ: str) -> None:
        self._key = key
        self._header = base64url.encode(_format_header(key.thumbprint, typ))
        self._prefix = f"{self._header}.".encode()

    def sign(self, text: bytes) -> str:
        """The detached JWS over `text`."""
        signature = self._key.sign(self._prefix + base64url.encode_bytes(text))
        return f"{self._header}..{base64url.encode(signature)}"


class Detached(NamedTuple):
    """A detached JWS taken apart; whether it verifies is another question."""

    kid: str
    typ: str
    header: str
    signature: bytes

    def verifies(self, key: VerifyKey, text: bytes) -> bool:
        """Whether `key` is the one that the header names, and made this signature over `text`."""
        if key.thumbprint != self.kid or key.algorithm != "EdDSA":
            return False
        return key.verifies(self.signature, _signing_input(self.header, text))


def parse_detached(jws: str) -> Detached:
    """Take `jws` apart.

    Raises:
        MalformedError: Not a detached JWS, or its header is not in the one spelling.
    """
    segments = jws.split(".") if len(jws) <= _LENGTH_LIMIT else []
    if len(segments) != 3 or segments[1]:  # noqa: PLR2004  # header, nothing, signature
        raise MalformedError("not a detached JWS")
    kid, typ = _parse_header(segments[0])
    return Detached(kid, typ, segments[0], base64url.decode(segments[2]))


def _parse_header(segment: str) -> tuple[str, str]:
    known = _headers.get(segment)
    if known is not None:
        return known
    text = base64url.decode(segment)
    try:
        members = json.loads(text)
        kid, typ = members["kid"], members["typ"]
        respelled = _format_header(kid, typ)
    except (ValueError, RecursionError, TypeError, KeyError):
        raise MalformedError("the protected header is not JSON with kid and typ") from None
    if not isinstance(kid, str) or typ not in (RECORD, ADOPTED) or respelled != text:
        raise MalformedError("the protected header is not exactly alg, kid and typ")
    if len(_headers) < _KNOWN_LIMIT:
        _headers[segment] = (kid, typ)
    return kid, typ


def _format_header(kid: str, typ: str) -> bytes:
    return json.dumps({"alg": "EdDSA", "kid": kid, "typ": typ}, separators=(",", ":"), ensure_ascii=False).encode()


def _signing_input(header: str, text: bytes) -> bytes:
    return header.encode() + b"." + base64url.encode_bytes(text)


_KNOWN_LIMIT = 1024
_headers: dict[str, tuple[str, str]] = {}  # one header a stream: parsed once, not once a record
