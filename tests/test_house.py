"""What the import contracts cannot see: who reads the environment, the clock and chance."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "affidavit"
READERS_OF_THE_WORLD = {"agent.py", "process.py", "cli", "demo"}
OTHERS = [path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in READERS_OF_THE_WORLD]
WORLD = {
    *(
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.now",
        "datetime.utcnow",
        "time.time",
        "time.time_ns",
    ),
    *("os.environ", "os.environb", "os.getenv"),
    *("os.getrandom", "os.urandom", "random", "secrets", "uuid.uuid1", "uuid.uuid4"),
}


def names_used(tree: ast.Module) -> set[str]:
    """Every module imported, every name imported from one, and every attribute as it is written."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Attribute):
            found.add(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_environment_clock_and_chance_are_handed_in(path: Path):
    """Only the entry points, the process and the commands read them; a deadline may count on ``time.monotonic``."""
    assert names_used(ast.parse(path.read_text(encoding="utf-8"))) & WORLD == set()


def test_an_identity_is_made_in_one_place_only():
    """Trust is a matter of type: what is an ``Identity`` came out of a signature that was checked."""
    makers = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(
            isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Identity"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]
    assert makers == ["tokens/claims.py"]
