"""The golden files are what their maker makes, byte for byte, and the verifier says of each what is expected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from affidavit.cli import main
from vectors.make import make_files

VECTORS = Path(__file__).parent.parent / "vectors"
FILES = sorted(VECTORS.glob("**/*.jsonl"))


def test_making_them_again_gives_the_same_bytes(tmp_path):
    made = make_files(tmp_path)
    assert {path: (tmp_path / path).read_bytes() for path in made} == {
        path: (VECTORS / path).read_bytes() for path in made
    }


def test_no_file_lies_there_that_nobody_makes(tmp_path):
    made = {*make_files(tmp_path), Path("good/es256-identity.jsonl"), Path("good/es256-identity.expected.json")}
    lying = {path.relative_to(VECTORS) for path in VECTORS.glob("**/*.json*")}
    assert lying == made


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(VECTORS).with_suffix("")) for path in FILES])
def test_the_verifier_says_what_is_expected(path, capsys):
    expected = json.loads(path.with_suffix(".expected.json").read_text())
    code = main(["verify", str(path), "--keys", str(VECTORS / "keys.json"), "--json", *expected["arguments"]])
    report = json.loads(capsys.readouterr().out)
    assert {
        "arguments": expected["arguments"],
        "exit_code": code,
        "verdict": report["verdict"],
        "findings": [[finding["kind"], finding["number"] or None] for finding in report["findings"]],
    } == expected
