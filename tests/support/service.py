"""A real server under ``opentelemetry-instrument``, on a port of its own choosing, gone when the block ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

APPS = Path(__file__).parent.parent / "e2e" / "apps"
BIN = Path(sys.executable).parent
_RUNNING = re.compile(r"(?:Running on|running on|Listening at:) (http://127\.0\.0\.1:\d+)")
_START_S = 60.0
_STOP_S = 20.0


class Service:
    """A running server: its address, its output so far, and ways to end it."""

    def __init__(self, command: list[str], environ: Mapping[str, str], cwd: Path) -> None:
        self.process = subprocess.Popen(
            [str(BIN / command[0]), *command[1:]],
            env={**_clean_environ(), **environ},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.url = ""
        self._lines: list[str] = []
        self._is_up = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._is_up.wait(_START_S) or not self.url:
            self.kill()
            raise AssertionError(f"{command} did not start:\n{self.output}")

    @property
    def output(self) -> str:
        """What it has written so far, standard error included."""
        return "".join(self._lines)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it in an orderly way; its exit code."""
        self.process.send_signal(how)
        self.process.wait(_STOP_S)
        self.kill()
        return self.process.returncode

    def kill(self) -> None:
        """End it and all its children with SIGKILL."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(_STOP_S)
        self._reader.join(_STOP_S)
        self.process.stdout.close()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._lines.append(line)
            if found := _RUNNING.search(line):
                self.url = found[1]
                self._is_up.set()
        self._is_up.set()


@contextmanager
def running(command: list[str], environ: Mapping[str, str], cwd: Path = APPS) -> Iterator[Service]:
    """Run `command` under ``opentelemetry-instrument`` for the block; at its end SIGTERM, unless it is gone already."""
    service = Service(["opentelemetry-instrument", *command], environ, cwd)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.stop()
        else:
            service.kill()


def _clean_environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "AFFIDAVIT_"))}
    return {**kept, "PYTHONUNBUFFERED": "1", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


FLASK = ["flask", "--app", "flask_app", "run", "--port", "0"]
UVICORN = ["uvicorn", "fastapi_app:app", "--port", "0", "--no-proxy-headers"]
QUIET = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
"""OpenTelemetry set up, its own signals exported nowhere."""
