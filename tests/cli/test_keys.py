"""``affidavit keys``, as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from affidavit import jwk
from affidavit.cli import main
from affidavit.signing.file import load_identity_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    directory = tmp_path / "my keys"
    directory.mkdir()
    return directory / "identity.pem"


def test_generate_makes_a_key_and_says_what_to_do_with_it(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "generate", str(path)]) == 0
    thumbprint = jwk.thumbprint(load_identity_key(path).public_jwk)
    assert capsys.readouterr() == (
        "",
        (
            f"{path}: a new Ed25519 key (mode 0600), thumbprint {thumbprint}\n"
            "Keep it private: whoever holds it can seal records in this service's name.\n"
            f"Give it to the service:            export AFFIDAVIT_SIGNING_KEY_FILE='{path}'\n"
            f"Give verifiers its public half:    affidavit keys export '{path}' > keys.json\n"
        ),
    )


def test_generate_overwrites_nothing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_bytes(b"mine")
    assert main(["keys", "generate", str(path)]) == 2
    assert capsys.readouterr() == ("", f"affidavit keys: {path} is there already, and is not overwritten\n")
    assert path.read_bytes() == b"mine"


def test_export_prints_the_public_half_and_nothing_of_the_private(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["keys", "generate", str(path)])
    capsys.readouterr()
    assert main(["keys", "export", str(path)]) == 0
    (key,) = json.loads(capsys.readouterr().out)["keys"]
    public = load_identity_key(path).public_jwk
    assert key == {**public, "alg": "EdDSA", "use": "sig", "kid": jwk.thumbprint(public)}


def test_export_of_what_is_no_key_is_one_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_bytes(b"-----BEGIN CERTIFICATE-----\n")
    assert main(["keys", "export", str(path)]) == 2
    message = f"{path} holds a certificate, not a PKCS#8 PEM private key (Ed25519 or P-256)"
    assert capsys.readouterr() == ("", f"affidavit keys: {message}\n")


def test_keys_load_neither_opentelemetry_nor_a_network(path: Path) -> None:
    code = (
        "import sys; from affidavit.cli import main\n"
        f"for action in 'generate', 'export': assert main(['keys', action, {str(path)!r}]) == 0\n"
        "print({'opentelemetry', 'requests', 'jwt', 'wrapt'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
