"""An issuer's public keys (RFC 7517), as an immutable snapshot that any thread reads without a lock.

A key serves the algorithms that its type, curve, size, ``alg``, ``use`` and ``key_ops`` allow, and no other. Shared
secrets are never used, nor is a key whose private half was published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from affidavit import jwk as jwks
from affidavit.errors import MalformedError
from affidavit.tokens.algorithms import ALGORITHMS
from affidavit.tokens.settings import MAX_JWKS_BYTES
from affidavit.tokens.strict_json import parse_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MAX_KEYS = 256
_RSA_BITS = range(2_048, 16_385)  # RFC 7518 section 3.3; above, OpenSSL refuses to verify
_SECRET_MEMBERS = frozenset({"d", "p", "q", "k"})
_PUBLIC_MEMBERS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}


class KeySource(Protocol):
    """Where an issuer's keys come from. Nothing here waits."""

    def snapshot(self) -> KeySnapshot | None:
        """The keys as they are known now; None if none are known. The same object as long as nothing has changed."""

    def request_refresh(self, key_id: str | None) -> None:
        """A token names this key (None: names none) and it is not there: look again soon."""


@dataclass(frozen=True, slots=True, eq=False)
class IssuerKey:
    """One key of an issuer, ready to verify with."""

    key_id: str | None
    thumbprint: str
    verifiers: Mapping[str, Any]
    """PyJWT's prepared key by algorithm: it binds each to one."""

    def verifies(self, algorithm: str, signature: bytes, signing_input: bytes) -> bool:
        """Whether this key made `signature`."""
        expected = ALGORITHMS[algorithm].signature_bytes
        if expected is not None and len(signature) != expected:
            return False
        prepared = self.verifiers[algorithm]
        return bool(prepared.Algorithm.verify(signing_input, prepared.key, signature))


@dataclass(frozen=True, slots=True, eq=False)
class KeySnapshot:
    """The keys of one issuer at one time. Two snapshots are the same only if they are the same object."""

    by_key_id: Mapping[str | None, tuple[IssuerKey, ...]]
    is_stale: bool = False
    """They could not be fetched again when it was time."""

    def find(self, key_id: str | None, algorithm: str) -> tuple[IssuerKey, ...]:
        """The keys that may have signed: those named so, or, for a token that names none, the only one that fits."""
        if key_id is not None:
            return _fitting(self.by_key_id.get(key_id, ()), algorithm)
        found = _fitting((key for keys in self.by_key_id.values() for key in keys), algorithm)
        return found if len(found) == 1 else ()


def parse_jwks(document: bytes) -> KeySnapshot:
    """The usable keys in a JWK Set; the others are passed over.

    Raises:
        MalformedError: Not a JWK Set, and where.
    """
    if len(document) > MAX_JWKS_BYTES:
        raise MalformedError(f"the key set is larger than {MAX_JWKS_BYTES} bytes")
    try:
        members = parse_object(document).get("keys")
    except MalformedError as error:
        raise MalformedError(f"the key set is malformed: {error}") from None
    if not isinstance(members, list):
        raise MalformedError("the key set's member keys is not an array")
    by_key_id: dict[str | None, tuple[IssuerKey, ...]] = {}
    for key in filter(None, map(_load, members[:_MAX_KEYS])):
        by_key_id[key.key_id] = (*by_key_id.get(key.key_id, ()), key)
    return KeySnapshot(by_key_id)


def _fitting(keys: Iterable[IssuerKey], algorithm: str) -> tuple[IssuerKey, ...]:
    return tuple([key for key in keys if algorithm in key.verifiers])


def _load(jwk: Any) -> IssuerKey | None:
    """The key, or None if it is not for verifying tokens with."""
    if not isinstance(jwk, dict) or not _SECRET_MEMBERS.isdisjoint(jwk):
        return None
    algorithms, key_id = _usable_algorithms(jwk), jwk.get("kid")
    if not algorithms or not isinstance(key_id, (str, type(None))):
        return None
    names = _PUBLIC_MEMBERS[jwk["kty"]]
    public = {name: value for name in names if isinstance(value := jwk.get(name), str)}
    verifiers = _prepare(public, algorithms) if len(public) == len(names) else None
    return IssuerKey(key_id, jwks.thumbprint(public), verifiers) if verifiers else None


def _prepare(public: dict[str, str], algorithms: tuple[str, ...]) -> dict[str, Any]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    try:
        verifiers = {name: PyJWK({**public, "alg": name}, name) for name in algorithms}
    except (PyJWTError, ValueError, UnsupportedAlgorithm):  # not a word of it: the text quotes the key
        return {}
    size = getattr(verifiers[algorithms[0]].key, "key_size", 0)
    return verifiers if public["kty"] != "RSA" or size in _RSA_BITS else {}


def _usable_algorithms(jwk: dict[str, Any]) -> tuple[str, ...]:
    """What the key's own words allow (RFC 7517 sections 4.2 to 4.4)."""
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return ()
    kind = jwk.get("kty")
    curve = None if kind == "RSA" else jwk.get("crv")
    return tuple(
        name
        for name, algorithm in ALGORITHMS.items()
        if (algorithm.key_type, algorithm.curve) == (kind, curve) and jwk.get("alg", name) == name
    )
