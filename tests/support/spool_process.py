"""A process of its own at work on a spool root: ``python spool_process.py <part> <root>``.

It says on standard output what it has done, and waits where it must for a line on standard input.
"""

from __future__ import annotations

import json
import os
import sys
import time
from itertools import count
from pathlib import Path

from spools import numbers_of, open_spool, record, sign

from affidavit.spool.orphan import adopt_orphans
from affidavit.spool.streams import register

SMALL = 256 * 1024


def say(text: object) -> None:
    """One line, at once and whole, whatever happens next."""
    os.write(1, f"{text}\n".encode())


def append(root: Path) -> None:
    """Append for ever, and say each number once it is kept; prepare, sign and acknowledge like a worker."""
    spool = open_spool(root, SMALL)
    for number in count(1):
        spool.append(record(number))
        say(number)
        if number % 10 == 0:
            sign(spool, range(number - 9, number + 1))
            spool.prepare()
        if number % 100 == 0:
            spool.acknowledge(number - 50)


def adopt(root: Path) -> None:
    """Adopt all there is, again and again until told to stop, and say which records were found."""
    say("ready")
    sys.stdin.readline()
    for _ in range(20):
        for orphan in adopt_orphans(root):
            say(json.dumps([Path(orphan.path).name, numbers_of(orphan.records())]))
            orphan.discard()


def number(root: Path) -> None:
    """Take a place among the streams, and say which."""
    say("ready")
    sys.stdin.readline()
    place = register(root, lambda place: text_of(place.spool_id, place.number), os.urandom)
    say(json.dumps([place.spool_id, place.number, (place.previous_text or b"").decode()]))


def text_of(spool_id: str, place: int) -> bytes:
    """A start text by its looks."""
    return json.dumps({"affidavit.spool.id": spool_id, "affidavit.spool.number": place}).encode()


def fork(root: Path) -> None:
    """Spool and fork. The child lets go and lives on until its input ends; the parent waits to be killed."""
    spool = open_spool(root, SMALL)
    for n in (1, 2, 3):
        spool.append(record(n))
    spool.prepare()
    spool.read(1, 3)
    if os.fork() == 0:
        spool.abandon()
        spool.close()
        say("child")
        sys.stdin.read()
        os._exit(0)
    spool.append(record(4))
    say("parent")
    time.sleep(60)


if __name__ == "__main__":
    {"append": append, "adopt": adopt, "number": number, "fork": fork}[sys.argv[1]](Path(sys.argv[2]))
