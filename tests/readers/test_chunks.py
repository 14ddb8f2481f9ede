"""Files as chunks of whole lines."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from affidavit.readers import chunks
from affidavit.readers.chunks import Chunk, read_chunks


@given(st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b" "))), st.booleans(), st.integers(1, 60))
def test_lines_keep_their_numbers_and_bytes(lines, ends, chunk_bytes):
    content = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    read = list(read_chunks(io.BytesIO(content), 3, chunk_bytes=chunk_bytes))
    assert b"".join(line for chunk in read for line in chunk.lines) == content
    numbered = [number for chunk in read for number, _ in enumerate(chunk.lines, chunk.first)]
    assert numbered == list(range(1, len(numbered) + 1))
    assert sum(chunk.size for chunk in read) == len(content)


def test_a_line_that_is_too_long_is_skipped_and_counted(monkeypatch):
    monkeypatch.setattr(chunks, "MAX_LINE_BYTES", 10)
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 7)
    content = b"short\n" + b"x" * 95 + b"\nlast\n"
    assert list(read_chunks(io.BytesIO(content), 0, chunk_bytes=1000)) == [
        Chunk(0, 1, [b"short\n", None, b"last\n"], len(content))
    ]


def test_one_that_is_just_short_enough_is_read(monkeypatch):
    monkeypatch.setattr(chunks, "MAX_LINE_BYTES", 10)
    assert list(read_chunks(io.BytesIO(b"123456789\nx"), 0)) == [Chunk(0, 1, [b"123456789\n", b"x"], 11)]
