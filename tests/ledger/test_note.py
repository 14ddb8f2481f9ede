"""Signed notes are C2SP's: the published example opens, and a note is one of its spellings or malformed."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest

from affidavit.errors import MalformedError
from affidavit.ledger.keys import StreamKey, VerifyKey, ed25519_jwk, load_verify_key
from affidavit.ledger.note import sign_note, verify_note

NAME = "affidavit/test"
KEY = StreamKey(bytes(range(32)))
PUBLIC = load_verify_key(KEY.public_jwk)
OTHER = StreamKey(bytes(32))
TEXT = "one\n\ntwo\n"
NOTE = sign_note(TEXT, NAME, KEY)
LINE = NOTE.removeprefix(TEXT + "\n")
DATA = b64decode(LINE.split(" ")[2])


def line(data: bytes, name: str = NAME) -> str:
    return f"— {name} {b64encode(data).decode()}\n"


def published_key() -> VerifyKey:
    """The verifier key in the documentation of Go's sumdb/note: ``PeterNeumann+c74f20a3+base64(0x01 ‖ key)``."""
    return load_verify_key(ed25519_jwk(b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]))


def test_the_published_note_opens():
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    note = f"{text}\n— PeterNeumann {signature}\n"
    assert verify_note(note, "PeterNeumann", published_key()) == text


def test_a_note_is_its_text_a_blank_line_and_a_line_of_key_id_and_signature():
    note = sign_note("one\n\ntwo\n", "affidavit/test", KEY)
    signature = b64encode(DATA[:4] + KEY.sign(b"one\n\ntwo\n")).decode()
    assert note == f"one\n\ntwo\n\n— affidavit/test {signature}\n"
    assert verify_note(note, "affidavit/test", PUBLIC) == "one\n\ntwo\n"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(sign_note(TEXT, "witness.example", OTHER).removeprefix(TEXT + "\n") + LINE, id="a witness before"),
        pytest.param(LINE + line(b"abcd" + b"s" * 2000, "pq.example"), id="another algorithm behind"),
        pytest.param(LINE + line(b"abcd" + b"s" * 64), id="our name, another key id"),
        pytest.param(LINE + line(DATA, "other.example"), id="our key id, another name"),
        pytest.param(LINE + LINE, id="our line twice"),
    ],
)
def test_lines_by_other_keys_are_passed_over(lines):
    assert verify_note(f"{TEXT}\n{lines}", NAME, PUBLIC) == TEXT


@pytest.mark.parametrize(
    "note",
    [
        pytest.param("", id="empty"),
        pytest.param(TEXT, id="no signature"),
        pytest.param(TEXT + LINE, id="no blank line"),
        pytest.param(NOTE[:-1], id="no newline at the end"),
        pytest.param(NOTE + "\n", id="one newline more"),
        pytest.param(NOTE.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(NOTE.replace("one", "on\0e"), id="a control character"),
        pytest.param(NOTE.replace("one", "One"), id="another text"),
        pytest.param("\ufeff" + NOTE, id="byte order mark"),
        pytest.param(NOTE.replace("— ", "- "), id="hyphen for the dash"),
        pytest.param(NOTE.replace("— ", "\N{EN DASH} "), id="en dash for the dash"),
        pytest.param(NOTE.replace("— ", "—  "), id="two spaces"),
        pytest.param(NOTE.replace("— ", "—\u00a0"), id="no-break space"),
        pytest.param(NOTE[:-1] + " \n", id="space behind"),
        pytest.param(NOTE[:-2] + "\n", id="no padding"),
        pytest.param(NOTE[:-1] + "=\n", id="padding too much"),
        pytest.param(f"{TEXT}\n{LINE}— a _-__-_8=\n", id="base64url"),
        pytest.param(f"{TEXT}\n{line(DATA[:4])}", id="no signature behind the key id"),
        pytest.param(f"{TEXT}\n{line(DATA[:-1])}", id="63 bytes"),
        pytest.param(f"{TEXT}\n{line(DATA + b'0')}", id="65 bytes"),
        pytest.param(f"{TEXT}\n{line(DATA[:4] + bytes(64))}{LINE}", id="a line of ours that does not verify"),
        pytest.param(f"{TEXT}\n{LINE}junk\n", id="a line that is no signature"),
        pytest.param(f"{TEXT}\n{LINE}— {NAME}\n", id="a line without signature"),
        pytest.param(f"{TEXT}\n{LINE}— a+b AAAAAAA=\n", id="plus in a name"),
        pytest.param(f"{TEXT}\n{LINE}— a AAAAAAB=\n", id="loose bits in a line of others"),
        pytest.param(f"{TEXT}\n{LINE}— a Ä\n", id="not ASCII in a line of others"),
        pytest.param(sign_note(TEXT, NAME, OTHER), id="signed by another key"),
        pytest.param(sign_note(TEXT, "affidavit/other", KEY), id="signed under another name"),
    ],
)
def test_any_second_spelling_and_any_foreign_note_is_malformed(note):
    with pytest.raises(MalformedError):
        verify_note(note, NAME, PUBLIC)
