"""Makes every file in this folder again, byte for byte: ``PYTHONPATH=tests python -m vectors.make [FOLDER]``.

Keys, clock and salts are fixed; a test makes the files anew and compares. A file that a change here alters is a change
of the format, unless only the example was changed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm

from support.streams import jwks
from vectors import bad, good
from vectors.shapes import IDENTITY, Rfc6979Identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vectors.shapes import Vector


def make_files(folder: Path) -> list[Path]:
    """Write all vectors below `folder`; their paths, relative to it."""
    made = {f"{name}": content for name, content in _contents()}
    for name, content in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [*map(Path, made)]


def _contents() -> Iterator[tuple[str, bytes]]:
    yield "keys.json", f"{jwks(IDENTITY, Rfc6979Identity())}\n".encode()
    for vector in good.make():
        yield from _files(f"good/{vector.name}", vector)
    try:
        vector = good.make_es256()
        yield from _files(f"good/{vector.name}", vector)
    except (UnsupportedAlgorithm, TypeError):  # this OpenSSL or this cryptography knows no RFC 6979: the file stays
        pass
    for vector in bad.make():
        yield from _files(f"bad/{vector.name}", vector)


def _files(name: str, vector: Vector) -> Iterator[tuple[str, bytes]]:
    expected = {
        "arguments": vector.arguments,
        "exit_code": vector.exit_code,
        "verdict": vector.verdict,
        "findings": vector.findings,
    }
    yield f"{name}.jsonl", vector.content
    yield f"{name}.expected.json", f"{json.dumps(expected)}\n".encode()


if __name__ == "__main__":
    make_files(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
