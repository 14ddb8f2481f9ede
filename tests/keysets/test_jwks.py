"""One issuer's keys over its life: fresh, stale, gone, rotated; the server is real and the clock is the test's own."""

from __future__ import annotations

import json

import pytest

from affidavit.keysets.fetcher import Fetcher
from affidavit.keysets.jwks import RemoteKeySource
from affidavit.tokens.keys import parse_jwks
from tokens import KEYS

JWKS = json.dumps({"keys": KEYS}).encode()
ISSUER = "https://issuer.example"


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


class Idle(Fetcher):
    """Its thread never starts: the test makes the fetches itself."""

    def start(self):
        pass


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def source(server, clock):
    server.answers["/keys"] = (200, {}, JWKS)
    return RemoteKeySource(ISSUER, f"{server.url}/keys", Idle(), lambda: 1.0, clock)


def ids(source):
    snapshot = source.snapshot()
    return None if snapshot is None else [*snapshot.by_key_id]


def test_keys_are_there_after_the_first_fetch(source):
    assert ids(source) is None
    source.refresh()
    assert ids(source) == ["rsa", "es256", "es384", "es512", "ed"]
    assert not source.snapshot().is_stale


def test_a_set_that_has_not_changed_stays_the_same_snapshot(source):
    source.refresh()
    first = source.snapshot()
    source.refresh()
    assert source.snapshot() is first


def test_a_rotation_is_seen_by_one_fetch(server, source):
    source.refresh()
    server.answers["/keys"] = (200, {}, json.dumps({"keys": [{**KEYS[0], "kid": "new"}]}).encode())
    source.refresh()
    assert ids(source) == ["new"]


def test_an_issuer_that_takes_all_its_keys_back_is_believed(server, source, caplog):
    source.refresh()
    server.answers["/keys"] = (200, {}, b'{"keys":[]}')
    source.refresh()
    source.refresh()
    assert ids(source) == []
    assert caplog.messages == [f"affidavit: {ISSUER} publishes no key that tokens can be verified with"]


def test_one_bad_key_costs_no_other(server, source):
    server.answers["/keys"] = (200, {}, json.dumps({"keys": [{"kty": "RSA", "n": "A"}, KEYS[1]]}).encode())
    source.refresh()
    assert ids(source) == ["es256"]


def test_old_keys_stay_for_an_hour_and_are_stale_once_a_refresh_is_overdue(server, source, clock):
    source.refresh()
    fresh = source.snapshot()
    server.answers["/keys"] = (503, {}, b"")
    seen = []
    for age in (240, 301, 3600, 3601):
        clock.now_s = 1000 + age
        source.refresh()
        snapshot = source.snapshot()
        seen.append(None if snapshot is None else (snapshot.is_stale, snapshot.by_key_id is fresh.by_key_id))
    assert seen == [(False, True), (True, True), (True, True), None]
    server.answers["/keys"] = (200, {}, JWKS)
    source.refresh()
    assert (len(ids(source)), source.snapshot().is_stale) == (5, False)


def test_stale_keys_are_fresh_again_when_the_same_set_comes_back(server, source, clock):
    source.refresh()
    server.answers["/keys"] = (503, {}, b"")
    clock.now_s += 301
    source.refresh()
    stale = source.snapshot()
    server.answers["/keys"] = (200, {}, JWKS)
    source.refresh()
    assert (stale.is_stale, source.snapshot().is_stale, source.snapshot() is stale) == (True, False, False)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((200, {}, b"<html>please log in</html>"), "the key set is malformed: not JSON at character 0"),
        ((200, {}, b'{"keys":7}'), "the key set's member keys is not an array"),
        ((302, {"Location": "/other"}, b""), "127.0.0.1/keys: answered 302"),
    ],
)
def test_what_is_no_key_set_changes_nothing(server, source, answer, problem, caplog):
    source.refresh()
    server.answers["/keys"] = answer
    source.refresh()
    assert len(ids(source)) == 5
    assert caplog.messages == [f"affidavit: no fresh keys of {ISSUER}: {problem}"]


def test_each_change_of_state_is_one_warning(server, source, clock, caplog):
    server.answers["/keys"] = (500, {}, b"")
    for _ in range(3):
        source.refresh()
    server.answers["/keys"] = (200, {}, JWKS)
    for _ in range(3):
        source.refresh()
    server.answers["/keys"] = (500, {}, b"")
    for _ in range(3):
        source.refresh()
        clock.now_s += 1900
    assert [record.name for record in caplog.records] == ["affidavit.keysets"] * 4
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"affidavit: no fresh keys of {ISSUER}: 127.0.0.1/keys: answered 500"),
        ("WARNING", f"affidavit: the keys of {ISSUER} are fresh again"),
        ("WARNING", f"affidavit: no fresh keys of {ISSUER}: 127.0.0.1/keys: answered 500"),
        ("WARNING", f"affidavit: the keys of {ISSUER} are too old to count (3600 s)"),
    ]


def test_whatever_a_library_raises_the_thread_goes_on_and_says_only_the_type(source, caplog, monkeypatch):
    def fail(_):
        raise RuntimeError("secret")

    monkeypatch.setattr("affidavit.keysets.jwks.parse_jwks", fail)
    source.refresh()
    assert caplog.messages == [f"affidavit: no fresh keys of {ISSUER}: RuntimeError"]
    assert source.seconds_until_due() == 1
    monkeypatch.setattr("affidavit.keysets.jwks.parse_jwks", parse_jwks)
    source.refresh()
    assert len(ids(source)) == 5


def test_a_storm_of_unknown_keys_brings_two_fetches_a_minute(server, source, clock):
    source.refresh()
    for number in range(6000):
        source.request_refresh(f"key {number}")
        if source.seconds_until_due() <= 0:
            source.refresh()
        clock.now_s += 0.01
    assert server.asked == ["/keys"] * 3


def test_keys_are_found_by_discovery_and_at_the_issuers_own_word_only(server, clock, caplog):
    path = "/.well-known/openid-configuration"
    good = {"issuer": server.url, "jwks_uri": f"{server.url}/keys"}
    server.answers["/keys"] = (200, {}, JWKS)
    source = RemoteKeySource(server.url, None, Idle(), lambda: 1.0, clock)
    found = []
    for document in ({**good, "issuer": f"{server.url}/"}, {**good, "jwks_uri": "http://keys.example/"}, {}, good):
        server.answers[path] = (200, {}, json.dumps(document).encode())
        source.refresh()
        found.append(ids(source) and len(ids(source)))
    assert found == [None, None, None, 5]
    assert server.asked == [path] * 4 + ["/keys"]
    assert caplog.messages == [
        f"affidavit: no fresh keys of {server.url}: the discovery document is not this issuer's",
        f"affidavit: the keys of {server.url} are fresh again",
    ]
