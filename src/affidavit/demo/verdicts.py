"""The last three chapters: the file is verified, a changed byte is found, and an erased person breaks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.demo import damage

if TYPE_CHECKING:
    from affidavit.demo.stage import Stage

_TAMPERED = 1


def verify(stage: Stage) -> None:
    """The file as it was written is verified."""
    stage.screen.heading("Anybody with the file and the public key can check it")
    stage.command("verify audit.jsonl --keys keys.json --closed")


def change(stage: Stage) -> None:
    """A copy in which one byte is another is tampered with, and the record is named."""
    changed = damage.change_byte((stage.directory / "audit.jsonl").read_bytes())
    (stage.directory / "changed.jsonl").write_bytes(changed.data)
    stage.screen.heading("Somebody changes one byte in a copy")
    stage.screen.say(f"changed.jsonl, byte {changed.offset}: status {changed.before} becomes {changed.after}.")
    stage.command("verify changed.jsonl --keys keys.json --closed", expected=_TAMPERED)


def erase(stage: Stage) -> None:
    """A copy without anything about one person is verified, too."""
    data = (stage.directory / "audit.jsonl").read_bytes()
    erased = damage.erase(data, "alice")
    (stage.directory / "erased.jsonl").write_bytes(erased)
    stage.screen.heading("Alice has herself erased from another copy, and everything still holds")
    stage.screen.say(
        "The sealed texts hold only salted hashes of what is personal; what stood beside them is deleted: "
        f"audit.jsonl says alice {data.count(b'alice')} times, erased.jsonl {erased.count(b'alice')} times."
    )
    stage.command("verify erased.jsonl --keys keys.json --closed")
