"""Which keys are believed: the pinned identity keys, and what they vouch for.

A key found inside a record proves nothing by itself: an endorsement says which identity key made it, and only the
verifier's own list says whether that key counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from affidavit import base64url
from affidavit.errors import KeyFileError, MalformedError
from affidavit.ledger.endorsement import Endorsement, verify_endorsement
from affidavit.ledger.keys import load_verify_key

if TYPE_CHECKING:
    from collections.abc import Iterable

_REMEMBERED = 1024  # one a stream, and few streams are open at a time


def parse_jwks(text: bytes) -> frozenset[str]:
    """The RFC 7638 thumbprints of the public keys in a JWKS (RFC 7517 section 5), or of one JWK.

    Raises:
        KeyFileError: Not a JWKS, a private key among them, or no key that can be an identity.
    """
    try:
        members = json.loads(text.decode())
    except (ValueError, RecursionError):
        raise KeyFileError(_explain(text)) from None
    keys = members.get("keys", [members]) if isinstance(members, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise KeyFileError('not a JWKS: expected {"keys": [...]}')
    if any("d" in key or key.get("kty") == "oct" for key in keys):
        raise KeyFileError("it holds a private key; give the public half (affidavit keys export)")
    thumbprints = frozenset(_thumbprints(keys))
    if not thumbprints:
        raise KeyFileError("it holds no Ed25519 or P-256 public key")
    return thumbprints


def _thumbprints(keys: Iterable[dict[str, Any]]) -> Iterable[str]:
    for key in keys:
        try:
            yield load_verify_key(key).thumbprint
        except MalformedError:  # RFC 7517 section 5: keys of kinds that one does not know are passed over
            continue


def _explain(text: bytes) -> str:
    if b"PRIVATE KEY-----" in text:
        return "it is a private key; give the public half as a JWKS (affidavit keys export)"
    if b"-----BEGIN" in text:
        return "it is PEM, not a JWKS (affidavit keys export writes one)"
    return 'not a JWKS: expected JSON, {"keys": [...]}'


@dataclass(frozen=True, slots=True)
class Voucher:
    """An endorsement whose signature was checked, and whether its maker is pinned."""

    endorsement: Endorsement
    identity: bytes
    """The maker's thumbprint, 32 bytes."""
    trusted: bool


class Vouchers:
    """Checks endorsements, each distinct one once. A class, because it remembers them."""

    def __init__(self, trusted: frozenset[str]) -> None:
        """`trusted` are the thumbprints of the pinned identity keys."""
        self._trusted = trusted
        self._known: dict[str, Voucher | str] = {}

    def verify(self, jws: str) -> Voucher:
        """What `jws` vouches for.

        Raises:
            MalformedError: Another form or spelling, or the signature does not verify.
        """
        known = self._known.get(jws)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[jws] = self._verify(jws)
        if isinstance(known, str):
            raise MalformedError(known)
        return known

    def _verify(self, jws: str) -> Voucher | str:
        try:
            endorsement = verify_endorsement(jws)
        except MalformedError as error:
            return str(error)
        thumbprint = endorsement.identity.thumbprint
        return Voucher(endorsement, base64url.decode(thumbprint), thumbprint in self._trusted)
