"""One thread for all issuers: it starts with the first token, nobody waits for it, and a fork leaves it behind."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from time import monotonic

import pytest
from key_server import serving
from waiting import until

from affidavit.keysets import build_key_sources
from affidavit.tokens.settings import TokenSettings
from affidavit.tokens.verifier import TokenVerifier
from tokens import KEYS, NOW, make_token

JWKS = json.dumps({"keys": KEYS}).encode()


def fetching_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "affidavit-keys"]


@contextmanager
def sources_of(settings: TokenSettings):
    sources = build_key_sources(settings, lambda: 1.0)
    try:
        yield sources
    finally:
        sources.close()
        for thread in fetching_threads():
            thread.join(10)


def test_nothing_happens_before_the_first_token_and_one_thread_serves_all_issuers(server):
    server.answers["/keys"] = (200, {}, JWKS)
    with serving() as other:
        for each in (server, other):
            document = {"issuer": each.url, "jwks_uri": f"{server.url}/keys"}
            each.answers["/.well-known/openid-configuration"] = (200, {}, json.dumps(document).encode())
        with sources_of(TokenSettings((server.url, other.url))) as sources:
            assert (server.asked, other.asked, fetching_threads()) == ([], [], [])
            assert sources[server.url].snapshot() is None
            until(lambda: sources[server.url].snapshot() and sources[other.url].snapshot())
            assert len(fetching_threads()) == 1
    assert fetching_threads() == []


def test_a_token_is_verified_as_soon_as_its_keys_are_there_and_never_waits_for_them(server):
    asked = threading.Event()
    go_on = threading.Event()

    def answer(write):
        asked.set()
        go_on.wait(10)
        write(b"HTTP/1.1 200 OK\r\n\r\n" + JWKS)

    server.answers["/keys"] = answer
    settings = TokenSettings(("https://login.example.com",), jwks_uri=f"{server.url}/keys")
    with sources_of(settings) as sources:
        verifier = TokenVerifier(settings, sources, bytes)
        request = [f"Bearer {make_token()}"]
        began = monotonic()
        first = verifier.verify(request, NOW)
        assert (first.state.value, monotonic() - began < 1) == ("keys_unavailable", True)
        asked.wait(10)
        go_on.set()
        until(lambda: verifier.verify(request, NOW).state.value == "verified")


def test_a_rotation_is_seen_as_soon_as_a_token_names_the_new_key(server):
    """Right after the start, too; and a storm of other unknown keys brings no further fetch."""
    server.answers["/keys"] = (200, {}, json.dumps({"keys": KEYS[1:]}).encode())
    settings = TokenSettings(("https://login.example.com",), jwks_uri=f"{server.url}/keys")
    with sources_of(settings) as sources:
        verifier = TokenVerifier(settings, sources, bytes)
        until(sources["https://login.example.com"].snapshot)
        server.answers["/keys"] = (200, {}, JWKS)
        until(lambda: verifier.verify([f"Bearer {make_token()}"], NOW).state.value == "verified")
        for number in range(500):
            head = {"alg": "EdDSA", "kid": f"unknown {number}"}
            assert verifier.verify([f"Bearer {make_token(head, algorithm='EdDSA')}"], NOW).state.value == "unknown_key"
    assert server.asked == ["/keys"] * 2


@pytest.mark.parametrize("settings", [TokenSettings(), TokenSettings(jwks_uri="https://a.example/keys")])
def test_without_issuers_there_are_no_sources(settings):
    with sources_of(settings) as sources:
        assert dict(sources) == {}


def test_a_file_serves_all_issuers_and_needs_no_thread(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_bytes(JWKS)
    with sources_of(TokenSettings(("a", "b"), jwks_file=str(path))) as sources:
        assert sources["a"] is sources["b"]
        assert len(sources["a"].snapshot().by_key_id) == 5
    assert (len(sources), fetching_threads()) == (2, [])


def test_closed_sources_start_no_thread(server):
    sources = build_key_sources(TokenSettings((server.url,)), lambda: 1.0)
    sources.close()
    assert (sources[server.url].snapshot(), sources._fetcher._thread, server.asked) == (None, None, [])


def test_a_forked_child_makes_its_own_sources_and_its_own_thread(server):
    server.answers["/keys"] = (200, {}, JWKS)
    script = """
import os, sys, threading, time
from affidavit.keysets import build_key_sources
from affidavit.tokens.settings import TokenSettings

settings = TokenSettings(("https://issuer",), jwks_uri=sys.argv[1])

def fetch():
    sources = build_key_sources(settings, lambda: 1.0)
    for _ in range(2000):
        if sources["https://issuer"].snapshot():
            return len(sources["https://issuer"].snapshot().by_key_id)
        time.sleep(0.005)

kept = build_key_sources(settings, lambda: 1.0)
print(fetch(), flush=True)
child = os.fork()
if not child:
    print(fetch(), threading.active_count(), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""
    command = [sys.executable, "-W", "ignore", "-c", script, f"{server.url}/keys"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout, done.stderr) == ("5\n5 2\n", "")
