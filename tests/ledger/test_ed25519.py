"""One answer about a signature, whether libsodium is asked first or not."""

from __future__ import annotations

import builtins

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from affidavit.ledger import ed25519
from affidavit.ledger.keys import StreamKey
from support import edwards

KEY = StreamKey(bytes(range(32)))
MESSAGE = b"what was said"
SIGNATURE = KEY.sign(MESSAGE)
NON_CANONICAL = (edwards.P + 1).to_bytes(32, "little")  # another spelling of the neutral point


def openssl(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    return ed25519.verifies(Ed25519PublicKey.from_public_bytes(public), public, signature, message)


@pytest.fixture
def libsodium():
    pytest.importorskip("nacl")
    accepts = ed25519._load_libsodium()
    assert accepts is not None
    return accepts


@pytest.fixture
def without_libsodium(monkeypatch):
    """As if PyNaCl were not installed."""
    imported = builtins.__import__

    def refuse(name, *arguments, **options):
        if name.startswith("nacl"):
            raise ImportError(name)
        return imported(name, *arguments, **options)

    ed25519._load_libsodium.cache_clear()
    monkeypatch.setattr(builtins, "__import__", refuse)
    yield
    ed25519._load_libsodium.cache_clear()


def test_libsodium_is_asked_where_it_is_installed(libsodium):
    assert libsodium(KEY.public_bytes, SIGNATURE, MESSAGE)


def test_without_it_openssl_answers_alone(without_libsodium):
    assert ed25519._load_libsodium() is None
    assert verifies(KEY.public_bytes, SIGNATURE, MESSAGE)
    assert not verifies(KEY.public_bytes, SIGNATURE, MESSAGE + b" ")


def test_openssl_decides_what_libsodium_refuses(monkeypatch):
    monkeypatch.setattr(ed25519, "_load_libsodium", lambda: lambda *_: False)
    assert verifies(KEY.public_bytes, SIGNATURE, MESSAGE)
    assert not verifies(KEY.public_bytes, SIGNATURE, MESSAGE + b" ")


def test_a_library_that_multiplies_by_the_cofactor_is_not_used(monkeypatch):
    bindings = pytest.importorskip("nacl.bindings")
    monkeypatch.setattr(bindings, "crypto_sign_open", lambda signed, _key: signed[64:])
    ed25519._load_libsodium.cache_clear()
    assert ed25519._load_libsodium() is None
    ed25519._load_libsodium.cache_clear()


def test_the_example_verifies_with_the_cofactor_and_not_without():
    public, signature, message = ed25519.COFACTORED
    assert not openssl(public, signature, message)
    a, r = edwards.decode(public), edwards.decode(signature[:32])
    h = int.from_bytes(edwards.sha512(signature[:32] + public + message).digest(), "little")
    left = edwards.multiply(int.from_bytes(signature[32:], "little"), edwards.BASE)
    right = edwards.add(r, edwards.multiply(h, a))
    assert left != right
    assert edwards.multiply(8, left) == edwards.multiply(8, right)


@pytest.mark.parametrize("key_part", range(8))
@pytest.mark.parametrize("nonce_part", range(8))
@pytest.mark.parametrize(("key", "nonce"), [(5, 7), (0, 7), (5, 0), (0, 0)])
def test_points_with_a_part_of_small_order(libsodium, key, nonce, key_part, nonce_part):
    parts = {"key_part": edwards.SMALL[key_part], "nonce_part": edwards.SMALL[nonce_part]}
    public, signature = edwards.sign(MESSAGE, key, nonce, **parts)
    assert verifies(public, signature, MESSAGE) == openssl(public, signature, MESSAGE)
    assert openssl(public, signature, MESSAGE) or not libsodium(public, signature, MESSAGE)


def test_a_key_of_small_order_signs_anything_for_openssl_and_nothing_for_libsodium(libsodium):
    public, signature = edwards.sign(MESSAGE, 0, 7)
    assert (verifies(public, signature, b"x"), openssl(public, signature, b"x")) == (True, True)
    assert not libsodium(public, signature, b"x")


@pytest.mark.parametrize("public", [KEY.public_bytes, NON_CANONICAL, b"\xff" * 32, bytes(32)])
@pytest.mark.parametrize("r", [SIGNATURE[:32], NON_CANONICAL, b"\xff" * 32, bytes(32)])
@pytest.mark.parametrize("s", [SIGNATURE[32:], bytes(32), edwards.ORDER.to_bytes(32, "little"), b"\xff" * 32])
def test_other_spellings_of_points_and_numbers(public, r, s):
    assert verifies(public, r + s, MESSAGE) == openssl(public, r + s, MESSAGE)


def test_an_s_beyond_the_order_is_refused():
    s = int.from_bytes(SIGNATURE[32:], "little")
    for times in range(1, 15):
        beyond = SIGNATURE[:32] + (s + times * edwards.ORDER).to_bytes(32, "little")
        assert not verifies(KEY.public_bytes, beyond, MESSAGE)


@given(st.integers(0, 511), st.integers(0, 255), st.booleans())
def test_a_bit_that_is_another(bit, key_bit, changes_key):
    signature, public = flip(SIGNATURE, bit), flip(KEY.public_bytes, key_bit) if changes_key else KEY.public_bytes
    assert not verifies(public, signature, MESSAGE)
    assert not openssl(public, signature, MESSAGE)


def flip(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "little") ^ 1 << bit).to_bytes(len(data), "little")


@pytest.mark.parametrize("size", [0, 32, 63, 65])
def test_a_signature_of_another_length_takes_nothing_from_the_message(size):
    whole = SIGNATURE + MESSAGE
    assert not verifies(KEY.public_bytes, whole[:size], whole[size:])
