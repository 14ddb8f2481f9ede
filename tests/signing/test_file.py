"""The identity key's file: what is one, what is not, and how one is made."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from affidavit import jwk
from affidavit.errors import KeyFileError
from affidavit.ledger.keys import load_verify_key
from affidavit.signing.file import (
    FileIdentityKey,
    format_jwks,
    generate_identity_key,
    load_identity_key,
    load_or_generate,
    load_public_jwk,
    make_identity_key,
)

ED25519 = ed25519.Ed25519PrivateKey.generate()
P256 = ec.generate_private_key(ec.SECP256R1())
MESSAGE = b"header.payload"
WANTED = "not a PKCS#8 PEM private key (Ed25519 or P-256)"


def private_pem(key, form=PrivateFormat.PKCS8, encryption=None) -> bytes:
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption())


def public_pem(key) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def certificate(key) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "orders")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    day = datetime(2026, 1, 1, tzinfo=timezone.utc)
    builder = builder.serial_number(1).not_valid_before(day).not_valid_after(day)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


RSA = rsa.generate_private_key(65537, 2048)
FOREIGN = {
    "public": (public_pem(ED25519), "a public key"),
    "certificate": (certificate(P256), "a certificate"),
    "encrypted": (
        private_pem(ED25519, encryption=BestAvailableEncryption(b"secret")),
        "an encrypted key, which nobody is here to unlock",
    ),
    "rsa": (private_pem(RSA), "a key of RSA"),
    "rsa-pkcs1": (private_pem(RSA, PrivateFormat.TraditionalOpenSSL), "an RSA key"),
    "p-384": (private_pem(ec.generate_private_key(ec.SECP384R1())), "a key of secp384r1"),
    "ed448": (private_pem(ed448.Ed448PrivateKey.generate()), "a key of Ed448"),
    "sec1": (
        private_pem(P256, PrivateFormat.TraditionalOpenSSL),
        "a key in SEC 1 form (`openssl pkcs8 -topk8 -nocrypt` turns it)",
    ),
    "openssh": (private_pem(ED25519, PrivateFormat.OpenSSH), "a key in OpenSSH's form"),
    "cut": (private_pem(ED25519)[:-30], "a damaged key"),
    "scratched": (private_pem(ED25519).replace(b"MC4C", b"AAAA"), "a damaged key"),
    "json": (json.dumps({"keys": []}).encode(), "no PEM"),
    "noise": (os.urandom(1000), "no PEM"),
    "empty": (b"", "no PEM"),
}
"""What people keep in files, and what we call it."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "identity.pem"


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o600)
    return path


class TestLoading:
    @pytest.mark.parametrize(("private", "algorithm"), [(ED25519, "EdDSA"), (P256, "ES256")])
    def test_a_key_signs_as_its_public_half_verifies(self, path: Path, private: object, algorithm: str) -> None:
        key = load_identity_key(write(path, private_pem(private)))
        signature = key.sign(MESSAGE)
        assert (key.algorithm, len(signature), key.is_open_to_others) == (algorithm, 64, False)
        assert load_verify_key(key.public_jwk).verifies(signature, MESSAGE)

    def test_comments_carriage_returns_and_certificates_may_stand_around_it(self, path: Path) -> None:
        pem = private_pem(P256).replace(b"\n", b"\r\n")
        key = load_identity_key(write(path, b"# of orders\n" + certificate(P256) + pem))
        assert key.public_jwk == load_public_jwk(write(path, public_pem(P256)))

    @pytest.mark.parametrize(("mode", "is_open"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
    def test_a_mode_that_lets_others_at_it_is_noted(self, path: Path, mode: int, is_open: bool) -> None:
        write(path, private_pem(ED25519)).chmod(mode)
        assert load_identity_key(path).is_open_to_others is is_open

    @pytest.mark.parametrize("what", FOREIGN)
    def test_anything_else_is_named_for_what_it_is(self, path: Path, what: str) -> None:
        data, found = FOREIGN[what]
        with pytest.raises(KeyFileError) as raised:
            load_identity_key(write(path, data))
        assert str(raised.value) == f"{path} holds {found}, {WANTED}"
        assert raised.value.__cause__ is None

    def test_a_huge_file_is_not_read_to_its_end(self, path: Path) -> None:
        write(path, private_pem(ED25519))
        os.truncate(path, 50 * 1024**2)
        with pytest.raises(KeyFileError) as raised:
            load_identity_key(path)
        assert str(raised.value) == f"{path} holds more than any key takes, {WANTED}"

    def test_a_file_that_cannot_be_read_says_why(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        loop = tmp_path / "loop"
        loop.symlink_to(loop)
        for path, why in (
            (tmp_path / "missing.pem", " cannot be read (No such file or directory)"),
            (loop, " cannot be read (Too many levels of symbolic links)"),
            (tmp_path, " is not a regular file"),
            (pipe, " is not a regular file"),
        ):
            with pytest.raises(KeyFileError) as raised:
                load_identity_key(path)
            assert str(raised.value) == f"{path}{why}"


class TestPublicHalf:
    @pytest.mark.parametrize("private", [ED25519, P256])
    def test_it_is_the_same_from_either_half(self, path: Path, private: object) -> None:
        of_private = load_public_jwk(write(path, private_pem(private)))
        assert load_public_jwk(write(path, public_pem(private))) == of_private

    def test_a_key_set_names_algorithm_use_and_thumbprint_and_holds_no_secret(self) -> None:
        key = make_identity_key()
        assert format_jwks(key.public_jwk) == {
            "keys": [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "x": key.public_jwk["x"],
                    "alg": "EdDSA",
                    "use": "sig",
                    "kid": jwk.thumbprint(key.public_jwk),
                }
            ]
        }

    @pytest.mark.parametrize(
        ("data", "found"),
        [
            (public_pem(RSA), "a public key of RSA"),
            (public_pem(ED25519).replace(b"MCow", b"AAAA"), "a damaged public key"),
            FOREIGN["certificate"],
        ],
        ids=["rsa", "scratched", "certificate"],
    )
    def test_what_has_none_of_ours_is_named(self, path: Path, data: bytes, found: str) -> None:
        with pytest.raises(KeyFileError) as raised:
            load_public_jwk(write(path, data))
        assert str(raised.value) == f"{path} holds {found}, {WANTED}"


class TestGenerating:
    def test_a_new_key_is_pkcs8_pem_for_its_owner_alone(self, path: Path) -> None:
        made = generate_identity_key(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")
        assert load_identity_key(path).public_jwk == made.public_jwk
        assert list(path.parent.iterdir()) == [path]

    def test_nothing_is_overwritten(self, path: Path) -> None:
        path.write_bytes(b"mine")
        with pytest.raises(KeyFileError) as raised:
            generate_identity_key(path)
        assert str(raised.value) == f"{path} is there already, and is not overwritten"
        assert (path.read_bytes(), list(path.parent.iterdir())) == (b"mine", [path])

    def test_where_none_can_be_written_it_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "missing" / "identity.pem"
        with pytest.raises(KeyFileError) as raised:
            generate_identity_key(path)
        assert str(raised.value) == f"{path} cannot be written (No such file or directory)"


RACER = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from affidavit.signing.file import load_or_generate
print("ready", flush=True)
sys.stdin.readline()
print(load_or_generate(Path(sys.argv[1])).public_jwk["x"])
"""


class TestTheSpoolsOwnKey:
    def test_it_is_made_once_with_its_directory(self, tmp_path: Path) -> None:
        path = tmp_path / "state" / "affidavit" / "identity.pem"
        first, second = load_or_generate(path), load_or_generate(path)
        assert first.public_jwk == second.public_jwk
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_eight_processes_that_make_one_at_once_end_with_one(self, path: Path) -> None:
        command = [sys.executable, "-c", RACER, str(path)]
        racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(8)]
        assert [racer.stdout.readline() for racer in racers] == ["ready\n"] * 8
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        keys = {racer.communicate(timeout=60)[0].strip() for racer in racers}
        assert keys == {load_identity_key(path).public_jwk["x"]}
        assert list(path.parent.iterdir()) == [path]

    def test_what_is_there_and_no_key_is_never_replaced(self, path: Path) -> None:
        path.write_bytes(b"mine")
        with pytest.raises(KeyFileError):
            load_or_generate(path)
        assert path.read_bytes() == b"mine"

    def test_a_link_into_the_void_is_no_place_for_one(self, path: Path) -> None:
        path.symlink_to(path.parent / "nowhere")
        with pytest.raises(KeyFileError) as raised:
            load_or_generate(path)
        assert str(raised.value) == f"{path} is there already, and is not overwritten"

    def test_a_key_in_memory_leaves_no_file(self) -> None:
        key = make_identity_key()
        assert isinstance(key, FileIdentityKey)
        assert load_verify_key(key.public_jwk).verifies(key.sign(MESSAGE), MESSAGE)
