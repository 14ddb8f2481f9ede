"""What affidavit adds to the time of a request, beside what OpenTelemetry's own instrumentation adds to the same one.

Everything is on: identity, record, spool on the disk, signing, shipping over HTTP to a sink in another process. The
application is called without a server, so that nothing but the work of the request itself is counted.

The ratio takes the median time of one request. That is what a client waits; signing and shipping follow later, on other
threads, and what they cost is ``record_cost``'s business: requests come in bursts, and the threads catch up in between.
The mean and the CPU time of the request's thread are shown beside it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from side_by_side import Child, Sink, best, children

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
TARGETS = {"with token": 0.60, "without token": 0.45}
AIM = 0.25
BURST = 100
"""Requests without a pause: 30 to 45 ms of them, so that none competes with the signing of those before."""
WARM_UP = 3
"""Bursts that do not count."""
FRAMEWORKS = ("flask", "fastapi")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--bursts", type=int, default=15, help=f"of {BURST} requests, how many make a round")
    parser.add_argument("frameworks", nargs="*", default=FRAMEWORKS, help="default: %(default)s")
    options = parser.parse_args()
    print(f"us a request, the least of {options.rounds} interleaved rounds of {options.bursts * BURST} requests")
    for framework in options.frameworks:
        report(framework, measure(framework, options.rounds, options.bursts))


def measure(framework: str, rounds: int, bursts: int) -> dict[str, dict[str, float]]:
    """The best numbers of each mode. Each round has processes of its own: where their memory happens to lie counts."""
    sink = Sink()
    measured: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as directory:
        environ, (bearer,) = prepare(Path(directory), sink.endpoint)
        for _ in range(rounds):
            modes = {
                name: Child(HERE / "measured_service.py", (framework, switches, str(BURST), authorization), environ)
                for name, switches, authorization in (
                    ("bare", "bare", ""),
                    ("contrib", "contrib", ""),
                    ("with token", "contrib+affidavit", bearer),
                    ("without token", "contrib+affidavit", ""),
                )
            }
            with children(modes):
                run_round(modes, WARM_UP, sink)
                for name, numbers in run_round(modes, bursts, sink).items():
                    measured.setdefault(name, []).append(numbers)
    sink.close()
    return {name: best(numbers) for name, numbers in measured.items()}


def run_round(modes: Mapping[str, Child], bursts: int, sink: Sink) -> dict[str, dict[str, float]]:
    for _ in range(bursts):
        for name, mode in modes.items():
            mode.ask("burst")
            if name in TARGETS:
                sink.wait_for(BURST)
    return {name: mode.ask("report") for name, mode in modes.items()}


def prepare(directory: Path, endpoint: str, callers: int = 1) -> tuple[dict[str, str], list[str]]:
    """The environment of a service that knows its issuer, and the headers of callers it will recognise."""
    sys.path.insert(0, str(HERE.parent / "support"))
    from people import AUDIENCE, ISSUER, Issuer

    from affidavit.signing.file import generate_identity_key

    issuer = Issuer()
    generate_identity_key(directory / "identity.pem")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "AFFIDAVIT_"))}
    environ = {
        **kept,
        "OTEL_SERVICE_NAME": "orders",
        "AFFIDAVIT_ISSUERS": ISSUER,
        "AFFIDAVIT_AUDIENCES": AUDIENCE,
        "AFFIDAVIT_JWKS_FILE": str(issuer.write_jwks(directory / "jwks.json")),
        "AFFIDAVIT_SIGNING_KEY_FILE": str(directory / "identity.pem"),
        "AFFIDAVIT_SPOOL_DIR": str(directory / "spool"),
        "AFFIDAVIT_OTLP_ENDPOINT": endpoint,
    }
    return environ, [issuer.bearer(f"person-{number}")["Authorization"] for number in range(callers)]


def report(framework: str, measured: dict[str, dict[str, float]]) -> None:
    bare, contrib = measured["bare"], measured["contrib"]
    print(f"\n{framework:22} {'request':>9} {'mean':>8} {'thread CPU':>11}   {'added':>7}  {'of contrib':>10}")
    for name, numbers in measured.items():
        row = f"{name:22} {numbers['median']:9.1f} {numbers['mean']:8.1f} {numbers['thread']:11.1f}"
        if name == "contrib":
            row += f"   {contrib['median'] - bare['median']:7.1f}"
        elif name in TARGETS:
            added = {key: numbers[key] - contrib[key] for key in numbers}
            ratio, of_cpu = (added[key] / (contrib[key] - bare[key]) for key in ("median", "thread"))
            row += f"   {added['median']:7.1f}  {ratio:8.2f} x  at most {TARGETS[name]}, aim {AIM} (CPU {of_cpu:.2f} x)"
        print(row)


if __name__ == "__main__":
    main()
