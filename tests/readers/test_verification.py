"""From files to a report: whatever the files are, and however many processes read them."""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from affidavit.errors import ReadError
from affidavit.ledger.demands import Demands
from affidavit.ledger.examine import Examiner
from affidavit.readers import chunks, verification
from affidavit.readers.chunks import read_chunks
from affidavit.readers.examining import examine_chunk, examine_chunks
from affidavit.readers.sources import locate
from affidavit.readers.verification import verify_files
from support.streams import SpoolRoot, otlp_lines
from support.verdicts import TRUSTED, said
from support.waiting import until


def stream(requests=5):
    made = SpoolRoot().stream()
    for number in range(requests):
        made.request(f"user-{number}")
    made.end()
    return made


def verify(*paths, **options):
    return verify_files([str(path) for path in paths], TRUSTED, Demands(is_closed=True), **options)


@pytest.fixture
def write(tmp_path):
    def write(content, name="audit.jsonl"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def test_a_whole_file(write):
    report = verify(write(otlp_lines(stream().records)))
    assert said(report) == ("verified", [])


def test_pieces_of_a_stream_in_several_files_in_any_order(write):
    records = stream().records
    last, first = write(otlp_lines(records[4:]), "b"), write(otlp_lines(records[:4]), "a")
    assert said(verify(last, first)) == ("verified", [])


def test_a_finding_names_its_file_and_line(write):
    records = stream().records
    one, two = write(otlp_lines(records[:3], batch=1), "a"), write(otlp_lines(records[4:], batch=1), "b")
    [finding] = verify(one, two).findings
    assert (finding.kind.value, finding.number, finding.path, finding.line) == ("gap", 4, str(two), 1)


def test_standard_input(monkeypatch):
    content = otlp_lines(stream().records)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert said(verify("-")) == ("verified", [])


def test_a_line_among_others_that_is_none(write):
    lines = otlp_lines(stream().records, batch=2).splitlines(keepends=True)
    report = verify(write(b"".join([lines[0], b"\x00\x1f\x8b garbage\n", b"\n", *lines[1:]])))
    assert said(report) == ("tampered", [("unreadable", 0)])
    assert report.findings[0].line == 2


def test_a_file_that_ends_within_a_line(write):
    content = otlp_lines(stream().records, batch=2)
    report = verify_files([str(write(content[:-50]))], TRUSTED, Demands())
    assert said(report) == ("incomplete", [("cut off", 0)])


def test_a_last_line_without_its_newline_is_whole(write):
    assert said(verify(write(otlp_lines(stream().records).rstrip(b"\n")))) == ("verified", [])


@pytest.mark.parametrize("content", [bytes(range(256)) * 100, b"\x1f\x8b\x08" + os.urandom(1000), b"hello\n" * 1000])
def test_a_file_of_another_kind_is_one_finding(write, content):
    assert said(verify(write(content))) == ("unverifiable", [("not OTLP JSON", 0)])


def test_does_not_spoil_what_the_other_files_say_but_the_verdict(write):
    report = verify(write(otlp_lines(stream().records), "a"), write(b"PK\x03\x04", "b"))
    assert said(report) == ("unverifiable", [("not OTLP JSON", 0)])
    assert report.streams[0].verdict.word == "verified"


def test_a_line_that_is_too_long(write, monkeypatch):
    monkeypatch.setattr(chunks, "MAX_LINE_BYTES", 3000)
    lines = otlp_lines(stream().records, batch=1).splitlines(keepends=True)
    report = verify_files([str(write(b"".join(lines)))], TRUSTED, Demands(is_subset=True))
    assert {finding.kind.value for finding in report.findings} == {"too long"}


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"resourceLogs":[]}\n', b'{"resourceSpans":[]}\n'])
def test_a_file_without_records(write, content):
    assert said(verify(write(content))) == ("unverifiable", [("no records", 0)])


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ReadError, match=r"cannot read .*nothing\.jsonl: No such file or directory"):
        verify(tmp_path / "nothing.jsonl")


def test_a_directory(tmp_path):
    with pytest.raises(ReadError, match="Is a directory"):
        verify(tmp_path)


def test_progress_is_told_in_bytes(write):
    content = otlp_lines(stream().records)
    told = []
    verify(write(content), advance=told.append)
    assert sum(told) == len(content)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_done_to_a_file_there_is_a_report(tmp_path, data):
    content = CONTENT
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.one_of(st.just(start), st.integers(start, min(len(content), start + 300))))
        content = content[:start] + data.draw(st.one_of(st.binary(max_size=9), FRAGMENTS)) + content[end:]
    path = tmp_path / "audit.jsonl"
    path.write_bytes(content)
    report = verify_files([str(path)], TRUSTED, Demands())
    assert report.verdict.word in {"verified", "tampered", "incomplete", "unverifiable"}
    assert sum(report.found.values()) == len(report.findings)


CONTENT = otlp_lines(stream(3).records, batch=2)
FRAGMENTS = st.sampled_from([b"null", b"[]", b"{}", b'"', b"\n", b"1e999", b"-0", b'\\"', b"\\ud800", CONTENT[:2000]])


def test_several_processes_find_the_same_as_one():
    content = otlp_lines(stream(40).records, batch=3).replace(b"user-7", b"user-8") + b"garbage\n"
    alone = [examine_chunk(Examiner(TRUSTED), chunk) for chunk in read_chunks(io.BytesIO(content), 0, chunk_bytes=9000)]
    together = examine_chunks(read_chunks(io.BytesIO(content), 0, chunk_bytes=9000), TRUSTED, 2, alone_bytes=20_000)
    assert list(together) == alone
    assert len(alone) > 10


def test_two_processes_report_the_same_of_large_files(write, monkeypatch):
    monkeypatch.setattr(verification, "WORTH_SHARING_BYTES", 20_000)
    content = otlp_lines(stream(40).records, batch=3)
    whole, damaged = write(content, "a"), write(content.replace(b"user-7", b"user-8")[:-50], "b")
    assert verify(whole, damaged, jobs=2) == verify(whole, damaged)
    assert said(verify(whole, jobs=2)) == ("verified", [])


def test_a_file_that_others_read_for_themselves_is_the_same_file(write, monkeypatch):
    content = otlp_lines(stream(40).records, batch=3).replace(b"user-7", b"user-8") + b"garbage"
    longest = max(map(len, content.splitlines()))
    content = content.replace(b"\n", b"\n" + b"x" * 2 * longest + b"\n", 1)
    monkeypatch.setattr(chunks, "MAX_LINE_BYTES", longest + 1)
    path = write(content)
    with path.open("rb") as file:
        source = locate(file, str(path))
        read = list(read_chunks(file, 0, chunk_bytes=9000, source=source))
    together = examine_chunks(read, TRUSTED, 3, alone_bytes=0)
    assert list(together) == [examine_chunk(Examiner(TRUSTED), chunk) for chunk in read]
    assert {chunk.source for chunk in read} == {source}


def test_a_file_that_is_cut_meanwhile_is_an_error(write):
    path = write(otlp_lines(stream(20).records, batch=1))
    with path.open("rb") as file:
        read = list(read_chunks(file, 0, chunk_bytes=5000, source=locate(file, str(path))))
    path.write_bytes(b"")
    with pytest.raises(ReadError, match="was replaced or cut while it was read"):
        list(examine_chunks(read, TRUSTED, 2, alone_bytes=0))


def test_a_reader_that_gives_up_leaves_no_process_behind():
    content = otlp_lines(stream(20).records, batch=1)
    outcomes = examine_chunks(read_chunks(io.BytesIO(content), 0, chunk_bytes=5000), TRUSTED, 2, alone_bytes=0)
    next(outcomes)
    outcomes.close()
    assert multiprocessing.active_children() == []


ENDLESS = """
import itertools, multiprocessing, sys
from affidavit.readers.chunks import Chunk
from affidavit.readers.examining import examine_chunks
if __name__ == "__main__":
    for outcome in examine_chunks(itertools.repeat(Chunk(0, 1, [b"{}"], 2)), frozenset(), 3, alone_bytes=0):
        print(*[child.pid for child in multiprocessing.active_children()], flush=True)
        sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="it asks the kernel which processes there are")
def test_a_reader_that_is_killed_leaves_no_process_behind(tmp_path):
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS)
    with subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        workers = process.stdout.readline().decode().split()
        process.kill()
    assert len(workers) == 2
    until(lambda: not any(map(is_running, workers)))


def is_running(pid):
    try:
        return (
            "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
        )  # a zombie waits for init, and works no more
    except OSError:
        return False


def test_the_collector_of_garbage_is_as_it_was():
    [chunk] = read_chunks(io.BytesIO(otlp_lines(stream().records)), 0)
    gc.disable()
    try:
        examine_chunk(Examiner(TRUSTED), chunk)
        assert not gc.isenabled()
    finally:
        gc.enable()
    examine_chunk(Examiner(TRUSTED), chunk)
    assert gc.isenabled()
