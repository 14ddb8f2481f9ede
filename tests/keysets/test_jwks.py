"""Keys from the network, by a thread that nobody waits for; the servers are real."""

from __future__ import annotations

import gzip
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from waiting import until

from affidavit.keysets import build_key_sources
from affidavit.keysets.fetch import FetchError, fetch
from affidavit.keysets.jwks import Fetcher, RemoteKeySource
from affidavit.tokens.settings import TokenSettings
from tokens import KEYS

JWKS = json.dumps({"keys": KEYS}).encode()


class Server:
    """Answers by path; a test changes the answers."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        self.url = ""
        self.release = threading.Event()


@contextmanager
def serving():
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.asked.append(self.path)
            status, headers, body = state.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for chunk in body if isinstance(body, list) else [body]:
                    self.wfile.write(chunk)
                    if isinstance(body, list):
                        self.wfile.flush()
                        state.release.wait(0.2)
            except OSError:
                pass  # the client has had enough

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        state.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server():
    with serving() as state:
        yield state


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def source_of(server, clock=None):
    """A source whose fetches the test makes itself."""
    return RemoteKeySource("https://issuer", f"{server.url}/keys", Fetcher(), lambda: 1.0, clock or Clock())


@pytest.mark.parametrize(
    ("status", "headers", "body", "reason"),
    [
        (302, {"Location": "/other"}, b"", "answered 302"),
        (500, {}, b"", "answered 500"),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(JWKS), "a compressed answer"),
        (200, {}, [b" " * 65536] * 5, "more than 262144 bytes"),
    ],
)
def test_what_is_not_a_plain_small_answer_is_refused(server, status, headers, body, reason):
    server.release.set()
    server.answers["/keys"] = (status, headers, body)
    with pytest.raises(FetchError, match=reason):
        fetch(f"{server.url}/keys")
    assert server.asked == ["/keys"]


def test_fifty_megabytes_are_not_read(server):
    server.answers["/keys"] = (200, {}, b" " * 50_000_000)
    with pytest.raises(FetchError, match="more than 262144 bytes"):
        fetch(f"{server.url}/keys")


def test_a_server_that_drips_is_left_after_the_deadline(server, monkeypatch):
    monkeypatch.setattr("affidavit.keysets.fetch.DEADLINE_S", 0.5)
    server.answers["/keys"] = (200, {}, [b" "] * 100)
    with pytest.raises(FetchError, match="not whole after"):
        fetch(f"{server.url}/keys")


def test_a_page_for_people_is_no_key_set(server):
    server.answers["/keys"] = (200, {}, b"<html>please log in</html>")
    source = source_of(server)
    source.refresh()
    assert source._snapshot is None


def test_keys_are_discovered_and_the_document_must_be_the_issuers_own(server):
    path = "/.well-known/openid-configuration"
    good = {"issuer": server.url, "jwks_uri": f"{server.url}/keys"}
    server.answers["/keys"] = (200, {}, JWKS)
    for document, keys in [
        (good, 5),
        ({**good, "issuer": f"{server.url}/"}, 0),
        ({**good, "jwks_uri": "http://keys.example.com/"}, 0),
        ({**good, "jwks_uri": 7}, 0),
        ({}, 0),
    ]:
        server.answers[path] = (200, {}, json.dumps(document).encode())
        source = RemoteKeySource(server.url, None, Fetcher(), lambda: 1.0, Clock())
        source.refresh()
        assert len(source._snapshot.keys if source._snapshot else ()) == keys


def test_a_set_that_has_not_changed_stays_the_same_snapshot(server):
    server.answers["/keys"] = (200, {}, JWKS)
    source = source_of(server)
    source.refresh()
    first = source._snapshot
    source.refresh()
    assert source._snapshot is first
    server.answers["/keys"] = (200, {}, json.dumps({"keys": KEYS[1:]}).encode())
    source.refresh()
    assert [key.key_id for key in source._snapshot.keys] == ["es256", "es384", "es512", "ed"]


def test_old_keys_stay_in_force_for_an_hour_flagged_as_stale(server):
    clock = Clock()
    server.answers["/keys"] = (200, {}, JWKS)
    source = source_of(server, clock)
    source.refresh()
    server.answers["/keys"] = (503, {}, b"")
    clock.now += 301
    source.refresh()
    assert (len(source._snapshot.keys), source._snapshot.is_stale) == (5, True)
    clock.now += 3600
    source.refresh()
    assert source._snapshot is None
    server.answers["/keys"] = (200, {}, JWKS)
    source.refresh()
    assert (len(source._snapshot.keys), source._snapshot.is_stale) == (5, False)


def test_failures_are_tried_again_with_growing_pauses(server):
    clock = Clock()
    source = source_of(server, clock)
    pauses = []
    for _ in range(8):
        source.refresh()
        pauses.append(source.seconds_until_due())
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_storm_of_unknown_keys_brings_the_fetch_forward_once_in_thirty_seconds(server):
    clock = Clock()
    server.answers["/keys"] = (200, {}, JWKS)
    source = source_of(server, clock)
    source.refresh()
    due = []
    for _ in range(1000):
        source.request_refresh()
        due.append(source.seconds_until_due() <= 0)
        if due[-1]:
            source.refresh()
        clock.now += 0.059
    assert sum(due) == 2


def test_the_thread_starts_with_the_first_token_and_sees_a_rotation(server):
    server.answers["/keys"] = (200, {}, json.dumps({"keys": KEYS[:1]}).encode())
    settings = TokenSettings(issuers=("https://issuer",), jwks_uri=f"{server.url}/keys")
    sources = build_key_sources(settings, lambda: 1.0)
    assert server.asked == []
    source = sources["https://issuer"]
    assert source.snapshot() is None
    until(source.snapshot)
    server.answers["/keys"] = (200, {}, JWKS)
    source.request_refresh()
    until(lambda: len(source.snapshot().keys) == 5)
    sources.close()
    until(lambda: not any(t.name == "affidavit-keys" for t in threading.enumerate()))


def test_one_warning_when_keys_go_and_one_when_they_come(server, caplog):
    source = source_of(server)
    for _ in range(3):
        source.refresh()
    server.answers["/keys"] = (200, {}, JWKS)
    source.refresh()
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
