"""The compact form has one spelling; whatever else is malformed or unsupported, and the reason says which part."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affidavit import base64url
from affidavit.model import UnverifiedToken
from affidavit.tokens.jws import ParsedToken, parse_token
from affidavit.tokens.refusal import Refusal
from tokens import segment

HEADER = segment({"alg": "RS256", "kid": "k"})
CLAIMS = segment({"iss": "i"})
SIGNATURE = segment(b"\1\2\3")


def refusal_of(token: str) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as caught:
        parse_token(UnverifiedToken(token))
    return caught.value.state.value, caught.value.reason


def test_a_token_comes_apart_into_what_is_needed_to_verify_it():
    expected = ParsedToken("RS256", "k", {"iss": "i"}, f"{HEADER}.{CLAIMS}".encode(), b"\1\2\3")
    assert parse_token(UnverifiedToken(f"{HEADER}.{CLAIMS}.{SIGNATURE}")) == expected


def test_a_token_taken_apart_shows_nothing_of_itself():
    parsed = parse_token(UnverifiedToken(f"{HEADER}.{CLAIMS}.{SIGNATURE}"))
    assert repr(parsed) == "ParsedToken(algorithm='RS256')"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"alg": "none"}, ("unsupported", "alg")),
        ({"alg": "nOnE"}, ("unsupported", "alg")),
        ({"alg": ""}, ("unsupported", "alg")),
        ({"alg": "rs256"}, ("unsupported", "alg")),
        ({"alg": "HS256"}, ("unsupported", "alg")),
        ({"alg": "ES256K"}, ("unsupported", "alg")),
        ({"alg": "RS256 "}, ("unsupported", "alg")),
        ({}, ("unsupported", "alg")),
        ({"alg": None}, ("unsupported", "alg")),
        ({"alg": 256}, ("unsupported", "alg")),
        ({"alg": ["RS256"]}, ("unsupported", "alg")),
        ({"alg": {"RS256": 1}}, ("unsupported", "alg")),
        ({"alg": "RS256", "crit": []}, ("unsupported", "crit")),
        ({"alg": "RS256", "crit": ["exp"]}, ("unsupported", "crit")),
        ({"alg": "RS256", "crit": None}, ("unsupported", "crit")),
        ({"alg": "RS256", "b64": True}, ("unsupported", "b64")),
        ({"alg": "RS256", "b64": False}, ("unsupported", "b64")),
        ({"alg": "RS256", "zip": "DEF"}, ("unsupported", "zip")),
        ({"alg": "RS256", "typ": "dpop+jwt"}, ("unsupported", "typ")),
        ({"alg": "RS256", "typ": "logout+jwt"}, ("unsupported", "typ")),
        ({"alg": "RS256", "typ": ""}, ("unsupported", "typ")),
        ({"alg": "RS256", "typ": None}, ("malformed", "typ")),
        ({"alg": "RS256", "typ": 7}, ("malformed", "typ")),
        ({"alg": "RS256", "kid": None}, ("malformed", "kid")),
        ({"alg": "RS256", "kid": 7}, ("malformed", "kid")),
        ({"alg": "RS256", "kid": ["k"]}, ("malformed", "kid")),
        ({"alg": "RS256", "kid": "k" * 257}, ("malformed", "kid")),
        ({"alg": "RS256", "kid": "k\0"}, ("malformed", "kid")),
        ({"alg": "RS256", "kid": "k\r\nX-Evil: 1"}, ("malformed", "kid")),
        ({"alg": "RS256", "kid": "\u202ek"}, ("malformed", "kid")),
        ({"alg": "RS256", "kid": "\ud800"}, ("malformed", "kid")),
        ({"alg": "RS256", "pad": "x" * 2048}, ("malformed", "header_size")),
        ("", ("malformed", "header")),
        ("{", ("malformed", "header")),
        ("[]", ("malformed", "header")),
        ("null", ("malformed", "header")),
        ('{"alg":"RS256","alg":"none"}', ("malformed", "header")),
        ('\ufeff{"alg":"RS256"}', ("malformed", "header")),
        ('{"alg":"RS256","x":' + "[" * 500 + "]" * 500 + "}", ("malformed", "header")),
    ],
)
def test_headers_that_are_refused(header, expected):
    assert refusal_of(f"{segment(header)}.{CLAIMS}.{SIGNATURE}") == expected


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/jwt"])
def test_types_of_tokens_that_are_taken(typ):
    token = UnverifiedToken(f"{segment({'alg': 'EdDSA', 'typ': typ})}.{CLAIMS}.{SIGNATURE}")
    assert (parse_token(token).algorithm, parse_token(token).key_id) == ("EdDSA", None)


def test_members_that_lead_to_keys_elsewhere_are_passed_over():
    header = {"alg": "ES256", "jku": "https://evil.example", "x5u": "file:///etc", "jwk": {"kty": "oct"}, "x5c": 7}
    assert parse_token(UnverifiedToken(f"{segment(header)}.{CLAIMS}.{SIGNATURE}")).key_id is None


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "[]",
        "null",
        '"alice"',
        "alice",
        '{"sub":"alice","sub":"mallory"}',
        '{"exp":NaN}',
        '{"exp":Infinity}',
        '{"exp":1e999}',
        '{"exp":' + "9" * 5000 + "}",
        '{"a":' * 3000 + "1" + "}" * 3000,
        '{"sub":"alice"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"sub":"alice"}',
        b'{"sub":"\xff"}',
        pytest.param(f"{HEADER}.{CLAIMS}.{SIGNATURE}", id="a token in a token"),
    ],
)
def test_payloads_that_are_no_claims_set(payload):
    assert refusal_of(f"{HEADER}.{segment(payload)}.{SIGNATURE}") == ("malformed", "payload")


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (f"{HEADER}=.{CLAIMS}.{SIGNATURE}", "header"),
        (f"{HEADER}.{CLAIMS}==.{SIGNATURE}", "payload"),
        (f"{HEADER}.{CLAIMS}.{SIGNATURE}====", "signature"),
        (f"{HEADER}.{CLAIMS}.{SIGNATURE}A", "signature"),
        (f"{HEADER}.{CLAIMS}.AB", "signature"),
        (f"{HEADER}.{CLAIMS}.+/+/", "signature"),
        (f"{HEADER}.{CLAIMS}.{SIGNATURE}\n", "signature"),
        (f"{HEADER}.{CLAIMS}.{SIGNATURE[:2]} {SIGNATURE[2:]}", "signature"),
        (f"{HEADER}.{CLAIMS}.{SIGNATURE}\0", "signature"),
        (f" {HEADER}.{CLAIMS}.{SIGNATURE}", "header"),
        (f"{HEADER}.{CLAIMS}.\N{FULLWIDTH LATIN CAPITAL LETTER A}QID", "signature"),
        (f"{HEADER}.{CLAIMS}.\ud800", "signature"),
        (f"{HEADER}\N{ONE DOT LEADER}{CLAIMS}.{SIGNATURE}", "segments"),
        (f"{HEADER}.{CLAIMS}", "segments"),
        (f"{HEADER}.{CLAIMS}.{SIGNATURE}.", "segments"),
        ("", "segments"),
        ("..", "header"),
    ],
)
def test_any_second_spelling_is_malformed(token, reason):
    assert refusal_of(token) == ("malformed", reason)


def test_a_header_is_remembered_only_if_it_was_good():
    bad = segment({"alg": "none"})
    assert [refusal_of(f"{bad}.{CLAIMS}.{SIGNATURE}") for _ in range(2)] == [("unsupported", "alg")] * 2
    assert [parse_token(UnverifiedToken(f"{HEADER}.{CLAIMS}.{SIGNATURE}")).key_id for _ in range(2)] == ["k", "k"]


@settings(deadline=None)
@given(
    text=st.text(max_size=60)
    | st.lists(st.binary(max_size=30).map(base64url.encode), min_size=3, max_size=3).map(".".join)
    | st.dictionaries(
        st.sampled_from(["alg", "typ", "kid", "crit", "x"]), st.sampled_from(["RS256", "JWT", 1, None, [], {}, "\n"])
    ).map(lambda header: f"{segment(json.dumps(header))}.{CLAIMS}.{SIGNATURE}")
)
def test_anything_is_either_taken_apart_or_refused(text):
    try:
        parsed = parse_token(UnverifiedToken(text))
    except Refusal:
        return
    assert isinstance(parsed.claims, dict)
    assert text.rpartition(".")[0].encode() == parsed.signing_input
