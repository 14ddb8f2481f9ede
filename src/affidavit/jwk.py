"""Public keys as JSON Web Keys (RFC 7517), and the name of a key: its thumbprint (RFC 7638)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from affidavit import base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUIRED_MEMBERS = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}


def thumbprint(jwk: Mapping[str, str]) -> str:
    """SHA-256 over the required members of a public key (RFC 7638 section 3), base64url.

    Raises:
        KeyError: `jwk` is of another type than OKP, EC or RSA, or a required member is missing.
    """
    members = {name: jwk[name] for name in _REQUIRED_MEMBERS[jwk["kty"]]}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return base64url.encode(hashlib.sha256(text.encode()).digest())
