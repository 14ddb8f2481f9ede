"""What is wrong or unsafe in the configuration itself, said plainly. Nothing here looks outside of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from affidavit.cli.doctor.effective import hide_secrets
from affidavit.cli.doctor.finding import FAIL, WARN, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from affidavit.config import Config

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_FLEETING = ("/tmp", "/var/tmp", "/dev/shm", "/run")  # noqa: S108  # places to warn of, not to write to


def advise(config: Config) -> Iterator[Finding]:
    """A finding for each setting that cannot be used, and for each that is used at somebody's peril."""
    for complaint in config.complaints:
        yield Finding(FAIL, "setting", f"{complaint.variable}: {complaint.problem}", complaint.remedy)
    yield from _advise_on_callers(config)
    yield from _advise_on_records(config)


def _advise_on_callers(config: Config) -> Iterator[Finding]:
    if not config.tokens.issuers:
        yield Finding(WARN, "issuer", "none: nobody is identified", "set AFFIDAVIT_ISSUERS")
    elif not config.tokens.audiences:
        detail = "not checked: a token for any other service of the issuer counts here"
        yield Finding(WARN, "audience", detail, "set AFFIDAVIT_AUDIENCES")
    if any(network.prefixlen == 0 for network in config.requests.trusted_proxies):
        detail = "AFFIDAVIT_TRUSTED_PROXIES trusts everybody: any client can forge its address"
        yield Finding(WARN, "proxies", detail, "name your proxies' networks")


def _advise_on_records(config: Config) -> Iterator[Finding]:
    directory = config.spool.directory.absolute()
    if _is_fleeting(directory):
        detail = f"{directory} does not outlive a restart, and so may records"
        yield Finding(WARN, "spool", detail, "set AFFIDAVIT_SPOOL_DIR to a lasting place")
    endpoint = urlsplit(config.export.endpoint)
    if config.export.kind == "otlp" and endpoint.scheme == "http" and endpoint.hostname not in _LOOPBACK:
        detail = f"{hide_secrets(config.export.endpoint)} is not encrypted: records can be read on the way"
        yield Finding(WARN, "sink", detail, "use https")
    if not config.pipeline.personal_keys:
        detail = "AFFIDAVIT_PERSONAL is empty: nothing about a person can ever be erased"
        yield Finding(WARN, "personal", detail, "name the keys that are personal")


def _is_fleeting(directory: Path) -> bool:
    return any(str(directory) == place or str(directory).startswith(f"{place}/") for place in _FLEETING)
