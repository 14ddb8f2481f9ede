"""The README's table is the code's."""

from __future__ import annotations

from pathlib import Path

from affidavit.environment_variables import format_table

README = Path(__file__).parent.parent / "README.md"


def test_the_readme_shows_every_variable_as_the_code_has_it():
    assert format_table() in README.read_text(encoding="utf-8")
