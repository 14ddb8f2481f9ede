"""Signed notes, in the form of c2sp.org/signed-note, with one Ed25519 line::

    <text, ended by a newline>
    <blank line>
    — <key name> <base64(key id ‖ signature)>

The key id is the first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key); the signature is over the text with its
last newline. Lines by other keys are passed over, as the specification asks: witnesses may add theirs.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from affidavit.errors import MalformedError

if TYPE_CHECKING:
    from affidavit.ledger.keys import StreamKey, VerifyKey

_DASH = "\N{EM DASH} "
_KEY_ID = 4


def sign_note(text: str, name: str, key: StreamKey) -> str:
    """The note of `text` (which ends in a newline), signed by `key` under `name`."""
    line = b64encode(_key_id(name, key.public_bytes) + key.sign(text.encode())).decode()
    return f"{text}\n{_DASH}{name} {line}\n"


def verify_note(note: str, name: str, key: VerifyKey) -> str:
    """The text of `note`, once a line of `key` under `name` was found to sign it.

    Raises:
        MalformedError: Not a note, or no line of that key verifies.
    """
    text, separator, lines = note.rpartition("\n\n")
    text += "\n"
    if not separator or not lines.endswith("\n"):
        raise MalformedError("not a signed note")
    wanted = _key_id(name, key.public_bytes)
    for line in lines[:-1].split("\n"):
        signature = _parse_line(line, name, wanted)
        if signature is not None and key.verifies(signature, text.encode()):
            return text
    raise MalformedError("no line of the stream key verifies")


def _parse_line(line: str, name: str, key_id: bytes) -> bytes | None:
    prefix = f"{_DASH}{name} "
    if not line.startswith(prefix):
        return None
    encoded = line[len(prefix) :]
    try:
        data = b64decode(encoded, validate=True)
    except ValueError:
        return None
    if b64encode(data).decode() != encoded or data[:_KEY_ID] != key_id:
        return None
    return data[_KEY_ID:]


def _key_id(name: str, public_bytes: bytes) -> bytes:
    return sha256(name.encode() + b"\n\x01" + public_bytes).digest()[:_KEY_ID]
