"""The identity key's file, judged by its text alone."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from affidavit.errors import Complaint
from affidavit.signing.file import generate_identity_key
from affidavit.signing.settings import SigningSettings

if TYPE_CHECKING:
    from pathlib import Path

NAME = "AFFIDAVIT_SIGNING_KEY_FILE"


@pytest.mark.parametrize("environ", [{}, {NAME: ""}])
def test_without_a_file_the_spool_s_own_key_signs(environ: dict[str, str]) -> None:
    assert SigningSettings.from_environ(environ) == (SigningSettings(None), ())


def test_a_private_key_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "identity.pem"
    generate_identity_key(path)
    assert SigningSettings.from_environ({NAME: str(path)}) == (SigningSettings(path), ())


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"{}", "holds no PEM, not a PKCS#8 PEM private key (Ed25519 or P-256)"),
        (
            b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            "holds a public key, not a PKCS#8 PEM private key (Ed25519 or P-256)",
        ),
    ],
)
def test_what_is_no_private_key_is_a_complaint(tmp_path: Path, data: bytes | None, problem: str) -> None:
    path = tmp_path / "identity.pem"
    if data is not None:
        path.write_bytes(data)
    remedy = "make one with `affidavit keys generate PATH`; the spool's own key is used now"
    assert SigningSettings.from_environ({NAME: str(path)}) == (
        SigningSettings(None),
        (Complaint(NAME, f"{path} {problem}", remedy),),
    )


def test_the_look_loads_no_cryptography(tmp_path: Path) -> None:
    """Settings are read in every process that inherits the environment."""
    path = tmp_path / "identity.pem"
    generate_identity_key(path)
    code = (
        "import sys; from affidavit.signing.settings import SigningSettings;"
        f"assert SigningSettings.from_environ({{{NAME!r}: {str(path)!r}}})[0].key_file;"
        "print('cryptography' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
