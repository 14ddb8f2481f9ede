"""Hashes as a person makes them: every expected value was computed by ``printf`` and ``sha256sum``."""

from __future__ import annotations

from hashlib import sha256

import pytest

from affidavit.ledger.hashing import disclosure_hash, leaf_hash, node_hash


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (b"abc", "609f6e36d2405585188d5cfd761f407c7cc46a7d3f314c88270469dde315fcd1"),
        (b'{"a.b":1}', "a3b2de65b1c27e526893cf1a9ee189e21a9e1fa48b8d053bfea3a62caf88b011"),
        (b"x" * 5000, "b509c573962cd061685e5b982933e02fcf58c581d566d4c5474f50e5844a5641"),
    ],
)
def test_a_leaf_is_sha256_behind_a_zero(text, expected):
    assert leaf_hash(text).hex() == expected


def test_a_node_is_sha256_of_both_behind_a_one():
    assert node_hash(b"a" * 32, b"b" * 32).hex() == "8e85fd55f207495e4566faf404cfe7ec0f259f2ca8c6a19ce36040b426819d81"


def test_a_disclosure_is_sha256_behind_a_two_in_hex():
    assert disclosure_hash(b"abc") == "909ac45e439911193205994d09399c29fede977ab212605f29ead5250a812e73"


@pytest.mark.parametrize("size", [2045, 2046, 2047, 2048, 4093, 4094, 4095, 32 * 1024])
def test_feeding_in_pieces_changes_nothing(size):
    text = bytes(range(256)) * (size // 256 + 1)
    assert leaf_hash(text[:size]) == sha256(b"\x00" + text[:size]).digest()


def test_the_kinds_never_meet():
    data = b"a" * 64
    assert len({leaf_hash(data), node_hash(data[:32], data[32:]), bytes.fromhex(disclosure_hash(data))}) == 3
