"""The package as a stranger gets it: its names, its wheel, what it asks for, and what importing it costs."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import affidavit

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN_TIME = PROJECT["project"]["dependencies"]
EXTRAS = [requirement for extra in PROJECT["project"]["optional-dependencies"].values() for requirement in extra]
GROUPS = PROJECT["dependency-groups"]

LOWER_BOUND = re.compile(r"(?P<name>[a-z0-9-]+)(?P<extra>\[[a-z]+\])?>=(?P<version>[0-9][0-9a-z.]*)(?P<marker> *;.*)?")
HOST = {"flask", "werkzeug", "fastapi", "starlette"}  # loaded late, where the application has loaded them itself
DISTRIBUTIONS = [
    ("jwt", "pyjwt"),
    ("nacl", "pynacl"),
    ("google.protobuf", "protobuf"),
    ("opentelemetry.sdk", "opentelemetry-sdk"),
    ("opentelemetry.proto", "opentelemetry-proto"),
    ("opentelemetry.instrumentation", "opentelemetry-instrumentation"),
    ("opentelemetry.exporter", "opentelemetry-exporter-otlp"),
    ("opentelemetry", "opentelemetry-api"),
]
AGENT = {"opentelemetry", "wrapt", "jwt", "requests", "grpc", "flask"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The wheel, built by the back end itself."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (path,) = folder.glob("*.whl")
    return zipfile.Path(path)


def modules_after(statement: str) -> set[str]:
    """The top-level names of everything that a fresh Python has loaded after `statement`."""
    code = f"{statement}; import sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def names(requirements: list[str]) -> set[str]:
    return {match["name"] for requirement in requirements if (match := LOWER_BOUND.fullmatch(requirement))}


def group(name: str) -> list[str]:
    """The requirements of a dependency group, with those of the groups that it includes (PEP 735)."""
    found: list[str] = []
    for entry in GROUPS[name]:
        found += [entry] if isinstance(entry, str) else group(entry["include-group"])
    return found


def test_these_are_the_public_names():
    assert affidavit.__all__ == ["__version__"]


def test_the_version_stands_in_one_place():
    assert "version" not in PROJECT["project"]
    assert importlib.metadata.version("affidavit") == affidavit.__version__


def test_the_wheel_holds_what_stands_under_src_and_nothing_else(wheel: zipfile.Path):
    source = ROOT / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in wheel.root.namelist() if ".dist-info/" not in name and not name.endswith("/")}
    assert packed == expected
    assert {"affidavit/py.typed", "affidavit/ledger/FORMAT.md"} <= packed


def test_the_wheel_brings_its_licence_and_its_entry_points(wheel: zipfile.Path):
    info = wheel / f"affidavit-{affidavit.__version__}.dist-info"
    assert (info / "licenses" / "LICENSE").read_text(encoding="utf-8") == (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert (info / "entry_points.txt").read_text(encoding="utf-8").split("\n") == [
        "[console_scripts]",
        "affidavit = affidavit.cli:main",
        "",
        "[opentelemetry_instrumentor]",
        "affidavit = affidavit.agent:AffidavitInstrumentor",
        "",
        "[opentelemetry_pre_instrument]",
        "affidavit = affidavit.agent:pre_instrument",
        "",
    ]


@pytest.mark.parametrize("requirement", sorted({*RUN_TIME, *EXTRAS, *group("dev")}))
def test_a_requirement_has_a_lower_bound_and_no_other(requirement: str):
    """It lives inside other people's processes: what they need newer, they may have newer."""
    assert LOWER_BOUND.fullmatch(requirement)


def test_the_oldest_versions_are_the_lower_bounds():
    lines = (ROOT / "tests" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    expected = {requirement.replace(">=", "==") for requirement in (*RUN_TIME, *EXTRAS, *group("tests"))}
    assert [line for line in lines if not line.startswith("#")] == sorted(expected)


def test_the_pins_hold_every_requirement_with_hashes_and_name_no_index():
    text = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9-]+)==\S+(?: ;[^\\]*)? \\\n    --hash=sha256:", text, re.MULTILINE)
    assert names([*RUN_TIME, *EXTRAS, *group("dev")]) <= set(pins)
    assert re.findall(r"^(?!#)(?! *--hash=)(?![a-z0-9-]+==).+$", text, re.MULTILINE) == []
    assert "://" not in text


def test_what_is_imported_is_declared():
    imported = {distribution_of(module) for path in (ROOT / "src").rglob("*.py") for module in modules_imported(path)}
    assert imported - sys.stdlib_module_names - HOST - {"affidavit"} <= names([*RUN_TIME, *EXTRAS])


def modules_imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def distribution_of(module: str) -> str:
    return next((name for prefix, name in DISTRIBUTIONS if module.startswith(prefix)), module.partition(".")[0])


@pytest.mark.parametrize("module", ["affidavit", "affidavit.cli", "affidavit.cli.verify", "affidavit.cli.keys"])
def test_an_auditor_loads_no_agent(module: str):
    assert modules_after(f"import {module}") & AGENT == set()


def test_the_hook_loads_nothing_heavy():
    """It runs at the start of every Python process that inherits the environment."""
    loaded = modules_after("from affidavit.agent import pre_instrument; pre_instrument()")
    assert loaded & {"grpc", "requests", "cryptography", "jwt", "flask", "fastapi"} == set()
