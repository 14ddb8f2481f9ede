"""From an issuer to its key set by the discovery document (OpenID Connect Discovery 1.0 sections 3 and 4)::

https://login.example.com/.well-known/openid-configuration
{"issuer": "https://login.example.com", "jwks_uri": "https://login.example.com/jwks", ...}
"""

from __future__ import annotations

from affidavit.errors import MalformedError
from affidavit.tokens.settings import is_fetchable
from affidavit.tokens.strict_json import parse_object


def format_discovery_url(issuer: str) -> str:
    """Where `issuer` publishes its discovery document (section 4.1: without a slash at the end of the issuer)."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


def read_jwks_uri(document: bytes, issuer: str) -> str:
    """Where the key set is, by the discovery document of `issuer`.

    Raises:
        MalformedError: It is not one, it is another issuer's (section 4.3), or it leads to where nothing is fetched.
    """
    try:
        members = parse_object(document)
    except MalformedError as error:
        raise MalformedError(f"the discovery document is malformed: {error}") from None
    if members.get("issuer") != issuer:
        raise MalformedError("the discovery document is not this issuer's")
    uri = members.get("jwks_uri")
    if not isinstance(uri, str) or not is_fetchable(uri):
        raise MalformedError("the discovery document's jwks_uri is neither an https URL nor http on loopback")
    return uri
