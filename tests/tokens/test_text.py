"""Strings for records and screens: what was altered shows, and nothing else is altered."""

from __future__ import annotations

import pytest

from affidavit.tokens.text import read_string, read_strings, read_words


@pytest.mark.parametrize("text", ["alice", "Zoë Ångström", "田中", "a b", "😀", "x" * 256, "Jean\xa0Paul"])
def test_what_is_fit_stays_as_it_is(text):
    assert read_string(text) == text


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("ad\0min", "ad�min"),
        ("a\r\nb\tc\x7f\x85", "a��b�c��"),
        ("\u202eecila\u2066", "�ecila�"),
        ("al\u200bice\ufeff", "al�ice�"),
        ("a\u2028b", "a�b"),
        ("\ud800x\udfff", "�x�"),
        ("x" * 257, "x" * 255 + "…"),
    ],
)
def test_what_hides_or_is_too_long_is_replaced_visibly(text, fit):
    """Left out, it would turn one name into another that the issuer never signed."""
    assert read_string(text) == fit
    assert fit.encode()


@pytest.mark.parametrize("value", [None, "", 7, True, 1.5, ["alice"], {"sub": "alice"}])
def test_what_is_no_string_is_absent(value):
    assert read_string(value) is None


def test_of_an_array_the_strings_are_taken_and_at_most_64():
    assert read_strings("clerk") == ("clerk",)
    assert read_strings(["a", 7, "", None, "b\n", ["c"]]) == ("a", "b�")
    assert read_strings([str(number) for number in range(100)]) == tuple(str(number) for number in range(64))
    assert [read_strings(value) for value in (None, 7, {"a": 1}, [], "")] == [()] * 5


def test_scopes_are_words_or_an_array():
    assert read_words("orders:read  orders:write") == ("orders:read", "orders:write")
    assert read_words(["a b", "c"]) == ("a b", "c")
