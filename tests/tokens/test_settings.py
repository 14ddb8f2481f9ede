"""Whose tokens count: exact strings from the environment, one complaint for each value that cannot be used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from affidavit.errors import Complaint
from affidavit.tokens.settings import TokenSettings, is_fetchable

ISSUER = "https://login.example.com"
NOT_HTTPS = "is not an https URL, so its keys cannot be discovered"
FILE_REMEDY = 'give a JSON Web Key Set such as {"keys": [...]}; until then nobody is identified'


def read(**environ):
    return TokenSettings.from_environ({f"AFFIDAVIT_{name}": value for name, value in environ.items()})


@pytest.fixture
def jwks(tmp_path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [{}]}))
    return path


def test_nothing_set_identifies_nobody_and_is_no_mistake():
    assert read() == (TokenSettings(), ())
    assert read(ISSUERS=" , ", AUDIENCES="", JWKS_FILE=" ", JWKS_URI="") == (TokenSettings(), ())


def test_lists_are_split_at_commas_and_nothing_is_normalised():
    expected = TokenSettings((ISSUER, f"{ISSUER}/", "https://LOGIN.example.com"), ("orders", "billing"))
    assert read(ISSUERS=f" {ISSUER} ,{ISSUER}/, https://LOGIN.example.com,", AUDIENCES="orders, billing") == (
        expected,
        (),
    )


def test_keys_come_from_a_file_or_an_address_or_by_discovery(jwks):
    assert read(ISSUERS=ISSUER, JWKS_FILE=str(jwks)) == (TokenSettings((ISSUER,), jwks_file=str(jwks)), ())
    assert read(ISSUERS=ISSUER, JWKS_URI=f"{ISSUER}/k") == (TokenSettings((ISSUER,), jwks_uri=f"{ISSUER}/k"), ())
    assert read(ISSUERS="http://localhost:8080") == (TokenSettings(("http://localhost:8080",)), ())


def test_an_issuer_whose_keys_are_given_may_be_any_string(jwks):
    assert read(ISSUERS="kubernetes/serviceaccount", JWKS_FILE=str(jwks))[1] == ()
    assert read(ISSUERS="kubernetes/serviceaccount", JWKS_URI=f"{ISSUER}/keys")[1] == ()


@pytest.mark.parametrize(
    ("issuer", "shown"),
    [
        ("login.example.com", "login.example.com"),
        ("http://login.example.com", "http://login.example.com"),
        ("https://", "https://"),
        ("https://login.example.com:port", "https://login.example.com:port"),
        ("https://login example.com", "https://login example.com"),
        (f"{ISSUER}?tenant=1", f"{ISSUER}?tenant=1"),
        (f"{ISSUER}#here", f"{ISSUER}#here"),
        ("https://user:secret@login.example.com", "https://***@login.example.com"),
    ],
)
def test_an_issuer_whose_keys_cannot_be_discovered_is_left_out_and_the_others_stand(issuer, shown):
    remedy = "give the exact iss value, or its keys by AFFIDAVIT_JWKS_FILE or AFFIDAVIT_JWKS_URI"
    complaint = Complaint("AFFIDAVIT_ISSUERS", f"{shown} {NOT_HTTPS}", remedy)
    assert read(ISSUERS=f"{issuer},{ISSUER}") == (TokenSettings((ISSUER,)), (complaint,))


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://login.example.com/keys", "http://login.example.com/keys"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("keys.json", "keys.json"),
        ("ftp://user:secret@login.example.com/keys", "ftp://***@login.example.com/keys"),
    ],
)
def test_an_address_that_is_not_https_identifies_nobody(uri, shown):
    """Keys that were to come from one place are never silently taken from another."""
    problem = f"{shown} is neither an https URL nor http on loopback"
    complaint = Complaint("AFFIDAVIT_JWKS_URI", problem, "give an https URL; until then nobody is identified")
    assert read(ISSUERS=ISSUER, AUDIENCES="orders", JWKS_URI=uri) == (TokenSettings((), ("orders",)), (complaint,))


def test_one_address_for_several_issuers_is_ambiguous():
    settings, [complaint] = read(ISSUERS=f"{ISSUER},{ISSUER}/", JWKS_URI=f"{ISSUER}/keys")
    assert (settings, complaint.variable) == (TokenSettings(), "AFFIDAVIT_JWKS_URI")
    assert complaint.problem == "one key set for 2 issuers is ambiguous"


def test_of_a_file_and_an_address_the_file_is_used(jwks):
    complaint = Complaint(
        "AFFIDAVIT_JWKS_URI",
        "AFFIDAVIT_JWKS_FILE is set too",
        "unset one of them; the file is used now and nothing is fetched",
    )
    found = read(ISSUERS=ISSUER, JWKS_FILE=str(jwks), JWKS_URI=f"{ISSUER}/keys")
    assert found == (TokenSettings((ISSUER,), jwks_file=str(jwks)), (complaint,))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is no key set: not JSON at character 0"),
        (b"\x00\xff", "is no key set: not UTF-8"),
        (b"[]", "is no key set: not a JSON object"),
        (b"[" * 100_000, "is no key set: nested deeper than 32"),
        (b"{}", 'has no array "keys" with keys in it'),
        (b'{"keys": {}}', 'has no array "keys" with keys in it'),
        (b'{"keys": []}', 'has no array "keys" with keys in it'),
        (b" " * 262_145, "is larger than 262144 bytes"),
    ],
)
def test_a_file_that_is_no_key_set_identifies_nobody(jwks, content, problem):
    jwks.write_bytes(content)
    complaint = Complaint("AFFIDAVIT_JWKS_FILE", f"{jwks} {problem}", FILE_REMEDY)
    assert read(ISSUERS=ISSUER, JWKS_FILE=str(jwks)) == (TokenSettings(), (complaint,))


def test_a_file_that_cannot_be_read_is_named_and_nothing_waits_for_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    problems = [
        read(ISSUERS=ISSUER, JWKS_FILE=str(path))[1][0].problem for path in (tmp_path / "no", tmp_path, pipe, "a\0b")
    ]
    assert problems == [
        f"{tmp_path / 'no'} cannot be read (No such file or directory)",
        f"{tmp_path} is not a file",
        f"{pipe} is not a file",
        "a\0b cannot be read (not a path)",
    ]


def test_each_wrong_value_is_one_complaint(jwks):
    found = read(ISSUERS="login.example.com", JWKS_FILE=str(jwks / "no"), JWKS_URI="file:///etc/passwd")
    assert [complaint.variable for complaint in found[1]] == ["AFFIDAVIT_JWKS_URI", "AFFIDAVIT_JWKS_FILE"]
    assert [c.variable for c in read(ISSUERS="a,b")[1]] == ["AFFIDAVIT_ISSUERS"] * 2


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/keys", True),
        ("HTTPS://a.example/keys", True),
        ("https://[2001:db8::1]:8443/keys", True),
        ("http://localhost:8080/keys", True),
        ("http://127.0.0.1/keys", True),
        ("http://[::1]/keys", True),
        ("http://127.0.0.1.evil.example/keys", False),
        ("http://localhost@evil.example/keys", False),
        ("http://a.example/keys", False),
        ("https:///keys", False),
        ("https://[::1/keys", False),
        ("https://a.example:99999/keys", False),
        ("https://a.example/ke ys", False),
        ("https://a.example/\nkeys", False),
        ("//a.example/keys", False),
        ("", False),
    ],
)
def test_keys_are_fetched_by_https_or_from_this_machine(url, expected):
    assert is_fetchable(url) is expected


def test_settings_and_rooms_load_nothing_heavy_before_the_first_token():
    script = """
import sys
from affidavit.keysets import build_key_sources
from affidavit.tokens.settings import TokenSettings
from affidavit.tokens.verifier import TokenVerifier
settings, _ = TokenSettings.from_environ({})
TokenVerifier(settings, build_key_sources(settings, float), bytes).verify(["Basic x"], 0)
print([name for name in ("jwt", "cryptography", "requests", "opentelemetry") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
