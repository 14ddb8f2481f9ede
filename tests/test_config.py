"""The whole configuration: safe defaults, every complaint at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from affidavit import semconv
from affidavit.config import Config, is_disabled

HOME = {"HOME": "/home/somebody"}


def test_an_empty_environment_is_a_good_one():
    config = Config.from_environ(HOME)
    assert config.complaints == ()
    assert config.is_required is False
    assert config.spool.directory == Path("/home/somebody/.local/state/affidavit")
    assert config.spool.max_bytes == 1024**3
    assert config.pipeline.heartbeat_s == 300
    assert config.pipeline.personal_keys == set(semconv.PERSONAL_KEYS)
    assert config.signing.key_file is None
    assert config.tokens.issuers == ()


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("HEARTBEAT", "0", "not a whole number of seconds"),
        ("HEARTBEAT", "five", "not a whole number of seconds"),
        ("SPOOL_MAX_BYTES", "1GiB", "not a number of bytes"),
        ("SPOOL_MAX_BYTES", "10", "not a number of bytes"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "host bits set"),
        ("EXCLUDED_URLS", "(", "not a regular expression"),
        ("SPAN_ATTRIBUTES", "user.email", "not on offer"),
        ("PERSONAL", "user.id,timestamp", "timestamp must stand in the text"),
        ("SIGNING_KEY_FILE", "/nowhere.pem", "cannot be read"),
        ("REQUIRED", "maybe", "neither true nor false"),
        ("ISSUER", "https://login.example.com", "no such setting"),
    ],
)
def test_what_cannot_be_used_is_one_complaint_and_the_default_stands(name, value, problem):
    config = Config.from_environ({**HOME, f"AFFIDAVIT_{name}": value})
    (complaint,) = config.complaints
    assert complaint.variable == f"AFFIDAVIT_{name}"
    assert problem in str(complaint)


def test_all_complaints_come_at_once():
    wrong = {"AFFIDAVIT_HEARTBEAT": "x", "AFFIDAVIT_EXPORTER": "x", "AFFIDAVIT_JWKS_FILE": "/nowhere"}
    assert sorted(complaint.variable for complaint in Config.from_environ({**HOME, **wrong}).complaints) == sorted(
        wrong
    )


def test_what_kubernetes_sets_for_a_service_of_our_name_is_no_slip():
    injected = {"AFFIDAVIT_SERVICE_HOST": "10.0.0.7", "AFFIDAVIT_PORT": "tcp://10.0.0.7:4318"}
    assert Config.from_environ({**HOME, **injected}).complaints == ()


def test_nothing_is_personal_if_the_list_is_empty():
    assert Config.from_environ({**HOME, "AFFIDAVIT_PERSONAL": ""}).pipeline.personal_keys == frozenset()


@pytest.mark.parametrize("key", ["event_name", "service.name", "host.name", "affidavit.truncated"])
def test_a_key_that_stays_in_the_text_whatever_the_list_says_is_complained_of(key):
    config = Config.from_environ({**HOME, "AFFIDAVIT_PERSONAL": f"url.path,{key}"})
    assert config.pipeline.personal_keys == {"url.path"}
    assert [complaint.problem for complaint in config.complaints] == [f"{key} must stand in the text"]


def test_excluded_urls_are_opentelemetrys_unless_given():
    of_otel = {**HOME, "OTEL_PYTHON_EXCLUDED_URLS": "health,ready"}
    assert [p.pattern for p in Config.from_environ(of_otel).requests.excluded_urls] == ["health", "ready"]
    assert Config.from_environ({**of_otel, "AFFIDAVIT_EXCLUDED_URLS": ""}).requests.excluded_urls == ()


@pytest.mark.parametrize(
    ("environ", "disabled"),
    [
        ({}, False),
        ({"OTEL_SDK_DISABLED": "True"}, True),
        ({"OTEL_SDK_DISABLED": "false"}, False),
        ({"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "flask, affidavit"}, True),
        ({"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "*"}, True),
        ({"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "flask"}, False),
    ],
)
def test_opentelemetrys_switches(environ, disabled):
    assert is_disabled(environ) is disabled
