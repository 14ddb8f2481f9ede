"""The command line, ``affidavit <command>``: one file a command, loaded when it is asked for.

A command's module offers ``add_parser(subparsers)`` and ``run(args) -> int``, the exit code. It loads what it needs
inside ``run``, so that ``--help`` and ``verify`` stay free of OpenTelemetry. A new command is a file and a name here.

Whatever a command cannot do it says in one line on standard error. 2 is a usage error, as in argparse.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from typing import TYPE_CHECKING

from affidavit import __version__
from affidavit.errors import AffidavitError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

COMMANDS = ("verify", "keys", "doctor", "demo")
"""In the order of the help text."""

USAGE_ERROR = 2
_INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (by default the process's arguments) names, and return its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    modules = _load_modules(arguments)
    args = _make_parser(modules).parse_args(arguments)
    try:
        code: int = modules[args.command].run(args)
        sys.stdout.flush()
    except AffidavitError as error:
        sys.stderr.write(f"affidavit {args.command}: {error}\n")
        return USAGE_ERROR
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return USAGE_ERROR
    except OSError as error:  # a disk that is full, a descriptor that cannot be had
        sys.stderr.write(f"affidavit {args.command}: cannot go on: {error}\n")
        return USAGE_ERROR
    return code


def _load_modules(arguments: Sequence[str]) -> dict[str, ModuleType]:
    """The one command that is asked for, else all of them: the help text shows them."""
    asked = arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS
    paths = {name: f"{__name__}.{name}" for name in asked}
    return {name: importlib.import_module(path) for name, path in paths.items() if importlib.util.find_spec(path)}


def _make_parser(modules: dict[str, ModuleType]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="affidavit", description="Verified identity on every span, a sealed audit record of every request."
    )
    parser.add_argument("--version", action="version", version=f"affidavit {__version__}")
    subparsers = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)
    for module in modules.values():
        module.add_parser(subparsers)
    return parser


def _forget_stdout() -> None:
    # The reader has gone (``| head``). Python flushes once more at exit: give it something that takes the bytes.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
