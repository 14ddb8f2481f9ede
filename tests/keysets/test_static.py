from __future__ import annotations

import json

import pytest

from affidavit.keysets.static import StaticKeySource
from tokens import KEYS


def test_a_file_is_read_once_when_the_first_token_comes(tmp_path):
    path = tmp_path / "jwks.json"
    source = StaticKeySource(str(path))
    path.write_text(json.dumps({"keys": KEYS}))
    first = source.snapshot()
    path.unlink()
    assert len(first.keys) == 5
    assert source.snapshot() is first


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": 7}', b"\x00\xff", b"[" * 100_000])
def test_a_file_that_is_no_key_set_gives_no_keys_and_one_warning(tmp_path, caplog, content):
    path = tmp_path / "jwks.json"
    path.write_bytes(content)
    source = StaticKeySource(str(path))
    assert [source.snapshot(), source.snapshot()] == [None, None]
    assert len(caplog.records) == 1
