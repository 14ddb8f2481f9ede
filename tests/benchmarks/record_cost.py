"""What a whole record costs, beside OpenTelemetry's own unsigned pipeline with the same facts as 25 attributes.

CPU time of all threads: build, seal, spool, sign, encode as OTLP, post to a sink in another process that answers at
once; against ``LoggerProvider``, ``BatchLogRecordProcessor`` and ``OTLPLogExporter`` posting to the same sink. Nothing
of the stock pipeline survives the death of its process, and nothing of it can be proven.

Then the bytes of a record on its way, in full batches of 512: as they are, and gzipped.
"""

from __future__ import annotations

import argparse
import gzip
import tempfile
from pathlib import Path

from request_overhead import HERE, prepare
from side_by_side import Child, Sink, best, children

TARGET = 1.1
BATCH = 512
CALLERS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--bursts", type=int, default=10, help=f"of {BATCH} records, how many make a round")
    options = parser.parse_args()
    print(f"the least of {options.rounds} interleaved rounds of {options.bursts} x {BATCH} records")
    sinks = {"stock": Sink(), "affidavit": Sink()}
    report(measure(sinks, options.rounds, options.bursts), sinks)
    for sink in sinks.values():
        sink.close()


def measure(sinks: dict[str, Sink], rounds: int, bursts: int) -> dict[str, float]:
    """CPU microseconds a record, by mode."""
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in sinks}
    with tempfile.TemporaryDirectory() as directory:
        environ, bearers = prepare(Path(directory), sinks["affidavit"].endpoint, CALLERS)
        modes = {
            "stock": Child(
                HERE / "measured_pipeline.py",
                ["stock", sinks["stock"].endpoint, str(BATCH), *(f"person-{number}" for number in range(CALLERS))],
                environ,
            ),
            "affidavit": Child(
                HERE / "measured_pipeline.py",
                ["affidavit", sinks["affidavit"].endpoint, str(BATCH), *bearers],
                environ,
            ),
        }
        with children(modes):
            for _ in range(1 + rounds):
                for _ in range(bursts):
                    for name, mode in modes.items():
                        mode.ask("emit")
                        sinks[name].wait_for(BATCH)
                for name, mode in modes.items():
                    measured[name].append(mode.ask("cost"))
    return {name: best(numbers[1:])["us"] for name, numbers in measured.items()}  # the first round warms up


def report(measured: dict[str, float], sinks: dict[str, Sink]) -> None:
    print(f"{'':12} {'CPU us':>8} {'ratio':>7} {'bytes':>16} {'gzipped':>8}")
    for name, us in measured.items():
        batches = [body for count, body in sinks[name].batches if count == BATCH]
        raw, packed = (
            sum(map(len, bodies)) / (BATCH * len(batches) or 1)
            for bodies in (batches, [gzip.compress(body, 6) for body in batches])
        )
        ratio = f"{us / measured['stock']:.2f} x"
        row = f"{name:12} {us:8.1f} {ratio:>7} {raw:16.0f} {packed:8.0f}"
        print(row + (f"   at most {TARGET} x" if name == "affidavit" else ""))


if __name__ == "__main__":
    main()
