"""``affidavit verify`` as a person uses it: what it prints, and its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from affidavit.cli import main
from support.streams import IDENTITY, SpoolRoot, jwks, otlp_lines

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("keys.json").write_text(jwks(IDENTITY))
    return tmp_path


@pytest.fixture
def stream(folder):
    stream = SpoolRoot().stream()
    stream.request("alice")
    stream.request("bob")
    stream.end()
    Path("audit.jsonl").write_bytes(otlp_lines(stream.records, batch=1))
    return stream


def run(capsys, *arguments):
    """Exit code, standard output and standard error."""
    try:
        code = main(["verify", *arguments])
    except SystemExit as error:  # argparse leaves this way
        code = error.code
    out, err = capsys.readouterr()
    return code, out, err


def test_a_whole_file(stream, capsys):
    assert run(capsys, "audit.jsonl", "--keys", "keys.json", "--closed") == (
        0,
        f"""\
verified      {stream.id}  through #4 at 2026-08-01 08:00:00Z, ended

4 records, 4 proven
verified
""",
        "",
    )


def test_a_changed_byte(stream, capsys):
    content = Path("audit.jsonl").read_bytes()
    sealed = rb"\"url.path\":\"/orders/17\""
    Path("audit.jsonl").write_bytes(content.replace(sealed, sealed.replace(b"17", b"18"), 1))
    code, out, _ = run(capsys, "audit.jsonl", "--keys", "keys.json")
    record_id = json.loads(stream.records[1].record.text)["audit.record.id"]
    assert code == 1
    assert (
        f"audit.jsonl:2: signature: the signature does not verify\n    stream {stream.id} #2 record {record_id}" in out
    )
    assert out.endswith("\ntampered\n")


def test_a_missing_record(stream, capsys):
    Path("audit.jsonl").write_bytes(otlp_lines([*stream.records[:1], *stream.records[2:]], batch=1))
    code, out, _ = run(capsys, "audit.jsonl", "--keys", "keys.json")
    assert (code, "audit.jsonl:2: gap: #2 missing\n" in out, out.endswith("\nincomplete\n")) == (3, True, True)


def test_without_keys_it_says_whom_to_pin(stream, capsys):
    code, out, _ = run(capsys, "audit.jsonl")
    [thumbprint] = [key["kid"] for key in json.loads(Path("keys.json").read_text())["keys"]]
    assert (code, out.splitlines()[-1]) == (4, f"unverifiable: consistent under {thumbprint}")


def test_a_subset(stream, capsys):
    Path("audit.jsonl").write_bytes(otlp_lines(stream.records[1:2]))
    assert run(capsys, "audit.jsonl", "--keys", "keys.json", "--subset") == (
        0,
        f"authentic     {stream.id}  1 of 1 record shown proven\n\n1 record, 1 proven\nauthentic\n",
        "",
    )


def test_json_holds_everything(stream, capsys):
    code, out, _ = run(capsys, "audit.jsonl", "--keys", "keys.json", "--json", "--closed")
    report = json.loads(out)
    assert (code, report["exit_code"], report["verdict"], report["findings"]) == (0, 0, "verified", [])
    assert report["counts"]["records"] == 4
    assert report["streams"][0]["stream_id"] == stream.id


def test_many_findings_are_counted_and_the_first_shown(folder, capsys):
    stream = SpoolRoot().stream()
    for number in range(60):
        stream.request(f"user-{number}")
    Path("audit.jsonl").write_bytes(otlp_lines(stream.records[::2], batch=1))
    _, out, _ = run(capsys, "audit.jsonl", "--keys", "keys.json")
    assert out.count(": gap: ") == 20
    assert "\nand 10 more findings; in all: 30 gap\n" in out


@pytest.mark.parametrize(
    ("since", "code"), [("2026-08-01", 3), ("2026-08-01T08:00:00Z", 3), ("2026-08-01T08:00:00.003+00:00", 0)]
)
def test_since_allows_a_stream_from_its_middle_if_it_began_before(stream, capsys, since, code):
    Path("audit.jsonl").write_bytes(otlp_lines(stream.records[1:], batch=1))
    assert run(capsys, "audit.jsonl", "--keys", "keys.json", "--since", since)[0] == code


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "the following arguments are required: FILE"),
            (["audit.jsonl", "--since", "yesterday"], "'yesterday' is no ISO 8601 date or time"),
            (["audit.jsonl", "--jobs", "0"], "'0' is no number from 1"),
            (["audit.jsonl", "--what"], "unrecognized arguments: --what"),
        ],
    )
    def test_is_explained(self, stream, capsys, arguments, message):
        code, out, err = run(capsys, *arguments)
        assert (code, out, message in err) == (2, "", True)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (None, "--keys other.json: No such file or directory"),
            (b"", '--keys other.json: not a JWKS: expected JSON, {"keys": [...]}'),
            (
                b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHNlY3JldA==\n-----END PRIVATE KEY-----\n",
                "--keys other.json: it is a private key; give the public half as a JWKS (affidavit keys export)",
            ),
        ],
    )
    def test_keys_that_are_none_are_one_line(self, stream, capsys, content, message):
        if content is not None:
            Path("other.json").write_bytes(content)
        assert run(capsys, "audit.jsonl", "--keys", "other.json") == (2, "", f"affidavit verify: {message}\n")

    def test_a_file_that_is_not_there_is_one_line(self, folder, capsys):
        expected = "affidavit verify: cannot read nothing: No such file or directory\n"
        assert run(capsys, "nothing", "--keys", "keys.json") == (2, "", expected)


def test_a_path_and_a_text_that_would_play_with_the_terminal_are_escaped(folder, capsys):
    Path("a\x1b[31m.jsonl").write_bytes(b"\x1b[2J")
    _, out, _ = run(capsys, "a\x1b[31m.jsonl", "--keys", "keys.json")
    assert "\x1b" not in out
    assert "a\\u001b[31m.jsonl:1: not OTLP JSON" in out


def execute(code, **options):
    return subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, **options)


@pytest.mark.parametrize(
    "arguments", ["'verify', 'audit.jsonl', '--keys', 'keys.json'", "'--help'", "'verify', '--help'"]
)
def test_an_auditors_laptop_needs_no_agent_and_no_network(stream, arguments):
    code = f"""
import sys
from affidavit.cli import main
try:
    main([{arguments}])
except SystemExit:
    pass
heavy = {{"opentelemetry", "wrapt", "jwt", "requests", "grpc", "flask", "fastapi"}}
sys.exit(sorted(heavy & {{name.partition(".")[0] for name in sys.modules}}) or "affidavit.filelock" in sys.modules)
"""
    done = execute(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_gets_no_traceback(stream):
    code = "import sys; from affidavit.cli import main; sys.exit(main(['verify', 'audit.jsonl', '--json']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    with process:
        assert process.stderr.read() == b""
