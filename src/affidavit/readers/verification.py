"""From files to a report: read, examine, sort, judge. Memory does not grow with the files, but for a line a stream."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from affidavit.errors import ReadError
from affidavit.ledger import rows
from affidavit.ledger.report import Kind
from affidavit.ledger.rows import Place
from affidavit.ledger.verify import judge
from affidavit.readers.chunks import CHUNK_BYTES, Chunk, read_chunks
from affidavit.readers.examining import WORTH_SHARING_BYTES, examine_chunks
from affidavit.readers.sorting import Sorter
from affidavit.readers.sources import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from affidavit.ledger.demands import Demands
    from affidavit.ledger.report import Report

STDIN = "-"
LISTED_FINDINGS = 1000


def verify_files(
    paths: Sequence[str],
    trusted: frozenset[str],
    demands: Demands,
    *,
    jobs: int = 1,
    advance: Callable[[int], object] = int,
) -> Report:
    """Verify the OTLP JSON lines in `paths` (``-`` is standard input) as one collection of records.

    `trusted` are the thumbprints of the pinned identity keys, `jobs` how many processes may work, and `advance` is told
    how many bytes were examined, chunk by chunk.

    Raises:
        ReadError: A file cannot be read.
    """
    with closing(Sorter()) as examined, closing(Sorter()) as spools:
        foreign = newest_ns = 0
        refused: list[bytes] = []
        for outcome in examine_chunks(_read(paths, refused), trusted, jobs, alone_bytes=_alone_bytes(paths)):
            examined.add(outcome.rows)
            foreign += outcome.foreign
            newest_ns = max(newest_ns, outcome.newest_ns)
            advance(outcome.size)
        examined.add(refused)
        return judge(
            examined, spools, demands, newest_ns=newest_ns, foreign=foreign, paths=paths, limit=LISTED_FINDINGS
        )


def _alone_bytes(paths: Sequence[str]) -> int:
    """How much to examine before other processes are started: nothing, if the files are known to be worth it."""
    known = sum(Path(path).stat().st_size for path in paths if Path(path).is_file())
    return 0 if known > WORTH_SHARING_BYTES else WORTH_SHARING_BYTES


def _read(paths: Sequence[str], refused: list[bytes]) -> Iterator[Chunk]:
    """The chunks of all files; a file that is something else leaves a row in `refused` instead."""
    for index, path in enumerate(paths):
        with _opened(path) as stream:
            source = None if path == STDIN else locate(stream, path)
            for chunk in read_chunks(stream, index, source=source):
                if chunk.first == 1 and not _is_json(chunk):
                    refused.append(rows.pack_finding(Kind.NOT_OTLP, "these are no lines of OTLP JSON", Place(index, 1)))
                    break
                yield chunk


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    try:
        with ExitStack() as stack:
            yield sys.stdin.buffer if path == STDIN else stack.enter_context(Path(path).open("rb", CHUNK_BYTES))
    except OSError as error:
        raise ReadError(f"cannot read {path}: {error.strerror or error}") from None


def _is_json(chunk: Chunk) -> bool:
    first = next((line for line in chunk.lines if line is None or not line.isspace()), None)
    return first is None or first.lstrip().startswith(b"{")
