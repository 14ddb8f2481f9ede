"""``opentelemetry-instrument affidavit doctor``: what is configured, what is wrapped, and whether it all works here.

One line a check. 0: everything works, though perhaps not as safely as it could (``warn``). 1: something does not.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from affidavit import __version__

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from affidavit.cli.doctor.finding import Finding
    from affidavit.config import Config

    Subparsers = Any


def add_parser(subparsers: Subparsers) -> None:
    """``doctor [--json]``."""
    parser = subparsers.add_parser(
        "doctor",
        help="show the configuration in force, and check that everything can be reached",
        description="Run it with the application's environment: opentelemetry-instrument affidavit doctor",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")


def run(args: Namespace) -> int:
    """Check everything and report on standard output; 1 if something does not work."""
    from affidavit.cli.doctor.effective import describe
    from affidavit.cli.doctor.finding import FAIL
    from affidavit.config import Config

    config = Config.from_environ(os.environ)
    findings = list(_check(config, os.environ))
    report = _format_json if args.json else _format_lines
    sys.stdout.write(report(describe(config), findings))
    return int(any(finding.level == FAIL for finding in findings))


def _check(config: Config, environ: Mapping[str, str]) -> Iterator[Finding]:
    from affidavit.agent import AGENT
    from affidavit.cli.doctor import advice, hooks, probes
    from affidavit.cli.doctor.finding import FAIL, Finding
    from affidavit.config import is_disabled

    yield hooks.check_hook(AGENT.patcher, is_disabled=is_disabled(environ))
    identity = probes.probe_identity(config.signing, config.spool)
    if config.is_required and (config.complaints or identity.level == FAIL):
        # Importing a framework would end this process before its report.
        yield Finding(FAIL, "required", "the application refuses to start, exit code 78", "see what else fails here")
    elif AGENT.patcher is not None and not is_disabled(environ):
        yield from hooks.check_frameworks(AGENT.patcher)
        yield hooks.check_spans()
    yield from advice.advise(config)
    yield from probes.probe_keys(config.tokens)
    yield identity
    yield probes.probe_spool(config.spool)
    yield probes.probe_sink(config.export)


def _format_lines(configuration: Mapping[str, str], findings: Sequence[Finding]) -> str:
    width = max(map(len, configuration))
    lines = [f"affidavit {__version__}, Python {sys.version.split()[0]}, {sys.executable}", "", "In force:"]
    lines += [f"  {name:<{width}}  {value or '-'}" for name, value in configuration.items()]
    lines += ["", "Checked:", *(f"  {finding}" for finding in findings)]
    return "\n".join(lines) + "\n"


def _format_json(configuration: Mapping[str, str], findings: Sequence[Finding]) -> str:
    report = {
        "version": __version__,
        "python": sys.version.split()[0],
        "configuration": dict(configuration),
        "checks": [asdict(finding) for finding in findings],
    }
    return json.dumps(report, indent=2) + "\n"
