"""Checkpoints, in the form of c2sp.org/tlog-checkpoint: a stream's size and root, as a signed note::

    affidavit/<stream id>
    <size, decimal>
    <RFC 6962 root, base64>

The first line is also the key's name. It covers the records 1 to size, each text a leaf.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from affidavit.errors import MalformedError
from affidavit.ledger.note import sign_note, verify_note

if TYPE_CHECKING:
    from affidavit.ledger.keys import StreamKey, VerifyKey

_LINES = 3
_ROOT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The records 1 to `size` of a stream have the Merkle root `root` (32 bytes)."""

    stream_id: str
    size: int
    root: bytes


def sign_checkpoint(checkpoint: Checkpoint, key: StreamKey) -> str:
    """The signed note of `checkpoint`."""
    return sign_note(_format_body(checkpoint), _origin(checkpoint.stream_id), key)


def verify_checkpoint(note: str, stream_id: str, key: VerifyKey) -> Checkpoint:
    """The checkpoint in `note`, once it was found to be of `stream_id` and signed by `key`.

    Raises:
        MalformedError: Another spelling, another stream, or no valid signature.
    """
    text = verify_note(note, _origin(stream_id), key)
    lines = text.split("\n")[:-1]
    if len(lines) != _LINES:
        raise MalformedError(f"a checkpoint has {_LINES} lines, not {len(lines)}")
    try:
        checkpoint = Checkpoint(stream_id, int(lines[1]), b64decode(lines[2], validate=True))
    except ValueError:
        raise MalformedError("size or root of the checkpoint cannot be read") from None
    # int() takes "+5", " 7" and "1_000": what was read is written again and compared.
    if len(checkpoint.root) != _ROOT_BYTES or checkpoint.size < 0 or _format_body(checkpoint) != text:
        raise MalformedError("the checkpoint has another spelling")
    return checkpoint


def _format_body(checkpoint: Checkpoint) -> str:
    root = b64encode(checkpoint.root).decode()
    return f"{_origin(checkpoint.stream_id)}\n{checkpoint.size}\n{root}\n"


def _origin(stream_id: str) -> str:
    return f"affidavit/{stream_id}"
