"""The demo's last words are the README's own commands."""

from __future__ import annotations

from pathlib import Path

from affidavit.demo.story import OWN_SERVICE

README = Path(__file__).parent.parent.parent / "README.md"


def test_the_way_on_is_the_one_in_the_readme():
    assert "```sh\n" + "\n".join(OWN_SERVICE) + "\n```" in README.read_text()
