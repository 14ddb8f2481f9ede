from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

from affidavit.entropy import EntropyBlock


def test_no_slice_is_handed_out_twice_by_any_number_of_threads():
    block = EntropyBlock(os.urandom)
    with ThreadPoolExecutor(8) as threads:
        slices = list(threads.map(lambda _: block.take(), range(10_000)))

    assert {len(piece) for piece in slices} == {16}
    assert len(set(slices)) == 10_000


def test_it_asks_the_system_once_for_thousands_of_slices_and_refills_when_half_is_gone():
    asked = []

    def source(size):
        asked.append(size)
        return os.urandom(size)

    block = EntropyBlock(source)
    for _ in range(2_000):
        block.take()
    block.refill()
    assert len(asked) == 1
    for _ in range(100):
        block.take()
    block.refill()
    assert len(asked) == 2


def test_the_spelling_is_that_of_a_version_4_uuid():
    block = EntropyBlock(os.urandom)
    for _ in range(100):
        text = block.take_uuid4()
        assert str(uuid.UUID(text)) == text
        assert uuid.UUID(text).version == 4
        assert uuid.UUID(text).variant == uuid.RFC_4122
