"""What the environment says about the sink, and what is said about the environment."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from affidavit.export import build_exporter
from affidavit.export.file import FileExporter
from affidavit.export.otlp_environment import without_secrets
from affidavit.export.otlp_http import OtlpHttpExporter
from affidavit.export.settings import ExportSettings

if TYPE_CHECKING:
    from pathlib import Path

    from affidavit.errors import Complaint

CANARY = "c4n4ry-t0k3n"


def read(**environ: str) -> tuple[ExportSettings, tuple[Complaint, ...]]:
    return ExportSettings.from_environ(environ)


def test_without_any_variable_records_go_to_a_collector_on_this_host() -> None:
    expected = ExportSettings(
        kind="otlp",
        file="audit.jsonl",
        endpoint="http://localhost:4318/v1/logs",
        headers=(),
        timeout_s=10.0,
        compression="none",
        certificate=None,
        client_certificate=None,
        client_key=None,
        statement_as_body=False,
    )
    assert read() == (expected, ())


def test_a_file_is_a_sink_and_then_nothing_of_otlp_matters() -> None:
    settings, complaints = read(
        AFFIDAVIT_EXPORTER="file", AFFIDAVIT_FILE="/var/log/a.jsonl", OTEL_EXPORTER_OTLP_ENDPOINT="collector:4317"
    )
    assert (settings, complaints) == (ExportSettings(kind="file", file="/var/log/a.jsonl"), ())


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, "http://c:4318/v1/logs"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c/otlp/"}, "https://c/otlp/v1/logs"),
        ({"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://c/x"}, "http://c/x"),
        ({"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}, "http://c/v1/logs"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://l/"}, "http://l/"),
        ({"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://l", "AFFIDAVIT_OTLP_ENDPOINT": "https://a/in"}, "https://a/in"),
        ({"AFFIDAVIT_OTLP_ENDPOINT": "http://[::1]:4319/v1/audit"}, "http://[::1]:4319/v1/audit"),
    ],
)
def test_the_most_particular_endpoint_stands_and_only_the_general_one_gets_a_path(
    environ: dict[str, str], endpoint: str
) -> None:
    settings, complaints = read(**environ)
    assert (settings.endpoint, complaints) == (endpoint, ())


@pytest.mark.parametrize(
    "url",
    ["collector:4318", "localhost", "ftp://c/v1/logs", "http://", "http://c:port/", "http://c:99999", "http://a b/"],
)
def test_what_is_no_url_is_a_complaint_and_records_stay_on_this_host(url: str) -> None:
    settings, complaints = read(AFFIDAVIT_OTLP_ENDPOINT=url)
    assert settings == ExportSettings()
    assert list(map(str, complaints)) == [
        "AFFIDAVIT_OTLP_ENDPOINT: not an http or https URL with a host; give one such as http://collector:4318/v1/logs"
    ]


class TestGrpc:
    """The distro says ``grpc`` unasked; a port that cannot take HTTP is another matter."""

    def test_the_distro_s_own_protocol_is_no_fault(self) -> None:
        assert read(OTEL_EXPORTER_OTLP_PROTOCOL="grpc") == (ExportSettings(), ())

    def test_an_http_endpoint_is_used_whatever_the_protocol_says(self) -> None:
        settings, complaints = read(OTEL_EXPORTER_OTLP_PROTOCOL="grpc", OTEL_EXPORTER_OTLP_ENDPOINT="http://c:4318")
        assert (settings.endpoint, complaints) == ("http://c:4318/v1/logs", ())

    @pytest.mark.parametrize("protocol", ["grpc", ""])
    @pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"])
    def test_the_port_of_grpc_is_a_complaint_and_the_port_of_http_is_tried(self, protocol: str, name: str) -> None:
        settings, complaints = read(OTEL_EXPORTER_OTLP_PROTOCOL=protocol, **{name: f"https://me:{CANARY}@[::1]:4317"})
        assert settings.endpoint == f"https://me:{CANARY}@[::1]:4318/v1/logs"
        assert list(map(str, complaints)) == [
            (
                f"{name}: names the port of gRPC (4317), and audit records are posted over HTTP; "
                "set AFFIDAVIT_OTLP_ENDPOINT, for example to https://[::1]:4318/v1/logs (tried until then)"
            )
        ]

    def test_with_an_endpoint_of_our_own_there_is_no_complaint(self) -> None:
        settings, complaints = read(
            OTEL_EXPORTER_OTLP_PROTOCOL="grpc",
            OTEL_EXPORTER_OTLP_ENDPOINT="http://c:4317",
            AFFIDAVIT_OTLP_ENDPOINT="http://c:4319/v1/logs",
        )
        assert (settings.endpoint, complaints) == ("http://c:4319/v1/logs", ())

    def test_who_says_http_on_that_port_means_it(self) -> None:
        settings, complaints = read(
            OTEL_EXPORTER_OTLP_LOGS_PROTOCOL="http/protobuf",
            OTEL_EXPORTER_OTLP_PROTOCOL="grpc",
            OTEL_EXPORTER_OTLP_ENDPOINT="http://c:4317",
        )
        assert (settings.endpoint, complaints) == ("http://c:4317/v1/logs", ())


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("api-key=abc", (("api-key", "abc"),)),
        ("Authorization=Bearer%20a%2Cb , x-tenant = t1 ,", (("authorization", "Bearer a,b"), ("x-tenant", "t1"))),
        ("authorization=Bearer abc", (("authorization", "Bearer abc"),)),
        ("authorization=Basic YTpi==", (("authorization", "Basic YTpi=="),)),
        ("a=1,A=2", (("a", "2"),)),
        ("empty=", (("empty", ""),)),
    ],
)
def test_headers_are_read_as_the_sdk_reads_them(text: str, headers: tuple[tuple[str, str], ...]) -> None:
    from opentelemetry.util.re import parse_env_headers

    settings, complaints = read(OTEL_EXPORTER_OTLP_HEADERS=text)
    assert (settings.headers, complaints) == (headers, ())
    assert dict(headers) == parse_env_headers(text, liberal=True)


def test_the_most_particular_headers_stand_alone() -> None:
    environ = {"OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "b=2"}
    assert read(**environ)[0].headers == (("b", "2"),)
    assert read(**environ, AFFIDAVIT_OTLP_HEADERS="c=3")[0].headers == (("c", "3"),)


@pytest.mark.parametrize(
    "item", [CANARY, f"={CANARY}", f"a b={CANARY}", f'key="{CANARY}"', f"a={CANARY}%0d%0aX:1", f"a={CANARY}%E2%82%AC"]
)
def test_what_is_no_header_is_named_by_its_place_and_never_shown(item: str) -> None:
    settings, complaints = read(AFFIDAVIT_OTLP_HEADERS=f"good=1,{item}")
    assert settings.headers == (("good", "1"),)
    assert list(map(str, complaints)) == [
        (
            "AFFIDAVIT_OTLP_HEADERS: item 2 is not a header; "
            "give name=value, the value percent-encoded, separated by commas"
        )
    ]


@pytest.mark.parametrize(("text", "seconds"), [("5", 5.0), ("0.25", 0.25), ("10000", 600.0), ("inf", 600.0)])
def test_a_timeout_is_in_seconds_and_at_most_ten_minutes(text: str, seconds: float) -> None:
    settings, complaints = read(OTEL_EXPORTER_OTLP_TIMEOUT="7", OTEL_EXPORTER_OTLP_LOGS_TIMEOUT=text)
    assert (settings.timeout_s, complaints) == (seconds, ())


@pytest.mark.parametrize("text", ["0", "-1", "nan", "10s"])
def test_a_timeout_that_is_none_is_a_complaint(text: str) -> None:
    settings, complaints = read(OTEL_EXPORTER_OTLP_TIMEOUT=text)
    assert settings == ExportSettings()
    assert list(map(str, complaints)) == [
        (
            f"OTEL_EXPORTER_OTLP_TIMEOUT: '{text}' is not a number of seconds above 0; "
            "give a number, or leave it out for 10"
        )
    ]


def test_compression_is_gzip_or_none() -> None:
    assert read(OTEL_EXPORTER_OTLP_COMPRESSION="GZIP") == (ExportSettings(compression="gzip"), ())
    settings, complaints = read(OTEL_EXPORTER_OTLP_LOGS_COMPRESSION="deflate")
    assert settings == ExportSettings()
    assert [complaint.variable for complaint in complaints] == ["OTEL_EXPORTER_OTLP_LOGS_COMPRESSION"]


def test_certificates_must_be_there_to_be_used(tmp_path: Path) -> None:
    ca, missing = tmp_path / "ca.pem", tmp_path / "missing.pem"
    ca.touch()
    settings, complaints = read(
        OTEL_EXPORTER_OTLP_CERTIFICATE=str(ca),
        OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE=str(ca),
        OTEL_EXPORTER_OTLP_CLIENT_KEY=str(missing),
    )
    assert settings == ExportSettings(certificate=str(ca), client_certificate=str(ca))
    assert list(map(str, complaints)) == [
        (
            f"OTEL_EXPORTER_OTLP_CLIENT_KEY: {missing} cannot be read; "
            "give the path of a PEM file that this process may read"
        )
    ]


def test_an_exporter_or_a_body_that_is_not_on_offer_is_a_complaint() -> None:
    settings, complaints = read(AFFIDAVIT_EXPORTER="kafka", AFFIDAVIT_BODY="json")
    assert settings == ExportSettings()
    assert list(map(str, complaints)) == [
        "AFFIDAVIT_EXPORTER: 'kafka' is not on offer; give otlp or file",
        "AFFIDAVIT_BODY: 'json' is not on offer; give sentence or statement",
    ]


def test_the_statement_may_be_the_body() -> None:
    assert read(AFFIDAVIT_BODY=" Statement ") == (ExportSettings(statement_as_body=True), ())


def test_what_is_shown_holds_no_secret() -> None:
    endpoint = f"https://me:{CANARY}@c:4318/v1/logs?key={CANARY}#x"
    settings, _ = read(AFFIDAVIT_OTLP_ENDPOINT=endpoint, AFFIDAVIT_OTLP_HEADERS=f"authorization=Bearer {CANARY}")
    assert settings.endpoint == endpoint
    assert CANARY not in repr(settings)
    assert without_secrets(endpoint) == "https://c:4318/v1/logs"


def test_the_settings_choose_the_exporter() -> None:
    assert isinstance(build_exporter(ExportSettings(kind="file"), lambda: 0, "1"), FileExporter)
    assert isinstance(build_exporter(ExportSettings(), lambda: 0, "1"), OtlpHttpExporter)


def test_neither_settings_nor_a_new_exporter_load_anything_heavy() -> None:
    """The settings are read in every process; an exporter is made on a request's thread."""
    code = (
        "import sys; from affidavit.export.settings import ExportSettings; from affidavit.export import build_exporter;"
        "build_exporter(ExportSettings.from_environ({})[0], int, '1');"
        "print({'requests', 'google', 'opentelemetry', 'cryptography'} & sys.modules.keys())"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
