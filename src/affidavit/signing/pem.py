"""Which key a PEM file (RFC 7468) holds, by its labels alone: no cryptography is loaded to tell.

Only a whole block with the label that is wanted comes out; a certificate or comments may stand around it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from affidavit.errors import KeyFileError

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_KEY = "PRIVATE KEY"
"""The label of PKCS#8 (RFC 5958)."""
PUBLIC_KEY = "PUBLIC KEY"
"""The label of SubjectPublicKeyInfo (RFC 5280)."""

_WANTED = "not a PKCS#8 PEM private key (Ed25519 or P-256)"
_OTHERS = {
    PUBLIC_KEY: "a public key",
    "ENCRYPTED PRIVATE KEY": "an encrypted key, which nobody is here to unlock",
    "RSA PRIVATE KEY": "an RSA key",
    "EC PRIVATE KEY": "a key in SEC 1 form (`openssl pkcs8 -topk8 -nocrypt` turns it)",
    "OPENSSH PRIVATE KEY": "a key in OpenSSH's form",
    "CERTIFICATE": "a certificate",
}
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\r?\n[A-Za-z0-9+/=\r\n]+-----END \1-----")
_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
_MOST_BYTES = 65_536


def read_block(path: Path, label: str) -> bytes | None:
    """The first block under `label` in the file at `path`; None where there is none.

    Raises:
        KeyFileError: The file cannot be read.
    """
    return next((block[0] for block in _BLOCK.finditer(_read(path)) if block[1].decode() == label), None)


def read_private_block(path: Path) -> bytes:
    """The PKCS#8 block in the file at `path`.

    Raises:
        KeyFileError: There is none; says what is there instead.
    """
    block = read_block(path, PRIVATE_KEY)
    if block is None:
        label = _LABEL.search(_read(path))
        raise not_ours(path, _OTHERS.get(label[1].decode(), "a damaged key") if label else "no PEM")
    return block


def not_ours(path: Path, found: str) -> KeyFileError:
    """The error for a file that holds `found` instead of an identity key."""
    return KeyFileError(f"{path} holds {found}, {_WANTED}")


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():  # a pipe would keep us waiting
            raise KeyFileError(f"{path} is not a regular file")
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read ({error.strerror})") from None
    if len(data) > _MOST_BYTES:
        raise not_ours(path, "more than any key takes")
    return data
