"""Stands in for an OpenID provider: prints a token for the person named, and keeps its public key in jwks.json.

Its own key lies in issuer.pem, made at the first call. A real service names its real issuer in AFFIDAVIT_ISSUERS, and
affidavit fetches the keys from there.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.algorithms import ECAlgorithm

ISSUER, AUDIENCE, KEY_ID = "https://login.example.com", "orders", "example-1"
KEY_FILE = Path("issuer.pem")


def main(subject: str) -> None:
    """Print a token for `subject` that is good for an hour."""
    if not KEY_FILE.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        KEY_FILE.touch(mode=0o600)
        KEY_FILE.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        Path("jwks.json").write_text(json.dumps({"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "ES256"}]}))
    private = load_pem_private_key(KEY_FILE.read_bytes(), password=None)
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 3600, "roles": ["clerk"]}
    print(jwt.encode(claims, private, algorithm="ES256", headers={"kid": KEY_ID}))


if __name__ == "__main__":
    main(*sys.argv[1:])
