"""Signed notes, in the form of c2sp.org/signed-note, with one Ed25519 line::

    <text, ended by a newline>
    <blank line>
    — <key name> <base64(key id ‖ signature)>

The key id is the first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key); the signature is over the text with its
last newline. Lines by other keys are passed over, as the specification asks: witnesses may add theirs. A line by the
known key that does not verify spoils the note, and so does a line that is no signature.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from affidavit.errors import MalformedError

if TYPE_CHECKING:
    from affidavit.ledger.keys import StreamKey, VerifyKey

_DASH = "\N{EM DASH} "
_KEY_ID = 4
_LINE = re.compile(_DASH + r"([^\s+]+) (\S+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


def sign_note(text: str, name: str, key: StreamKey) -> str:
    """The note of `text` (which ends in a newline), signed by `key` under `name`."""
    line = b64encode(_key_id(name, key.public_bytes) + key.sign(text.encode())).decode()
    return f"{text}\n{_DASH}{name} {line}\n"


def verify_note(note: str, name: str, key: VerifyKey) -> str:
    """The text of `note`, once a line of `key` under `name` was found to sign it.

    Raises:
        MalformedError: Not a note, or no line of that key, or one that does not verify.
    """
    text, separator, lines = note.rpartition("\n\n")
    text += "\n"
    if not separator or not lines.endswith("\n") or _CONTROL.search(note):
        raise MalformedError("not a signed note")
    signatures = [_parse_line(line) for line in lines[:-1].split("\n")]
    ours = [
        data[_KEY_ID:] for who, data in signatures if (who, data[:_KEY_ID]) == (name, _key_id(name, key.public_bytes))
    ]
    if not ours:
        raise MalformedError("no line of the stream key")
    if not all(key.verifies(signature, text.encode()) for signature in ours):
        raise MalformedError("the line of the stream key does not verify")
    return text


def _parse_line(line: str) -> tuple[str, bytes]:
    matched = _LINE.fullmatch(line)
    if matched is None:
        raise MalformedError("a line under the note is not a signature")
    name, encoded = matched.groups()
    try:
        data = b64decode(encoded, validate=True)
    except ValueError:
        raise MalformedError("a signature under the note is not base64") from None
    if b64encode(data).decode() != encoded or len(data) <= _KEY_ID:
        raise MalformedError("a signature under the note has another spelling")
    return name, data


def _key_id(name: str, public_bytes: bytes) -> bytes:
    return sha256(name.encode() + b"\n\x01" + public_bytes).digest()[:_KEY_ID]
