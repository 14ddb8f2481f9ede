"""What was found once is found again, for as long as it is true and no longer; of a token itself nothing is kept."""

from __future__ import annotations

import threading

from affidavit.model import Identity, TokenState, Verification
from affidavit.tokens import cache as cache_module
from affidavit.tokens.cache import Entry, VerificationCache
from affidavit.tokens.claims import Window
from tokens import Keys

KEY = b"k" * 32
ALICE = Verification(TokenState.VERIFIED, identity=Identity("issuer", "alice", "user"))
EXPIRED = Verification(TokenState.EXPIRED)


def test_an_entry_counts_inside_its_window():
    cache = VerificationCache(KEY, 10)
    cache.put(b"alice", Entry(ALICE, Window(100, 200)))
    assert [cache.get(b"alice", now) is ALICE for now in (99, 100, 199.9, 200)] == [False, True, True, False]


def test_an_entry_counts_while_its_keys_are_in_force():
    keys = Keys([])
    cache = VerificationCache(KEY, 10)
    cache.put(b"alice", Entry(ALICE, Window(0, 9), keys, keys.snapshot()))
    assert cache.get(b"alice", 1) is ALICE
    keys.put([])
    assert cache.get(b"alice", 1) is None
    keys.put(None)
    assert cache.get(b"alice", 1) is None


def test_the_oldest_makes_room_and_refusals_have_a_room_of_their_own():
    cache = VerificationCache(KEY, 2)
    for name in (b"a", b"b", b"a", b"c"):
        cache.put(name, Entry(ALICE, Window(0, 9)))
    for number in range(5000):
        cache.put(str(number).encode(), Entry(EXPIRED, Window(0, 9)))
    assert [cache.get(name, 1) is ALICE for name in (b"a", b"b", b"c")] == [True, False, True]
    assert (len(cache._verified), len(cache._refused)) == (2, 1024)


def test_headers_are_told_apart_by_every_character_and_processes_by_their_key():
    cache = VerificationCache(KEY, 10)
    header = "Bearer " + "x" * 6000
    others = [header[:at] + "y" + header[at + 1 :] for at in (0, 2000, 2046, 2047, 2048, 4094, len(header) - 1)]
    digests = {cache.digest(text) for text in (header, *others, header + "x", header[:-1])}
    assert len(digests) == 10
    assert cache.digest(header) == cache.digest(header)
    assert cache.digest(header) != VerificationCache(b"l" * 32, 10).digest(header)
    assert cache.digest("\ud800\xff")


def test_a_long_header_is_hashed_in_pieces_that_keep_the_gil(monkeypatch):
    sizes = []

    class Recorder:
        def __init__(self, **_):
            pass

        def copy(self):
            return self

        def update(self, data):
            sizes.append(len(data))

        def digest(self):
            return b""

    monkeypatch.setattr(cache_module, "blake2b", Recorder)
    VerificationCache(KEY, 10).digest("x" * 16_391)
    assert (max(sizes), sum(sizes)) == (2047, 16_391)


def test_threads_that_fill_a_small_room_at_once_keep_it_small_and_right():
    cache = VerificationCache(KEY, 8)
    wrong = []

    def work(own: int) -> None:
        mine = Verification(TokenState.VERIFIED, identity=Identity("issuer", str(own), "user"))
        for number in range(3000):
            name = f"{own}-{number % 20}".encode()
            cache.put(name, Entry(mine, Window(0, 9)))
            if cache.get(name, 1) not in (None, mine):
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(own,)) for own in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(cache._verified)) == ([], 8)
