"""``affidavit verify`` beside the least that a verifier can do with the standard library.

The floor parses each line, each text and each disclosure, writes text and disclosure again, and takes the two hashes:
it checks nothing. Both read the same file and take turns, each in a process of its own; of all rounds the best counts.

Two files: one whose every record is signed, as it is by default, and one that leaves all but control records to
checkpoints. A record has its endorsement, a disclosure and the copies for queries, about 4.4 KB with its share of the
line; 512 are on a line. Where PyNaCl is installed (extra ``fast``) there are rows with it and without it. Memory is the
sum over all processes at its highest, shared pages counted once (PSS), in one more round that is not timed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))

BATCH = 512
STREAM = 20_000  # records of one stream
FLOOR = "floor"
OPENSSL, LIBSODIUM = "OpenSSL", "libsodium"


class Mode(NamedTuple):
    """What takes its turn: the floor, or the verifier with so many processes and a library for Ed25519."""

    name: str
    library: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", choices=("signed", "checkpoints"), help="make and verify one of the two files")
    parser.add_argument("--work", nargs=3, metavar=("MODE", "FILE", "ARGUMENT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(*args.work)
        return
    cores = len(os.sched_getaffinity(0))
    libraries = [OPENSSL, LIBSODIUM] if importlib.util.find_spec("nacl") else [OPENSSL]
    modes = [Mode(jobs, library) for library in libraries for jobs in sorted({"1", str(cores)})]
    print(f"{args.records} records, {args.rounds} rounds, {cores} processors\n")
    print("file         verify       Ed25519       time      CPU  us a record    floor   memory")
    with tempfile.TemporaryDirectory() as folder:
        for name in [args.only] if args.only else ["signed", "checkpoints"]:
            path = Path(folder) / f"{name}.jsonl"
            subprocess.run(command("make", path, args.records), check=True)
            best = measure(path, [Mode(FLOOR, OPENSSL), *modes], args.rounds)
            for line in format_rows(name, args.records, best):
                print(line, flush=True)
            path.unlink()


def format_rows(name: str, records: int, best: dict[Mode, dict[str, float]]) -> Iterator[str]:
    floor = best.pop(Mode(FLOOR, OPENSSL))
    for (jobs, library), found in best.items():
        word = "1 process" if jobs == "1" else f"{jobs} processes"
        time_x, cpu_x = found["wall"] / floor["wall"], found["cpu"] / floor["cpu"]
        each, least = found["wall"] / records * 1e6, floor["wall"] / records * 1e6
        memory_mb = found["memory"] / 1e6
        start = f"{name:<12} {word:<12} {library:<9} {time_x:>7.2f}x {cpu_x:>7.2f}x"
        yield f"{start} {each:>12.1f} {least:>8.1f} {memory_mb:>5.0f} MB"


def make_file(path: Path, records: int, *, signed: bool) -> None:
    """Streams one after the other, each with its checkpoints and its end."""
    from support.streams import SpoolRoot, jwks, otlp_lines

    root = SpoolRoot()
    path.with_name("keys.json").write_text(jwks(root.identity))
    with path.open("wb") as file:
        while records > 0:
            stream = root.stream(signed=signed)
            while len(stream.records) < min(records, STREAM) - 1:
                number = len(stream.records)
                stream.checkpoint() if number % BATCH == 0 else stream.request(
                    f"user-{number}", path=f"/orders/{number}"
                )
            stream.end()
            file.write(otlp_lines(stream.records, batch=BATCH))
            records -= len(stream.records)


def command(mode: str, path: Path, argument: object) -> list[str]:
    """What starts a process of its own for `mode`."""
    return [sys.executable, str(HERE), "--work", mode, str(path), str(argument)]


def measure(path: Path, modes: list[Mode], rounds: int) -> dict[Mode, dict[str, float]]:
    best: dict[Mode, dict[str, float]] = {}
    keys = path.with_name("keys.json")
    for _ in range(rounds):
        for mode in modes:
            arguments, environment = command(mode.name, path, keys), environment_of(mode, path.parent)
            output = subprocess.run(arguments, env=environment, check=True, stdout=subprocess.PIPE).stdout
            found = json.loads(output)
            if found["library"] != mode.library:
                raise SystemExit(f"verified with {found['library']}, not {mode.library}")
            if mode not in best or found["wall"] < best[mode]["wall"]:
                best[mode] = found
    for mode in modes:
        best[mode]["memory"] = watch_memory(command(mode.name, path, keys), environment_of(mode, path.parent))
    return best


def environment_of(mode: Mode, folder: Path) -> dict[str, str]:
    """The environment of `mode`; without libsodium, PyNaCl cannot be imported in it, by whatever process it starts."""
    if mode.library == LIBSODIUM:
        return dict(os.environ)
    hidden = folder / "hidden"
    hidden.mkdir(exist_ok=True)
    (hidden / "nacl.py").write_text("raise ImportError\n")
    others = [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(hidden), *others])}


def watch_memory(arguments: list[str], environment: dict[str, str]) -> int:
    """The most bytes that a process and its children held together."""
    most = 0
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(map(proportional_bytes, [process.pid, *children(process.pid)])))
            time.sleep(0.02)
    return most


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:  # it has ended
        return []


def proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # likewise
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def work(mode: str, path: str, argument: str) -> None:
    """One round: what it took, as JSON. Or make the file."""
    if mode == "make":
        make_file(Path(path), int(argument), signed=Path(path).stem == "signed")
        return
    if mode == FLOOR:
        start = time.perf_counter()
        take_floor(path)
    else:
        from affidavit.ledger.demands import Demands
        from affidavit.ledger.report import Verdict
        from affidavit.ledger.trust import parse_jwks
        from affidavit.readers.verification import verify_files

        trusted = parse_jwks(Path(argument).read_bytes())
        start = time.perf_counter()
        report = verify_files([path], trusted, Demands(is_closed=True), jobs=int(mode))
        if report.verdict is not Verdict.VERIFIED:
            raise SystemExit(f"{report.verdict.word}: {report.findings[:3]}")
    wall = time.perf_counter() - start
    from affidavit.ledger import ed25519

    library = LIBSODIUM if ed25519._load_libsodium() else OPENSSL
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    print(json.dumps({"wall": wall, "cpu": cpu, "library": library}))


def take_floor(path: str) -> None:
    with Path(path).open("rb") as file:
        for line in file:
            for resource_logs in json.loads(line)["resourceLogs"]:
                for scope_logs in resource_logs["scopeLogs"]:
                    for record in scope_logs["logRecords"]:
                        attributes = {item["key"]: item["value"].get("stringValue") for item in record["attributes"]}
                        take_text(attributes["affidavit.statement"], b"\x00")
                        if "affidavit.disclosures" in attributes:
                            take_text(attributes["affidavit.disclosures"], b"\x02")


def take_text(text: str, kind: bytes) -> None:
    again = json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    hashlib.sha256(kind + again.encode()).hexdigest()


if __name__ == "__main__":
    main()
