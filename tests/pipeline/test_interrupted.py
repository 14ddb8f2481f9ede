"""What a signal's handler raises in the middle of sealing passes, and leaves neither a hole nor a second version."""

from __future__ import annotations

import json

import pytest
from lines import Line

from affidavit.ledger.hashing import leaf_hash


class TimeIsUpError(BaseException):
    """As ``SystemExit`` out of a server's handler, or an alarm."""


def interrupt_once(spool, *, after: bool) -> None:
    """Let the next ``append`` be interrupted, just before or just after the record was written."""
    append = spool.append

    def interrupted(record):
        spool.append = append
        if after:
            append(record)
        raise TimeIsUpError

    spool.append = interrupted


@pytest.mark.parametrize("where", ["disk", "memory"])
@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after it"])
@pytest.mark.parametrize("later", [0, 2], ids=["and ends", "and goes on"])
def test_a_stream_that_was_interrupted_goes_on_as_if_nothing_had_been(tmp_path, where, after, later):
    if where == "memory":
        (tmp_path / "spool").write_text("a file where a directory should be")
    line = Line(tmp_path / "spool")
    line.emit()
    line.signer.sign()
    interrupt_once(line.pipeline._spool, after=after)
    with pytest.raises(TimeIsUpError):
        line.emit()
    for _ in range(later):
        line.emit()
    line.signer.end()
    line.shipper.step()

    texts = [dict(record.attributes)["affidavit.statement"].encode() for record in line.sink.records]
    made = [json.loads(text) for text in texts]
    assert [one["audit.sequence.number"] for one in made] == list(range(1, 5 + later))
    assert [one.get("affidavit.previous_hash") for one in made[1:]] == [leaf_hash(text).hex() for text in texts[:-1]]
    assert made[-1]["affidavit.checkpoint"].split("\n")[1] == str(len(made) - 1)
    assert all("affidavit.signature" in dict(record.attributes) for record in line.sink.records)
