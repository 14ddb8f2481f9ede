"""Keys from a file: read once, when the first token comes."""

from __future__ import annotations

import json
import os

import pytest

from affidavit.keysets.static import StaticKeySource
from tokens import KEYS


def test_a_file_is_read_once_when_the_first_token_comes(tmp_path):
    path = tmp_path / "jwks.json"
    source = StaticKeySource(str(path))
    path.write_text(json.dumps({"keys": KEYS}))
    first = source.snapshot()
    path.unlink()
    source.request_refresh("new")
    assert {*first.by_key_id} == {"rsa", "es256", "es384", "es512", "ed"}
    assert source.snapshot() is first


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the key set is malformed: not JSON at character 0"),
        (b"{}", "the key set's member keys is not an array"),
        (b"\x00\xff", "the key set is malformed: not UTF-8"),
        (b"[" * 100_000, "the key set is malformed: nested deeper than 32"),
        (b" " * 300_000, "the key set is larger than 262144 bytes"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_is_no_key_set_gives_no_keys_and_one_warning(tmp_path, caplog, content, problem):
    path = tmp_path / "jwks.json"
    if content is not None:
        path.write_bytes(content)
    source = StaticKeySource(str(path))
    assert [source.snapshot(), source.snapshot()] == [None, None]
    assert caplog.record_tuples == [("affidavit.keysets", 30, f"affidavit: no keys from {path}: {problem}")]


def test_a_file_without_a_usable_key_says_so(tmp_path, caplog):
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}))
    assert StaticKeySource(str(path)).snapshot().by_key_id == {}
    assert caplog.messages == [f"affidavit: {path} holds no key that tokens can be verified with"]


def test_a_directory_is_no_file(tmp_path, caplog):
    assert StaticKeySource(str(tmp_path)).snapshot() is None
    assert caplog.messages == [f"affidavit: no keys from {tmp_path}: {os.strerror(21)}"]
