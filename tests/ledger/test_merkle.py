"""The tree is RFC 6962's: the published roots, and the recursive definition at every size up to 70."""

from __future__ import annotations

from hashlib import sha256

import pytest

from affidavit.ledger.hashing import leaf_hash
from affidavit.ledger.merkle import EMPTY_ROOT, Frontier

# Leaves and roots published with Certificate Transparency's reference implementation.
LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_published_roots_come_out_leaf_by_leaf():
    tree = Frontier()
    roots = []
    for leaf in LEAVES:
        tree.append(leaf_hash(bytes.fromhex(leaf)))
        roots.append(tree.root().hex())
    assert roots == ROOTS


def test_the_empty_tree_has_the_hash_of_nothing():
    tree = Frontier()
    assert (tree.size, tree.root()) == (0, EMPTY_ROOT)
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(71))
def test_the_frontier_agrees_with_the_recursive_definition(size):
    texts = [b"record %d" % number for number in range(size)]
    tree = Frontier()
    for text in texts:
        tree.append(leaf_hash(text))
    assert (tree.size, tree.root()) == (size, _root_by_rfc_6962(texts))


def test_reading_a_root_changes_nothing():
    tree = Frontier()
    for number in range(5):
        tree.append(leaf_hash(b"%d" % number))
    assert tree.root() == tree.root()


def test_order_and_every_leaf_count():
    def root(*texts: bytes) -> bytes:
        tree = Frontier()
        for text in texts:
            tree.append(leaf_hash(text))
        return tree.root()

    assert len({root(b"a", b"b"), root(b"b", b"a"), root(b"a"), root(b"a", b"b", b"b"), root(b"ab")}) == 5


def _root_by_rfc_6962(texts: list[bytes]) -> bytes:
    """Section 2.1, word by word."""
    if not texts:
        return sha256(b"").digest()
    if len(texts) == 1:
        return sha256(b"\x00" + texts[0]).digest()
    split = 1
    while split * 2 < len(texts):
        split *= 2
    return sha256(b"\x01" + _root_by_rfc_6962(texts[:split]) + _root_by_rfc_6962(texts[split:])).digest()
