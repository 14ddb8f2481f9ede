"""FORMAT.md is true: its examples are in the golden files, its tables are the code's, its commands run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from affidavit import semconv
from affidavit.ledger import canonical, endorsement, hashing, projection, signature
from affidavit.ledger.report import Kind

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "src/affidavit/ledger/FORMAT.md").read_text()
VECTORS = ROOT / "tests/vectors"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)\n?^```$", TEXT, re.MULTILINE | re.DOTALL)


def attributes(name: str, number: int) -> dict[str, str]:
    """The string attributes of a record in a golden file."""
    records = [
        record
        for line in (VECTORS / "good" / f"{name}.jsonl").read_text().splitlines()
        for record in json.loads(line)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    ]
    return {item["key"]: item["value"].get("stringValue") for item in records[number - 1]["attributes"]}


def table_keys(section: str) -> dict[str, bool]:
    """The keys in the tables of `section`, and whether they are marked (p)."""
    keys: dict[str, bool] = {}
    for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE):
        prefix = ""
        for name, mark in re.findall(r"`([^`]+)`( \*\*\(p\)\*\*)?", row):
            key = prefix + name if name.startswith(".") else name
            prefix = key.rpartition(".")[0]
            keys[key] = bool(mark)
    return keys


def section(number: int) -> str:
    start = TEXT.index(f"\n## {number}. ")
    end = TEXT.find("\n## ", start + 1)
    return TEXT[start:end]


def test_the_examples_are_record_2_of_the_open_stream():
    record = attributes("open", 2)
    statement, disclosure, header, identity, stream = blocks("json")
    jws = record["affidavit.endorsement"].split(".")
    assert (statement, disclosure, header, identity, stream) == (
        record["affidavit.statement"],
        record["affidavit.disclosures"],
        signature.base64url.decode(record["affidavit.signature"].split(".")[0]).decode(),
        *(signature.base64url.decode(segment).decode() for segment in jws[:2]),
    )
    assert {record["affidavit.signature"], record["affidavit.endorsement"]} < set(blocks("text"))
    assert f"\n`{hashing.leaf_hash(statement.encode()).hex()}`" in TEXT
    assert f"`{hashing.disclosure_hash(disclosure.encode())}`" in TEXT
    assert f"The example, {len(statement.encode())} bytes" in TEXT


def test_the_checkpoint_is_record_6_of_the_closed_stream():
    note = json.loads(attributes("closed", 6)["affidavit.statement"])["affidavit.checkpoint"]
    assert note.rstrip("\n") in blocks("text")


def test_the_sentences_are_in_the_golden_files():
    stored = "".join(path.read_text() for path in (VECTORS / "good").glob("*.jsonl"))
    sentences = re.findall(r"^    (\S+ (?:GET|DELETE|EXECUTE) .*\w\]?)$", section(9), re.MULTILINE)
    assert len(sentences) == 4
    assert [one for one in sentences if f'"body":{{"stringValue":"{one}"}}' not in stored] == []


def test_the_personal_keys_are_those_marked():
    marked = {key for key, is_personal in table_keys(section(2)).items() if is_personal}
    assert marked == set(semconv.PERSONAL_KEYS)


def test_every_key_of_the_vocabulary_is_explained():
    names = {value for name, value in vars(semconv).items() if name.isupper() and isinstance(value, str)}
    explained = {*table_keys(TEXT), *re.findall(r"`([a-z._]+)`", TEXT)}
    assert names - explained == {semconv.FORMAT_VERSION}


def test_the_copies_are_those_that_are_made():
    listed = section(9).split("Copies, for queries,")[1].split("\n\n")[0]
    assert tuple(re.findall(r"`([^`]+)`", listed)) == projection.COPIED_KEYS


def test_the_limits_are_the_codes():
    limits = dict(re.findall(r"^\| ([^|]+?) \| ([\d,]+)[^|]*\|$", section(13), re.MULTILINE))
    assert limits == {
        "text, disclosure": f"{canonical.MAX_TEXT_BYTES:,}",
        "string value (each item of an array)": f"{canonical.MAX_STRING_BYTES:,}",
        "key": f"{canonical.MAX_KEY_LENGTH}",
        "signature": f"{signature._LENGTH_LIMIT}",
        "endorsement": f"{endorsement._LENGTH_LIMIT:,}",
        "actors in a chain": "8",
    }


def test_exactly_the_listed_characters_are_escaped():
    (listed,) = re.findall(r"^(    U\+0000-.*?)\n\n", section(9), re.MULTILINE | re.DOTALL)
    escaped: set[int] = set()
    for first, last in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", listed):
        escaped.update(range(int(first, 16), int(last or first, 16) + 1))
    assert {code for code in range(0x110000) if projection.escape(chr(code)) != chr(code)} == escaped


def test_the_commands_print_what_is_said(tmp_path):
    """They run in a copy of the golden files, for they leave files behind."""
    if missing := [tool for tool in ("jq", "sha256sum", "openssl", "base64", "awk") if not shutil.which(tool)]:
        pytest.skip(f"not here: {', '.join(missing)}")
    shutil.copytree(VECTORS / "good", tmp_path / "good")
    script = "\n".join(blocks("sh"))
    done = subprocess.run(["sh", "-ec", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    if "rawin" in done.stderr:
        pytest.skip("this openssl has no pkeyutl -rawin for Ed25519")
    assert (done.stdout.splitlines(), done.stderr) == (
        [
            "fca8b1e582bd989f971f11de09294e4f807c68881aff91a0a2d7861d23bcaa74  -",
            "6181d0e6d709630ebf20f66adff6e301693aefb812e3d35122bec63a6a80267b  -",
            "Signature Verified Successfully",
            "Signature Verified Successfully",
            "oVMXtQlU9diHm8IJm6VbG80ha6NAQZ-To8VXDvh0vOg",
        ],
        "",
    )


def test_each_finding_is_explained_beside_the_verdict_it_leads_to():
    told: dict[str, str] = {}
    verdict = ""
    for said, findings in re.findall(r"^\| ?(?:`(\w+)`)? \|[^|]*\| (.*?) \|[^|]*\|$", section(10), re.MULTILINE):
        verdict = said or verdict
        told |= dict.fromkeys(re.findall(r"`([^`]+)`", findings), verdict)
    assert told == {kind.value: kind.verdict.word for kind in Kind}
