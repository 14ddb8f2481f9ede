"""One strict reading of JSON: whatever is not one plain object is malformed, and nothing in it can hurt the process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affidavit.errors import MalformedError
from affidavit.tokens.strict_json import MAX_DEPTH, parse_object


def nested(depth: int) -> bytes:
    """An object in which something lies `depth` deep, the object itself counted."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"", "not JSON at character 0"),
        (b"{", "not JSON at character 1"),
        (b'{"a":1} x', "not JSON at character 8"),
        (b"<html>", "not JSON at character 0"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'"alice"', "not a JSON object"),
        (b'{"a":1,"a":1}', "a member stands twice"),
        (b'{"x":{"a":1,"\\u0061":2}}', "a member stands twice"),
        (b'{"a":NaN}', "NaN is not JSON"),
        (b'{"a":-Infinity}', "-Infinity is not JSON"),
        (b'{"a":1e999}', "a number out of range or of more than 32 digits"),
        (b'{"a":0.' + b"1" * 40 + b"}", "a number out of range or of more than 32 digits"),
        (b'{"a":' + b"9" * 33 + b"}", "a number of more than 32 digits"),
        (b'{"a":"\n"}', "not JSON at character 6"),
        (b'\xef\xbb\xbf{"a":1}', "not JSON at character 0"),
        ('{"a":1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
        (b'{"a":"\xff"}', "not UTF-8"),
        (nested(MAX_DEPTH + 1), "nested deeper than 32"),
        (b'{"a":' * 40, "nested deeper than 32"),
    ],
)
def test_what_is_not_strictly_an_object_is_malformed_and_the_message_says_why(document, problem):
    with pytest.raises(MalformedError) as caught:
        parse_object(document)
    assert str(caught.value) == problem


def test_depth_is_counted_and_not_brackets():
    """Brackets in strings count for nothing, nor do many objects side by side."""
    assert parse_object(nested(MAX_DEPTH))
    wide = {"list": [{"a": [1]} for _ in range(100)], "[[[[": "{" * 100 + '\\"[' * 20}
    assert parse_object(json.dumps(wide).encode()) == wide


def test_a_hostile_string_is_scanned_once():
    """A scan that tried again at each quote would take minutes here."""
    began = time.monotonic()
    for text in (b'{"a":"' + b'\\"' * 100_000, b'"' * 200_000, b"[" * 33 + b'"\\' * 100_000):
        with pytest.raises(MalformedError):
            parse_object(text)
    assert time.monotonic() - began < 5


def test_brackets_cannot_overflow_the_stack_of_an_application_with_a_high_recursion_limit():
    """The standard library's parser would end this process (signal 11)."""
    script = """
import sys, threading
from affidavit.errors import MalformedError
from affidavit.tokens.strict_json import parse_object
sys.setrecursionlimit(10**6)
threading.stack_size(128 * 1024)
def parse():
    try:
        parse_object(b'{"a":' + b"[" * 12_000)
    except MalformedError as error:
        print(error)
thread = threading.Thread(target=parse)
thread.start()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "nested deeper than 32\n")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8) | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(members=st.dictionaries(st.text(max_size=6), json_values, max_size=5))
def test_what_the_standard_library_writes_is_read_as_it_was(members):
    assert parse_object(json.dumps(members).encode()) == members


@settings(deadline=None)
@given(document=st.binary(max_size=40) | st.text(alphabet='{}[]",:\\u0aE+-.1nulNI ', max_size=40).map(str.encode))
def test_anything_is_either_an_object_or_malformed(document):
    with suppress(MalformedError):
        assert isinstance(parse_object(document), dict)
