"""The commands in the READMEs, executed as they stand: what a person copies from there works.

A block that ends by starting a service runs until the next block that verifies: there the reader presses Ctrl-C.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import people
import pytest
from audit_file import requests
from service import Service, _clean_environ

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
_SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STOP_S = 20.0


def shell_blocks(readme: Path) -> list[str]:
    return _SHELL_BLOCK.findall(readme.read_text())


def run(commands: str, directory: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(
        ["/bin/sh", "-euc", commands],
        cwd=directory,
        env={**_clean_environ(), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def serving(commands: str, directory: Path, environ: dict[str, str]) -> Iterator[Service]:
    """A service started by the last of `commands`, until the Ctrl-C at the end of the block."""
    service = Service(["/bin/sh", "-euc", commands], environ, directory)
    try:
        yield service
        os.killpg(service.process.pid, signal.SIGINT)
        service._reader.join(_STOP_S)  # the shell may be gone before the service, which then still ships
    finally:
        service.kill()


def starts_a_service(commands: str) -> bool:
    return commands.splitlines()[-1].startswith("opentelemetry-instrument")


def follow(blocks: list[str], directory: Path, environ: dict[str, str]) -> str:
    """Run `blocks` in order; what the last one says."""
    said = ""
    with ExitStack() as running:
        for commands in blocks:
            if "affidavit verify" in commands:
                running.close()
            if starts_a_service(commands):
                running.enter_context(serving(commands, directory, environ))
            else:
                said = run(commands, directory, environ)
    return said


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("name", ["flask", "fastapi"])
def test_an_examples_commands_end_in_verified_records(name, tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    directory = tmp_path / "examples" / name
    environ = {"PORT": str(free_port()), "XDG_STATE_HOME": str(tmp_path / "state")}

    said = follow(shell_blocks(directory / "README.md"), directory, environ)

    assert [record.body for record in requests(directory / "audit.jsonl")] == [
        "alice GET /orders/17 200 success",
        "alice POST /orders 201 success",
        "anonymous DELETE /orders/17 403 failure",
        "anonymous GET /orders/17 200 success [malformed]",
    ]
    sentences, verdict = said.splitlines()[:-1], said.splitlines()[-1]
    assert '"body":{"stringValue":"alice GET /orders/17 200 success' in sentences
    assert "verified" in verdict


def test_the_readmes_own_commands_end_in_verified_records(tmp_path):
    (commands,) = (block for block in shell_blocks(ROOT / "README.md") if "opentelemetry-instrument flask" in block)
    lines = commands.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("opentelemetry-instrument"))
    assert lines[0].startswith("pip install ")  # the packages are here already
    shutil.copy(ROOT / "examples" / "flask" / "app.py", tmp_path)
    issuer = people.Issuer()
    environ = {
        "AFFIDAVIT_JWKS_FILE": str(issuer.write_jwks(tmp_path / "jwks.json")),
        "FLASK_RUN_PORT": "0",
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
    }

    with serving("\n".join(lines[1 : start + 1]), tmp_path, environ) as service:
        assert httpx.get(f"{service.url}/orders/17", headers=issuer.bearer("alice")).status_code == 200
        assert httpx.get(f"{service.url}/orders/17").status_code == 200
    said = run("\n".join(lines[start + 1 :]), tmp_path, environ)

    assert [record.body for record in requests(tmp_path / "audit.jsonl")] == [
        "alice GET /orders/17 200 success",
        "anonymous GET /orders/17 200 success",
    ]
    assert "verified" in said
