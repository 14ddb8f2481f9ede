"""base64url without padding: each byte string has one spelling, and every other is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affidavit import base64url
from affidavit.errors import MalformedError


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"f", "Zg"),
        (b"fo", "Zm8"),
        (b"foo", "Zm9v"),
        (b"foobar", "Zm9vYmFy"),
        (bytes([3, 236, 255, 224, 193]), "A-z_4ME"),
    ],
)
def test_known_answers_of_rfc_4648_and_of_rfc_7515_appendix_c(data, text):
    assert (base64url.encode(data), base64url.decode(text)) == (text, data)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Zg==", id="padding"),
        pytest.param("Zh", id="loose bits"),
        pytest.param("Zm9", id="loose bits of two"),
        pytest.param("Z", id="one character"),
        pytest.param("Zm9vZ", id="one character left"),
        pytest.param("A+z/4ME", id="the other alphabet"),
        pytest.param(" Zm9v", id="space before"),
        pytest.param("Zm9v\n", id="newline behind"),
        pytest.param("Zm\n9v", id="newline within"),
        pytest.param("Zm9v=", id="padding too much"),
        pytest.param("Zm=9v", id="padding within"),
        pytest.param("Zm9\N{FULLWIDTH LATIN SMALL LETTER V}", id="not ASCII"),
        pytest.param("Zm9v.", id="a dot"),
        pytest.param("Zm9v\0", id="a zero"),
    ],
)
def test_any_second_spelling_is_malformed(text):
    with pytest.raises(MalformedError):
        base64url.decode(text)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_what_was_encoded_is_decoded_and_agrees_with_the_standard_library(data):
    text = base64url.encode(data)
    assert (text, base64url.decode(text)) == (base64.urlsafe_b64encode(data).rstrip(b"=").decode(), data)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("AZaz09-_+/=. \né"), max_size=12))
def test_a_text_is_either_the_one_spelling_of_its_bytes_or_malformed(text):
    try:
        data = base64url.decode(text)
    except MalformedError:
        return
    assert base64url.encode(data) == text
