"""Whether what the configuration names can be reached from here: keys, spool, sink. Nothing stays behind."""

from __future__ import annotations

import stat
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic, time_ns
from typing import TYPE_CHECKING

from affidavit import __version__
from affidavit.cli.doctor.effective import hide_secrets
from affidavit.cli.doctor.finding import FAIL, OK, WARN, Finding
from affidavit.errors import ExportError, KeyFileError, MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from affidavit.export.settings import ExportSettings
    from affidavit.signing.settings import SigningSettings
    from affidavit.spool.settings import SpoolSettings
    from affidavit.tokens.settings import TokenSettings


def probe_keys(settings: TokenSettings) -> Iterator[Finding]:
    """Whether each issuer's keys can be had, and are of any use."""
    if settings.jwks_file is not None and settings.issuers:
        yield _count_keys(settings.jwks_file, Path(settings.jwks_file).read_bytes(), "AFFIDAVIT_JWKS_FILE")
        return
    for issuer in settings.issuers:
        yield _fetch_keys(issuer, settings.jwks_uri)


def probe_identity(settings: SigningSettings, spool: SpoolSettings) -> Finding:
    """Whether the key that vouches for streams can be read, and by whom."""
    if settings.key_file is None:
        path = spool.directory / "identity.pem"
        state = "made here by itself" if _exists(path) else "to be made here by itself at the first request"
        remedy = f"keep its public half where this machine cannot change it: affidavit keys export {path} > keys.json"
        return Finding(WARN, "identity", f"{path}, {state}", remedy)
    from affidavit.ledger.keys import load_verify_key
    from affidavit.signing.file import load_identity_key

    path = settings.key_file
    try:
        key = load_verify_key(load_identity_key(path).public_jwk)
    except KeyFileError as error:
        return Finding(FAIL, "identity", str(error), "set AFFIDAVIT_SIGNING_KEY_FILE to a good one")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(WARN, "identity", f"{path} is open to others than its owner", f"chmod 600 {path}")
    return Finding(OK, "identity", f"{path}, {key.algorithm}, thumbprint {key.thumbprint}")


def probe_spool(settings: SpoolSettings) -> Finding:
    """Whether the spool's directory can be written, and what waits there."""
    from affidavit.spool.directories import usage
    from affidavit.spool.files import FILES

    directory = settings.directory.absolute()
    there = next(path for path in (directory, *directory.parents) if _exists(path))  # it makes what is missing
    problem = _why_not_writable(there)
    if problem:
        remedy = "records live in memory until AFFIDAVIT_SPOOL_DIR can be written"
        return Finding(FAIL, "spool", problem, remedy)
    waiting = usage(FILES, str(settings.directory))
    return Finding(OK, "spool", f"{settings.directory} can be written, {waiting} bytes of {settings.max_bytes} in use")


def probe_sink(settings: ExportSettings) -> Finding:
    """Whether the sink takes records: a file is opened, a receiver gets a request without a record."""
    if settings.kind == "file":
        return _probe_file(Path(settings.file).absolute())
    from affidavit.export import build_exporter

    exporter = build_exporter(settings, time_ns, __version__)
    try:
        exporter.export({}, [])
    except ExportError as error:
        remedy = "records wait in the spool until it does: check AFFIDAVIT_OTLP_ENDPOINT"
        return Finding(FAIL, "sink", str(error), remedy)
    finally:
        exporter.close()
    return Finding(OK, "sink", f"{hide_secrets(settings.endpoint)} accepts records")


def _fetch_keys(issuer: str, jwks_uri: str | None) -> Finding:
    from affidavit.keysets.discovery import format_discovery_url, read_jwks_uri
    from affidavit.keysets.fetch import FetchError, fetch
    from affidavit.keysets.jwks import TIMEOUT_S

    deadline_s = monotonic() + TIMEOUT_S
    try:
        uri = jwks_uri or read_jwks_uri(fetch(format_discovery_url(issuer), deadline_s), issuer)
        document = fetch(uri, deadline_s)
    except (FetchError, MalformedError) as error:
        remedy = "no token can be verified until there are: check the address and the way there"
        return Finding(FAIL, "keys", f"none of {hide_secrets(issuer)}: {error}", remedy)
    return _count_keys(hide_secrets(issuer), document, "the issuer's key set")


def _count_keys(place: str, document: bytes, what: str) -> Finding:
    from affidavit.tokens.keys import parse_jwks

    try:
        by_key_id = parse_jwks(document).by_key_id
    except MalformedError as error:
        return Finding(FAIL, "keys", f"{place}: {error}", f"check {what}")
    keys = [key for same_id in by_key_id.values() for key in same_id]
    if not keys:
        return Finding(FAIL, "keys", f"{place}: no key that tokens can be verified with", f"check {what}")
    algorithms = sorted({name for key in keys for name in key.verifiers})
    return Finding(OK, "keys", f"{place}: {len(keys)} for {', '.join(algorithms)}")


def _probe_file(path: Path) -> Finding:
    problem = _why_not_appendable(path) if _exists(path) else _why_not_writable(path.parent)
    if problem:
        return Finding(FAIL, "sink", problem, "records wait in the spool: set AFFIDAVIT_FILE to a file in a directory")
    return Finding(OK, "sink", f"{path} can be appended to")


def _why_not_appendable(path: Path) -> str:
    try:
        if not path.is_file():
            return f"{path} is not a regular file"
        path.open("ab").close()
    except OSError as error:
        return f"{path} cannot be appended to ({error.strerror})"
    return ""


def _why_not_writable(directory: Path) -> str:
    """Why no file can be made in `directory`; empty if one can."""
    try:
        with TemporaryFile(dir=directory) as file:
            file.write(b"\0")
    except OSError as error:
        return f"{directory} cannot be written ({error.strerror})"
    return ""


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a directory on the way is closed to us
        return False
