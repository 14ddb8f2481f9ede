"""One file, many writers, whole lines."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from batches import BATCH, RESOURCE, record
from waiting import until

from affidavit.errors import ExportError
from affidavit.export.file import FileExporter
from affidavit.export.otlp_json import encode_line

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE = encode_line(RESOURCE, BATCH, "0.1.0")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def export(path: Path) -> None:
    """One batch, by an exporter of its own."""
    FileExporter(str(path), "0.1.0").export(RESOURCE, BATCH)


def refused(path: Path) -> str:
    with pytest.raises(ExportError) as raised:
        export(path)
    return str(raised.value)


def test_each_batch_is_a_line_in_a_file_for_its_owner_alone(path: Path) -> None:
    exporter = FileExporter(str(path), "0.1.0")
    exporter.export(RESOURCE, BATCH)
    exporter.export(RESOURCE, BATCH)
    exporter.close()
    assert path.read_bytes() == LINE + LINE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_keeps_its_lines_and_its_mode(path: Path) -> None:
    path.write_bytes(b'{"resourceLogs":[]}\n')
    path.chmod(0o640)
    export(path)
    assert path.read_bytes() == b'{"resourceLogs":[]}\n' + LINE
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_relative_path_stays_where_it_was_given(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    exporter = FileExporter(path.name, "0.1.0")
    monkeypatch.chdir("/")
    exporter.export(RESOURCE, BATCH)
    assert path.read_bytes() == LINE


class TestTornLine:
    """A writer that was killed in the middle of a line."""

    @pytest.mark.parametrize("before", [b"", LINE])
    @pytest.mark.parametrize("written", [1, 10, 200, len(LINE) - 1])
    def test_it_is_cut_off_by_the_next_writer(self, path: Path, before: bytes, written: int) -> None:
        path.write_bytes(before + LINE[:written])
        export(path)
        assert path.read_bytes() == before + LINE

    def test_it_may_be_longer_than_a_block(self, path: Path) -> None:
        torn = encode_line(RESOURCE, (record(statement="s" * 300_000),), "0.1.0")[:-1]
        path.write_bytes(LINE + torn)
        export(path)
        assert path.read_bytes() == LINE + LINE

    @pytest.mark.parametrize("tail", [b"x", b'{"resourceSpans":[', b"\x00" * 100, b"notes " * 50_000])
    def test_what_is_no_line_of_ours_is_left_as_it_is(self, path: Path, tail: bytes) -> None:
        """Somebody named the wrong file: nothing of it is lost."""
        path.write_bytes(LINE + tail)
        assert refused(path) == (
            f"{path} ends, from byte {len(LINE)} on, in a torn line of another writer: "
            "end it by a newline, or move the file"
        )
        assert path.read_bytes() == LINE + tail


class TestRotation:
    """Somebody else moves the file while we write."""

    @pytest.mark.parametrize("how", ["rename", "delete", "replace", "truncate"])
    def test_between_two_batches(self, path: Path, how: str) -> None:
        exporter = FileExporter(str(path), "0.1.0")
        exporter.export(RESOURCE, BATCH)
        if how == "rename":
            path.rename(path.with_suffix(".1"))
        elif how == "delete":
            path.unlink()
        elif how == "replace":
            path.with_suffix(".new").touch()
            path.with_suffix(".new").replace(path)
        else:
            path.write_bytes(b"")
        exporter.export(RESOURCE, BATCH)
        assert path.read_bytes() == LINE

    def test_while_a_writer_waits_for_the_lock(self, path: Path) -> None:
        old = path.with_suffix(".1")
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            writer = threading.Thread(target=export, args=(path,))
            writer.start()
            wait_until_blocked(path)
            path.rename(old)
        writer.join(10)
        assert (old.read_bytes(), path.read_bytes()) == (b"", LINE)


def wait_until_blocked(path: Path) -> None:
    """Until somebody waits for the lock of `path`: the kernel lists waiters with an arrow."""
    inode = f":{path.stat().st_ino} "
    until(lambda: any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines()))


class TestNoSpace:
    """A batch that does not fit leaves nothing, and fits later."""

    def test_on_a_full_disk(self, path: Path) -> None:
        path.parent.joinpath("disk").mkdir()
        with tmpfs(path.parent / "disk", size=16_384) as disk:
            audit = disk / "audit.jsonl"
            export(audit)
            ballast = disk / "ballast"
            ballast.write_bytes(b"x" * 8_192)
            large = (record(statement="s" * 12_000),)
            with pytest.raises(ExportError) as raised:
                FileExporter(str(audit), "0.1.0").export(RESOURCE, large)
            assert str(raised.value) == f"{audit} cannot be written: No space left on device"
            assert audit.read_bytes() == LINE
            ballast.unlink()
            FileExporter(str(audit), "0.1.0").export(RESOURCE, large)
            assert audit.read_bytes() == LINE + encode_line(RESOURCE, large, "0.1.0")

    def test_at_a_limit_in_the_middle_of_a_line(self, path: Path) -> None:
        """The first write is short, the second fails."""
        export(path)
        with largest_file(len(LINE) + 100):
            message = refused(path)
        assert message == f"{path} cannot be written: File too large"
        assert path.read_bytes() == LINE


@contextmanager
def tmpfs(directory: Path, size: int) -> Iterator[Path]:
    """A file system of `size` bytes in the block; skips the test where none may be mounted."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "affidavit", str(directory)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system cannot be mounted here")
    try:
        yield directory
    finally:
        subprocess.run(["umount", str(directory)], check=True)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


class TestPathsThatCannotBe:
    """Each is named, with what is wrong."""

    def test_a_directory_that_is_missing(self, path: Path) -> None:
        missing = path.parent / "logs" / "audit.jsonl"
        assert refused(missing) == f"{missing} cannot be written: the directory {missing.parent} does not exist"

    def test_a_directory_in_place_of_the_file(self, tmp_path: Path) -> None:
        assert refused(tmp_path) == f"{tmp_path} cannot be written: Is a directory"

    def test_a_pipe_or_a_device(self, path: Path) -> None:
        os.mkfifo(path)
        assert refused(path) == f"{path} is not a regular file"
        assert refused(Path("/dev/null")) == "/dev/null is not a regular file"


WRITER = """
import sys
from affidavit.export.file import FileExporter
from affidavit.model import LogRecord
writer, batches = int(sys.argv[2]), int(sys.argv[3])
exporter = FileExporter(sys.argv[1], "1")
sys.stdin.readline()
for batch in range(batches):
    text = str(writer) * (1 + batch * 97 % 40_000)
    exporter.export({}, (LogRecord("e", 1, 2, "", "", 9, "INFO", text, (("batch", batch),)),))
"""


def test_lines_of_several_processes_never_mix(path: Path) -> None:
    """Each writer's lines are whole and in its own order."""
    batches, writers = 400, ("1", "2", "3")
    command = [sys.executable, "-c", WRITER, str(path)]
    processes = [subprocess.Popen([*command, writer, str(batches)], stdin=subprocess.PIPE) for writer in writers]
    for process in processes:  # all at once, now that each is ready or will read it when it is
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    for process in processes:
        process.wait(60)
    assert [process.returncode for process in processes] == [0, 0, 0]
    seen: dict[str, list[int]] = {writer: [] for writer in writers}
    for line in path.read_bytes().splitlines():
        (stored,) = json.loads(line)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
        batch, text = int(stored["attributes"][0]["value"]["intValue"]), stored["body"]["stringValue"]
        assert text == text[0] * (1 + batch * 97 % 40_000)
        seen[text[0]].append(batch)
    assert seen == {writer: list(range(batches)) for writer in writers}
