"""An issuer's public keys (RFC 7517), as an immutable snapshot that any thread reads without a lock.

A key serves the algorithms that its type, curve, size, ``alg``, ``use`` and ``key_ops`` allow, and no other. Shared
secrets and published private keys are never used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from affidavit import jwk as jwks
from affidavit.errors import MalformedError
from affidavit.tokens.settings import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Mapping

_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_BY_CURVE = {("EC", "P-256"): "ES256", ("EC", "P-384"): "ES384", ("EC", "P-521"): "ES512", ("OKP", "Ed25519"): "EdDSA"}
_SIGNATURE_BYTES = {"ES256": 64, "ES384": 96, "ES512": 132, "EdDSA": 64}
_LEAST_RSA_BITS = 2048
_MAX_KEYS = 256
_PRIVATE = ("d", "p", "q", "k")


class KeySource(Protocol):
    """Where an issuer's keys come from. Nothing here waits."""

    def snapshot(self) -> KeySnapshot | None:
        """The keys as they are known now; None if none are known yet."""

    def request_refresh(self) -> None:
        """A token names a key that is not there: look again soon."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One key of an issuer, ready to verify with."""

    key_id: str | None
    thumbprint: str
    verifiers: Mapping[str, Any]
    """PyJWT's prepared key by algorithm."""

    def verifies(self, algorithm: str, signature: bytes, signing_input: bytes) -> bool:
        """Whether this key made `signature`."""
        prepared = self.verifiers[algorithm]
        wanted = _SIGNATURE_BYTES.get(algorithm)
        if wanted is not None and len(signature) != wanted:
            return False
        return bool(prepared.Algorithm.verify(signing_input, prepared.key, signature))


@dataclass(frozen=True, slots=True)
class KeySnapshot:
    """The keys of one issuer at one time. Two snapshots are the same only if they are the same object."""

    keys: tuple[IssuerKey, ...]
    is_stale: bool = False

    def find(self, key_id: str | None, algorithm: str) -> tuple[IssuerKey, ...]:
        """The keys that may have signed: those named so, or, for a token that names none, the only one that fits."""
        fitting = tuple(key for key in self.keys if algorithm in key.verifiers)
        if key_id is None:
            return fitting if len(fitting) == 1 else ()
        return tuple(key for key in fitting if key.key_id == key_id)


def parse_jwks(document: bytes) -> tuple[IssuerKey, ...]:
    """The usable keys in a JWKS document; the others are passed over.

    Raises:
        MalformedError: Not a JSON Web Key Set.
    """
    try:
        members = json.loads(document)["keys"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise MalformedError("not a JSON Web Key Set") from None
    if not isinstance(members, list):
        raise MalformedError("the key set's member keys is not an array")
    found = (_load(member) for member in members[:_MAX_KEYS] if isinstance(member, dict))
    return tuple(key for key in found if key is not None)


def _load(jwk: dict[str, Any]) -> IssuerKey | None:
    algorithms = _usable_algorithms(jwk)
    key_id = jwk.get("kid")
    if not algorithms or not (key_id is None or isinstance(key_id, str)):
        return None
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    try:
        verifiers = {name: PyJWK({**jwk, "alg": name}, name) for name in algorithms}
        thumbprint = jwks.thumbprint(jwk)
    except (PyJWTError, ValueError, TypeError, KeyError):  # its text may quote the key
        return None
    if jwk["kty"] == "RSA" and next(iter(verifiers.values())).key.key_size < _LEAST_RSA_BITS:
        return None
    return IssuerKey(key_id, thumbprint, verifiers)


def _usable_algorithms(jwk: dict[str, Any]) -> tuple[str, ...]:
    if any(member in jwk for member in _PRIVATE):
        return ()
    operations = jwk.get("key_ops")
    if jwk.get("use", "sig") != "sig" or not (
        operations is None or (isinstance(operations, list) and "verify" in operations)
    ):
        return ()
    kind = jwk.get("kty")
    by_type = _RSA if kind == "RSA" else (_BY_CURVE.get((str(kind), str(jwk.get("crv"))), ""),)
    named = jwk.get("alg")
    return tuple(name for name in by_type if name in ALGORITHMS and named in (None, name))
