from __future__ import annotations

import json

import pytest

from affidavit.tokens.settings import TokenSettings

ISSUER = "https://login.example.com"


def read(**environ):
    settings, complaints = TokenSettings.from_environ({f"AFFIDAVIT_{name}": value for name, value in environ.items()})
    return settings, [complaint.variable for complaint in complaints]


def test_lists_are_split_at_commas_and_nothing_is_normalised():
    settings, complaints = read(ISSUERS=f" {ISSUER} ,{ISSUER}/ ,", AUDIENCES="orders, billing")
    assert settings == TokenSettings((ISSUER, f"{ISSUER}/"), ("orders", "billing"))
    assert complaints == []


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"ISSUERS": "login.example.com"}, "AFFIDAVIT_ISSUERS"),
        ({"ISSUERS": "http://login.example.com"}, "AFFIDAVIT_ISSUERS"),
        ({"ISSUERS": ISSUER, "JWKS_URI": "http://login.example.com/keys"}, "AFFIDAVIT_JWKS_URI"),
        ({"ISSUERS": ISSUER, "JWKS_URI": "file:///etc/passwd"}, "AFFIDAVIT_JWKS_URI"),
        ({"ISSUERS": f"{ISSUER},{ISSUER}/", "JWKS_URI": f"{ISSUER}/keys"}, "AFFIDAVIT_JWKS_URI"),
        ({"ISSUERS": ISSUER, "JWKS_FILE": "/nowhere"}, "AFFIDAVIT_JWKS_FILE"),
    ],
)
def test_what_cannot_be_used_is_named(environ, variable):
    assert read(**environ)[1] == [variable]


def test_an_issuer_without_a_url_needs_its_keys_in_a_file(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [{}]}))
    settings, complaints = read(ISSUERS="accounts", JWKS_FILE=str(path))
    assert (settings.issuers, settings.jwks_file, complaints) == (("accounts",), str(path), [])
    path.write_text('{"keys": []}')
    assert read(ISSUERS=ISSUER, JWKS_FILE=str(path))[1] == ["AFFIDAVIT_JWKS_FILE"]
