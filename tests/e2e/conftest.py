from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import people
import pytest
from service import QUIET

from affidavit.signing.file import generate_identity_key


@dataclass(frozen=True)
class Setting:
    """A place for one service: its environment, and where its records go."""

    environ: dict[str, str]
    audit: Path
    spool: Path
    keys: Path
    issuer: people.Issuer


@pytest.fixture(scope="session")
def issuer() -> people.Issuer:
    return people.Issuer()


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An identity key and, beside it, its public half as keys.json."""
    import contextlib
    import io

    from affidavit.cli import main

    path = tmp_path_factory.mktemp("identity") / "identity.pem"
    generate_identity_key(path)
    exported = io.StringIO()
    with contextlib.redirect_stdout(exported):
        assert main(["keys", "export", str(path)]) == 0
    (path.parent / "keys.json").write_text(exported.getvalue())
    return path


@pytest.fixture
def setting(tmp_path: Path, issuer: people.Issuer, identity: Path) -> Setting:
    """Everything by the file exporter, the issuer's keys in a file, spool and file in a directory of the test's own."""
    jwks = issuer.write_jwks(tmp_path / "jwks.json")
    audit = tmp_path / "audit.jsonl"
    environ = {
        **QUIET,
        "OTEL_SERVICE_NAME": "orders",
        "AFFIDAVIT_ISSUERS": people.ISSUER,
        "AFFIDAVIT_AUDIENCES": people.AUDIENCE,
        "AFFIDAVIT_JWKS_FILE": str(jwks),
        "AFFIDAVIT_SIGNING_KEY_FILE": str(identity),
        "AFFIDAVIT_EXPORTER": "file",
        "AFFIDAVIT_FILE": str(audit),
        "AFFIDAVIT_SPOOL_DIR": str(tmp_path / "spool"),
    }
    return Setting(environ, audit, tmp_path / "spool", identity.parent / "keys.json", issuer)
