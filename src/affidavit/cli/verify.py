"""``affidavit verify FILE… --keys JWKS``: whether stored records are whole and as they were sealed.

Needs the files and the public keys, no network and no agent. Exit codes: 0 verified or authentic, 1 tampered, 2 usage,
3 incomplete, 4 unverifiable.
"""

from __future__ import annotations

import argparse
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affidavit.errors import KeyFileError

if TYPE_CHECKING:
    from affidavit.ledger.demands import Demands

_MAX_KEYS_BYTES = 1024 * 1024
_MOST_JOBS = 8  # unless more are asked for: each takes some 25 MB
_EPOCH = datetime.fromtimestamp(0, timezone.utc)
_EXIT_CODES = "exit codes: 0 verified or authentic, 1 tampered, 2 usage, 3 incomplete, 4 unverifiable"


def add_parser(subparsers: Any) -> None:
    """Add the command to the root's."""
    parser = subparsers.add_parser(
        "verify",
        help="verify stored records with nothing but the files and the public keys",
        description="Verify stored audit records: OTLP JSON lines, as a Collector's file exporter and ours write them.",
        epilog=_EXIT_CODES,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="files that belong together; - is standard input")
    parser.add_argument("--keys", metavar="JWKS", help="the identity keys to trust (affidavit keys export)")
    parser.add_argument(
        "--subset", action="store_true", help="the files were filtered: say nothing about records that are not there"
    )
    parser.add_argument("--closed", action="store_true", help="demand that every stream has ended")
    parser.add_argument(
        "--since",
        type=_parse_time,
        metavar="TIME",
        help="the files begin at this time (ISO 8601, UTC): streams may too",
    )
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")
    parser.add_argument("--jobs", type=_parse_jobs, default=_count_processors(), metavar="N", help="how many processes")


def run(args: argparse.Namespace) -> int:
    """Verify, print the report, and return its exit code.

    Raises:
        KeyFileError: The keys cannot be used.
        ReadError: A file cannot be read.
    """
    from affidavit.cli._progress import show_progress
    from affidavit.cli._report import format_json, format_text
    from affidavit.readers.verification import verify_files

    trusted = _read_keys(args.keys) if args.keys else frozenset()
    with show_progress(args.files) as advance:
        report = verify_files(args.files, trusted, _demands(args), jobs=args.jobs, advance=advance)
    print(format_json(report) if args.json else format_text(report))  # noqa: T201  # what the command is for
    return report.verdict.exit_code


def _demands(args: argparse.Namespace) -> Demands:
    from affidavit.ledger.demands import Demands

    return Demands(is_subset=args.subset, is_closed=args.closed, since_ns=args.since)


def _read_keys(path: str) -> frozenset[str]:
    from affidavit.ledger.trust import parse_jwks

    try:
        with Path(path).open("rb") as file:
            text = file.read(_MAX_KEYS_BYTES)
        return parse_jwks(text)
    except OSError as error:
        raise KeyFileError(f"--keys {path}: {error.strerror}") from None
    except KeyFileError as error:
        raise KeyFileError(f"--keys {path}: {error}") from None


def _parse_time(text: str) -> int:
    """Nanoseconds since the epoch; a time without an offset is UTC."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 date or time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _parse_jobs(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def _count_processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return min(_MOST_JOBS, len(affinity(0)) if affinity else os.cpu_count() or 1)
