"""A checkpoint says one thing in one spelling, and only of its own stream."""

from __future__ import annotations

from base64 import b64encode

import pytest

from affidavit.errors import MalformedError
from affidavit.ledger.checkpoint import Checkpoint, sign_checkpoint, verify_checkpoint
from affidavit.ledger.keys import StreamKey, load_verify_key
from affidavit.ledger.note import sign_note

STREAM = "6f0e1d2c-0000-4000-8000-000000000001"
NAME = f"affidavit/{STREAM}"
KEY = StreamKey(bytes(range(32)))
PUBLIC = load_verify_key(KEY.public_jwk)
ROOT = bytes(range(32))
ROOT64 = b64encode(ROOT).decode()
CHECKPOINT = Checkpoint(STREAM, 512, ROOT)


def test_it_is_three_lines_and_a_signature():
    note = sign_checkpoint(CHECKPOINT, KEY)
    assert note.startswith(f"{NAME}\n512\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— {NAME} ")
    assert verify_checkpoint(note, STREAM, PUBLIC) == CHECKPOINT


@pytest.mark.parametrize("size", [0, 1, 2**63])
def test_any_size_survives(size):
    checkpoint = Checkpoint(STREAM, size, ROOT)
    assert verify_checkpoint(sign_checkpoint(checkpoint, KEY), STREAM, PUBLIC) == checkpoint


@pytest.mark.parametrize(
    "size",
    ["", "1_000", "+5", "-5", "-0", " 7", "7 ", "007", "7.0", "1e3", "0x7", "\N{ARABIC-INDIC DIGIT SEVEN}", "9" * 5000],
)
def test_any_second_spelling_of_the_size_is_malformed(size):
    with pytest.raises(MalformedError):
        verify_checkpoint(sign_note(f"{NAME}\n{size}\n{ROOT64}\n", NAME, KEY), STREAM, PUBLIC)


@pytest.mark.parametrize(
    "root",
    [
        pytest.param("", id="empty"),
        pytest.param(ROOT64[:-1], id="no padding"),
        pytest.param(ROOT64 + "=", id="padding too much"),
        pytest.param(" " + ROOT64, id="space"),
        pytest.param(ROOT64[:-2] + "9=", id="loose bits"),
        pytest.param(b64encode(ROOT[1:]).decode(), id="31 bytes"),
        pytest.param(b64encode(ROOT + b"0").decode(), id="33 bytes"),
        pytest.param(ROOT.hex(), id="hex"),
        pytest.param(ROOT64.replace("A", "Ä"), id="not ASCII"),
        pytest.param(b64encode(b"\xff" * 32).decode().replace("/", "_"), id="base64url"),
    ],
)
def test_any_second_spelling_of_the_root_is_malformed(root):
    with pytest.raises(MalformedError):
        verify_checkpoint(sign_note(f"{NAME}\n512\n{root}\n", NAME, KEY), STREAM, PUBLIC)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"{NAME}\n512\n", id="two lines"),
        pytest.param(f"{NAME}\n512\n{ROOT64}\nmore\n", id="an extension line"),
        pytest.param(f"\n{NAME}\n512\n{ROOT64}\n", id="a blank line before"),
        pytest.param(f"{NAME}x\n512\n{ROOT64}\n", id="another origin"),
        pytest.param(f"{NAME} \n512\n{ROOT64}\n", id="space behind the origin"),
        pytest.param("hello\n", id="something else"),
    ],
)
def test_any_other_body_is_malformed_though_the_stream_key_signed_it(body):
    with pytest.raises(MalformedError):
        verify_checkpoint(sign_note(body, NAME, KEY), STREAM, PUBLIC)


def test_the_checkpoint_of_another_stream_or_by_another_key_is_malformed():
    note = sign_checkpoint(CHECKPOINT, KEY)
    with pytest.raises(MalformedError):
        verify_checkpoint(note, "another", PUBLIC)
    with pytest.raises(MalformedError):
        verify_checkpoint(note, STREAM, load_verify_key(StreamKey(bytes(32)).public_jwk))
    with pytest.raises(MalformedError):
        verify_checkpoint(note.replace("\n512\n", "\n511\n"), STREAM, PUBLIC)
