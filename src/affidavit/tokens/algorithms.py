"""The signature algorithms that count (RFC 7518 section 3.1, RFC 8037 section 3.1), and what each asks of its key.

Never ``none`` and never a shared secret (RFC 8725 section 3.1): an algorithm that is not in this table does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Algorithm(NamedTuple):
    """What fits one ``alg``."""

    key_type: str
    """The JWK's ``kty``."""
    curve: str | None = None
    """The JWK's ``crv``."""
    signature_bytes: int | None = None
    """None: as long as the key's modulus, which the library checks."""


_RSA = Algorithm("RSA")

ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    "RS256": _RSA,
    "RS384": _RSA,
    "RS512": _RSA,
    "PS256": _RSA,
    "PS384": _RSA,
    "PS512": _RSA,
    "ES256": Algorithm("EC", "P-256", 64),
    "ES384": Algorithm("EC", "P-384", 96),
    "ES512": Algorithm("EC", "P-521", 132),
    "EdDSA": Algorithm("OKP", "Ed25519", 64),
}
