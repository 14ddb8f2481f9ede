"""The discovery document must be the issuer's own, and lead to where keys may be fetched."""

from __future__ import annotations

import json

import pytest

from affidavit.errors import MalformedError
from affidavit.keysets.discovery import format_discovery_url, read_jwks_uri

ISSUER = "https://login.example.com/tenant"
KEYS = f"{ISSUER}/keys"
NO_ADDRESS = "the discovery document's jwks_uri is neither an https URL nor http on loopback"


@pytest.mark.parametrize("issuer", [ISSUER, f"{ISSUER}/"])
def test_the_document_lies_below_the_issuer_with_one_slash_between(issuer):
    assert format_discovery_url(issuer) == f"{ISSUER}/.well-known/openid-configuration"


def test_the_address_of_the_keys_is_read():
    assert read_jwks_uri(json.dumps({"issuer": ISSUER, "jwks_uri": KEYS, "x": 1}).encode(), ISSUER) == KEYS


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"<html>", "the discovery document is malformed: not JSON at character 0"),
        (b"[]", "the discovery document is malformed: not a JSON object"),
        ({}, "the discovery document is not this issuer's"),
        ({"issuer": f"{ISSUER}/", "jwks_uri": KEYS}, "the discovery document is not this issuer's"),
        ({"issuer": ISSUER.upper(), "jwks_uri": KEYS}, "the discovery document is not this issuer's"),
        ({"issuer": [ISSUER], "jwks_uri": KEYS}, "the discovery document is not this issuer's"),
        ({"issuer": ISSUER}, NO_ADDRESS),
        ({"issuer": ISSUER, "jwks_uri": 7}, NO_ADDRESS),
        ({"issuer": ISSUER, "jwks_uri": "/keys"}, NO_ADDRESS),
        ({"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"}, NO_ADDRESS),
        ({"issuer": ISSUER, "jwks_uri": "http://169.254.169.254/keys"}, NO_ADDRESS),
    ],
)
def test_another_document_is_malformed_and_the_message_says_why(document, problem):
    with pytest.raises(MalformedError) as caught:
        read_jwks_uri(document if isinstance(document, bytes) else json.dumps(document).encode(), ISSUER)
    assert str(caught.value) == problem
