"""The demo's service as a process of its own, really started by ``opentelemetry-instrument``, gone when the block ends.

It runs in its own session: a Ctrl-C on the terminal reaches only the demo, which then ends it. Port 0 lets the system
choose; the address is read from what the server says.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from contextlib import contextmanager
from threading import Event, Thread
from typing import IO, TYPE_CHECKING

from affidavit.errors import AffidavitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

COMMAND = ("opentelemetry-instrument", "flask", "--app", "affidavit.demo.service", "run", "--port", "0")
_RUNNING = re.compile(r"Running on (http://127\.0\.0\.1:(\d+))")
_START_S = 30.0
_STOP_S = 15.0


class DemoError(AffidavitError):
    """A part of the demo did not work."""


class Server:
    """A running service. Its two outputs are kept: spans come on the one, everything else on the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._is_up = Event()
        self.url = ""
        self.port = 0
        self.output: list[str] = []
        self.log: list[str] = []
        self._readers = [Thread(target=self._read, args=pair, daemon=True) for pair in self._pipes()]
        for reader in self._readers:
            reader.start()

    @property
    def returncode(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.returncode

    def wait(self) -> None:
        """Wait until it listens.

        Raises:
            DemoError: It does not.
        """
        if not self._is_up.wait(_START_S) or not self.port:
            raise DemoError("the service did not start")

    def stop(self) -> None:
        """End it as Ctrl-C would, so that its interpreter seals the stream's end; by force if that takes too long."""
        try:
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_STOP_S)
        finally:  # also when an impatient person interrupts the waiting
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            for reader in self._readers:
                reader.join()

    def _pipes(self) -> Iterator[tuple[IO[str], list[str]]]:
        for pipe, lines in ((self._process.stdout, self.output), (self._process.stderr, self.log)):
            if pipe is not None:
                yield pipe, lines

    def _read(self, pipe: IO[str], lines: list[str]) -> None:
        with pipe:
            for line in pipe:
                lines.append(line)
                if found := _RUNNING.search(line):
                    self.url, self.port = found[1], int(found[2])
                    self._is_up.set()
        self._is_up.set()  # it has ended: nobody needs to wait for it


@contextmanager
def serving(directory: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    """Run the service in `directory` for the block; programs are looked for along the ``PATH`` in `environ`.

    Raises:
        DemoError: It did not start; or the block's own, with what the service said.
    """
    program = shutil.which(COMMAND[0], path=environ["PATH"])
    if program is None:
        raise DemoError(f"{COMMAND[0]} is not on the PATH, which is {environ['PATH']}")
    with _hearing_interrupts():
        process = subprocess.Popen(  # noqa: S603  # our own command, no shell
            [program, *COMMAND[1:]],
            cwd=directory,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    server = Server(process)
    try:
        server.wait()
        yield server
    except DemoError as error:
        server.stop()  # it may still be speaking
        raise DemoError(f"{error}; the service said:\n{''.join(server.log)}") from None
    finally:
        server.stop()


@contextmanager
def _hearing_interrupts() -> Iterator[None]:
    """What a shell starts in its background is deaf to SIGINT, and so are its children; a handler is not inherited."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
