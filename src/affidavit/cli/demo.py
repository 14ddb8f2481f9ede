"""``affidavit demo``: the main job on this machine in a few seconds, without a network, leaving nothing behind."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

_EXTRA = {
    "flask": "flask",
    "opentelemetry-distro": "opentelemetry.distro",
    "opentelemetry-instrumentation-flask": "opentelemetry.instrumentation.flask",
}
_FAILED, _USAGE = 1, 2
# Settings of the person's own shell would make another story; a proxy has no business between loopback and loopback.
_FOREIGN = ("AFFIDAVIT_", "OTEL_", "FLASK_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Offer the command."""
    text = "See it work: an issuer, a service, good and bad requests, their records, verification."
    subparsers.add_parser("demo", help="see it work, on this machine, in a few seconds", description=text)


def run(args: argparse.Namespace) -> int:  # noqa: ARG001  # the command takes no arguments
    """Tell the story on standard output; 0 if all went as told, 1 if not, 2 if the extra is not installed."""
    missing = [name for name, module in _EXTRA.items() if not _is_installed(module)]
    if missing:
        sys.stderr.write(f"affidavit demo: needs {', '.join(missing)}: pip install 'affidavit[demo]'\n")
        return _USAGE
    from affidavit.demo.screen import Screen
    from affidavit.demo.server import DemoError
    from affidavit.demo.stage import Stage
    from affidavit.demo.story import tell

    with _ending_in_order(), TemporaryDirectory(prefix="affidavit-demo-") as name:
        directory = Path(name)
        stage = Stage(
            Screen(sys.stdout),
            directory,
            _service_environ(os.environ),
            time.time,
            lambda arguments: _run_command(arguments, directory),
        )
        try:
            tell(stage)
        except DemoError as error:
            sys.stderr.write(f"affidavit demo: {error}\n")
            return _FAILED
    return 0


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def _service_environ(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if not name.upper().startswith(_FOREIGN)}
    path = os.pathsep.join(filter(None, (str(Path(sys.executable).parent), environ.get("PATH"))))
    return {**kept, "PATH": path, "PYTHONUNBUFFERED": "1"}


def _run_command(arguments: Sequence[str], directory: Path) -> tuple[int, str]:
    """Run another command of ours in `directory`; its exit code and all that it said."""
    from affidavit.cli import main

    said = io.StringIO()
    with _inside(directory), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(arguments)
    return code, said.getvalue()


@contextlib.contextmanager
def _inside(directory: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let SIGTERM, and a terminal that goes away, end the block as Ctrl-C does: with everything put away."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
