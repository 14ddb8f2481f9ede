"""A small OpenID issuer on loopback: a key made on the spot, published the usual way, and tokens signed with it.

It answers what OpenID Connect Discovery 1.0 section 4 asks for (``/.well-known/openid-configuration``, of which
``issuer`` and ``jwks_uri`` matter here) and the key set (RFC 7517 section 5). Nothing leaves the machine.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

if TYPE_CHECKING:
    from collections.abc import Iterator

AUDIENCE = "orders"
_KEY_ID = "demo-1"
_LIFETIME_S = 600


class Issuer:
    """A private key, what the issuer publishes of it, and the tokens it signs."""

    def __init__(self) -> None:
        self._key = _generate_key()
        self._numbers = count(1)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def serve(self) -> None:
        """Answer until ``close``."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def issue(self, subject: str, now_s: int) -> str:
        """A good token for `subject`, valid for ten minutes from `now_s` (seconds since the epoch)."""
        return self._sign(subject, now_s, self._key)

    def forge(self, subject: str, now_s: int) -> str:
        """What a stranger makes who knows all but the private key."""
        return self._sign(subject, now_s, _generate_key())

    def _sign(self, subject: str, now_s: int, key: rsa.RSAPrivateKey) -> str:
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "client_id": "shop-frontend",
            "iat": now_s,
            "exp": now_s + _LIFETIME_S,
            "jti": f"token-{next(self._numbers)}",
            "roles": ["clerk"],
        }
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": _KEY_ID})

    def _documents(self) -> dict[str, object]:
        jwk = {**RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True), "kid": _KEY_ID, "use": "sig"}
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"},
            "/jwks": {"keys": [jwk]},
        }

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                document = issuer._documents().get(self.path)
                body = json.dumps(document).encode()
                self.send_response(404 if document is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's own name
                """Say nothing: the screen belongs to the story."""

        return Handler


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer that answers for the length of the block."""
    issuer = Issuer()
    thread = Thread(target=issuer.serve, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.close()
        thread.join()


def _generate_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
