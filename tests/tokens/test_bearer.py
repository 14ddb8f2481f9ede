"""From the ``Authorization`` headers to one token, or to the outcome that stands for there being none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affidavit.model import TokenState, UnverifiedToken, Verification
from affidavit.tokens.bearer import find_token

LONGEST = 100
SOURCE = "header:authorization"


def found(state: str, reason: str | None = None) -> Verification:
    return Verification(TokenState(state), reason, SOURCE)


@pytest.mark.parametrize(
    "authorization",
    [
        ["Bearer a.b.c"],
        ["bearer a.b.c"],
        ["BEARER a.b.c"],
        ["Bearer   a.b.c"],
        ["Bearer a.b.c  "],
        pytest.param(["Bearer a.b.c", "Bearer a.b.c"], id="the same header twice"),
        pytest.param(["Bearer a.b.c, Bearer a.b.c"], id="the same header twice, joined as WSGI servers do"),
        pytest.param(["Bearer a.b.c,Bearer a.b.c ,  Bearer a.b.c"], id="joined in another way"),
    ],
)
def test_one_token_is_found(authorization):
    assert find_token(authorization, LONGEST) == UnverifiedToken("a.b.c", SOURCE)


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (["Basic YWxpY2U6c2VjcmV0"], found("opaque", "scheme")),
        (["Basic a.b.c"], found("opaque", "scheme")),
        (["Basic"], found("opaque", "scheme")),
        (["DPoP a.b.c"], found("opaque", "scheme")),
        (["Bearers a.b.c"], found("opaque", "scheme")),
        (['Digest username="alice", realm="orders"'], found("opaque", "scheme")),
        pytest.param(["Negotiate " + "Y" * 5000], found("opaque", "scheme"), id="long and of another scheme"),
        pytest.param(["x" * 5000], found("opaque", "scheme"), id="a scheme without end"),
        (["Bearer 4d5e6f"], found("opaque", "not_a_jws")),
        (["Bearer a.b"], found("opaque", "not_a_jws")),
        (["Bearer a.b.c.d"], found("opaque", "not_a_jws")),
        (["Bearer YQ=="], found("opaque", "not_a_jws")),
        pytest.param(["Bearer a.b.c.d.e"], found("unsupported", "jwe"), id="five segments: RFC 7516 section 9"),
        (["Bearer"], found("malformed", "syntax")),
        (["Bearer "], found("malformed", "syntax")),
        (["bearer\ta.b.c"], found("malformed", "syntax")),
        (["Bearer a b"], found("malformed", "syntax")),
        (["Bearer \N{LATIN SMALL LETTER A WITH DIAERESIS}"], found("malformed", "syntax")),
        (['Bearer {"payload":"","signatures":[]}'], found("malformed", "syntax")),
        ([""], found("malformed", "syntax")),
        ([" Bearer a.b.c"], found("malformed", "syntax")),
        (["Bearer a.b.c, Bearer d.e.f"], found("ambiguous", "several_tokens")),
        (["Bearer a.b.c, Basic YQ=="], found("ambiguous", "several_tokens")),
        (["Bearer a.b.c,"], found("malformed", "syntax")),
        (["Bearer a.b.c, realm=orders"], found("malformed", "syntax")),
        (["Bearer a.b.c", "Bearer d.e.f"], found("ambiguous", "several_headers")),
        (["Basic YQ==", "Bearer a.b.c"], found("ambiguous", "several_headers")),
        (["Bearer " + "a" * 101], found("too_large")),
        (["Bearer " + "a.b." + "c" * 97], found("too_large")),
        (["Bearer " + "," * 10_000], found("too_large")),
    ],
)
def test_what_is_not_one_compact_token_is_one_outcome(authorization, expected):
    assert find_token(authorization, LONGEST) == expected


def test_equal_outcomes_are_one_value():
    """What later floors derive from it is derived once."""
    assert find_token([], LONGEST) is find_token((), LONGEST)
    assert find_token(["Basic YQ=="], LONGEST) is find_token(["Basic Yg=="], LONGEST)


def test_a_token_as_long_as_allowed_is_taken_also_when_a_proxy_doubles_it():
    longest = "a.b." + "c" * (LONGEST - 4)
    for authorization in ([f"Bearer {longest}"], [f"Bearer {longest}, Bearer {longest}"]):
        assert find_token(authorization, LONGEST) == UnverifiedToken(longest, SOURCE)


@settings(deadline=None)
@given(authorization=st.lists(st.text(max_size=30) | st.text(max_size=30).map("Bearer {}".format), max_size=3))
def test_every_header_has_an_outcome(authorization):
    assert isinstance(find_token(authorization, LONGEST), (UnverifiedToken, Verification))
