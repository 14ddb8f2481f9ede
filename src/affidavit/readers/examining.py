"""Chunks of lines into rows: in this process, and in several at a time if there is enough to do.

A process takes as long to start as some 5 MB of records to examine, so a few records are examined here alone. With
others at work this one hands them chunks, and examines the next one itself rather than wait. Processes are spawned,
never forked: whoever calls may have threads. Outcomes come back in the order of the chunks, and only so many chunks are
under way that memory stays bounded.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from affidavit.errors import MalformedError, ReadError
from affidavit.ledger import rows
from affidavit.ledger.examine import Examiner
from affidavit.ledger.report import Kind
from affidavit.ledger.rows import Place
from affidavit.readers.otlp_json import parse_line
from affidavit.readers.sources import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from affidavit.readers.chunks import Chunk

WORTH_SHARING_BYTES = 16 * 1024 * 1024  # so much or less, and starting other processes takes longer than it saves
_MOST_UNDER_WAY = 64  # chunks, most of them examined, that wait for the one before them


class Outcome(NamedTuple):
    """What came of one chunk."""

    rows: list[bytes]
    foreign: int
    newest_ns: int
    """The newest time in a record that carries a good signature; 0 if there is none."""
    size: int
    """Bytes of the chunk."""


def examine_chunks(
    chunks: Iterable[Chunk], trusted: frozenset[str], jobs: int, *, alone_bytes: int = WORTH_SHARING_BYTES
) -> Iterator[Outcome]:
    """The outcomes of `chunks`, in order, by up to `jobs` processes once more than `alone_bytes` are examined.

    Raises:
        ReadError: A process died, or a file is not the same any more.
    """
    chunks = iter(chunks)
    examiner = Examiner(trusted)
    examined = 0
    for chunk in chunks:
        examined += chunk.size
        if jobs > 1 and examined > alone_bytes:
            yield from _examine_together(chain([chunk], chunks), examiner, trusted, jobs - 1)
            return
        yield examine_chunk(examiner, chunk)


def examine_chunk(examiner: Examiner, chunk: Chunk) -> Outcome:
    """The rows of every record in `chunk`, and of every line that is none."""
    with _without_collector():
        return _examine_chunk(examiner, chunk)


@contextmanager
def _without_collector() -> Iterator[None]:
    # A batch of records is tens of thousands of containers and no cycle: looking for one takes a tenth of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _examine_chunk(examiner: Examiner, chunk: Chunk) -> Outcome:
    made: list[bytes] = []
    foreign = 0
    for number, line in enumerate(chunk.lines, chunk.first):
        place = Place(chunk.file, number)
        if line is None:
            made.append(rows.pack_finding(Kind.TOO_LONG, "a line that is too long to be read", place))
            continue
        if line.isspace():
            continue
        try:
            parsed = parse_line(line)
        except MalformedError as error:
            made.append(_refuse(line, error, place))
            continue
        foreign += parsed.foreign
        for record in parsed.records:
            made += examiner.examine(record, place)
    return Outcome(made, foreign, max(map(rows.signed_time, made), default=0), chunk.size)


def _refuse(line: bytes, error: MalformedError, place: Place) -> bytes:
    if line.endswith(b"\n"):
        return rows.pack_finding(Kind.UNREADABLE, str(error), place)
    return rows.pack_finding(Kind.CUT_OFF, "the file ends within this line", place)


def _examine_together(
    chunks: Iterable[Chunk], examiner: Examiner, trusted: frozenset[str], others: int
) -> Iterator[Outcome]:
    """By `others` processes and by this one, which hands out a chunk to work on and one in reserve for each of them."""
    context = multiprocessing.get_context("spawn")
    under_way: deque[Future[Outcome]] = deque()
    with ProcessPoolExecutor(others, context, _start_worker, (trusted,)) as pool:
        try:
            for chunk in chunks:
                if sum(not future.done() for future in under_way) < 2 * others + 1:
                    under_way.append(pool.submit(_work, _lighten(chunk)))
                else:
                    under_way.append(_completed(examine_chunk(examiner, chunk)))
                while under_way and (under_way[0].done() or len(under_way) > _MOST_UNDER_WAY):
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool:
            raise ReadError("one of the processes at work has died; try --jobs 1") from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _completed(outcome: Outcome) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(outcome)
    return future


_examiners: list[Examiner] = []  # in a worker: its one examiner


def _start_worker(trusted: frozenset[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that reads
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _examiners.append(Examiner(trusted))


def _die_with_parent() -> None:
    # Each worker holds both ends of the queue that it waits for, so nothing else tells it that the reader was killed.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _lighten(chunk: Chunk) -> Chunk:
    """`chunk` as it travels: without its lines, if they can be read where it arrives."""
    return chunk if chunk.source is None or None in chunk.lines else chunk._replace(lines=[])


def _work(chunk: Chunk) -> Outcome:
    if chunk.source is not None and not chunk.lines:
        chunk = chunk._replace(lines=read_lines(chunk.source, chunk.start, chunk.size))
    return examine_chunk(_examiners[0], chunk)
