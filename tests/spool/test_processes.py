"""Several processes, and their sudden deaths: nothing that was kept is lost, and nobody gets what is another's."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

from affidavit.spool.orphan import adopt_orphans
from affidavit.spool.streams import newest_number
from support import spool_process
from support.spools import directories_of, fill, numbers_of, open_spool


@contextmanager
def running(part, root):
    process = subprocess.Popen(
        [sys.executable, spool_process.__file__, part, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def racing(part, root, number):
    """So many processes, all set loose at one time."""
    with ExitStack() as stack:
        processes = [stack.enter_context(running(part, root)) for _ in range(number)]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        yield processes


def test_a_killed_process_loses_nothing_that_it_was_told_is_kept(tmp_path):
    for kill_after in (1, 2, 11, 99, 100, 101, 350, 700, 1200, 2500):
        with running("append", tmp_path) as process:
            for _ in range(kill_after):
                process.stdout.readline()
            process.kill()
            told = kill_after + len(process.stdout.readlines())
        (orphan,) = adopt_orphans(tmp_path)
        found = numbers_of(orphan.records())
        acknowledged = (told - told % 100) - 50 if told >= 100 else 0
        assert found == [*range(found[0], found[-1] + 1)]
        # It may have died between keeping a record and saying so, or between sending and saying so.
        assert found[-1] in (told, told + 1)
        assert found[0] in (acknowledged + 1, max(1, acknowledged - 99))
        assert orphan.damaged <= 1
        orphan.discard()
    assert directories_of(tmp_path) == []


def test_each_orphan_is_adopted_by_one_process_only(tmp_path):
    last_numbers = {}
    for last in range(1, 41):
        spool = open_spool(tmp_path)
        fill(spool, range(1, last + 1))
        spool.close()
        last_numbers[Path(spool._directory.path).name] = last
    with open_living(tmp_path) as living, racing("adopt", tmp_path, 4) as adopters:
        adopted = [json.loads(line) for adopter in adopters for line in adopter.stdout]
        assert sorted(name for name, _ in adopted) == sorted(last_numbers)
        assert all(numbers == [*range(1, last_numbers[name] + 1)] for name, numbers in adopted)
        assert [path.name for path in directories_of(tmp_path)] == [Path(living._directory.path).name]
        assert numbers_of(living.read(10, 10)) == [1, 2]


@contextmanager
def open_living(root):
    living = open_spool(root)
    fill(living, [1, 2])
    try:
        yield living
    finally:
        living.close()


def test_places_taken_at_one_time_are_all_different_and_in_a_row(tmp_path):
    (tmp_path / "v1").mkdir()
    with racing("number", tmp_path, 8) as processes:
        places = sorted((json.loads(process.stdout.read()) for process in processes), key=lambda place: place[1])
    (spool_id,) = {place[0] for place in places}
    texts = [spool_process.text_of(spool_id, number).decode() for number in range(1, 9)]
    assert places == [[spool_id, number, before] for number, before in enumerate(["", *texts[:-1]], 1)]
    assert (tmp_path / "v1" / "streams").read_text().splitlines() == texts
    assert newest_number(tmp_path) == 8


def test_a_parents_spool_can_be_adopted_at_its_death_while_its_child_lives(tmp_path):
    with running("fork", tmp_path) as parent:
        assert {parent.stdout.readline(), parent.stdout.readline()} == {"child\n", "parent\n"}
        assert list(adopt_orphans(tmp_path)) == []
        parent.kill()
        parent.wait()
        (orphan,) = adopt_orphans(tmp_path)
        assert numbers_of(orphan.records()) == [1, 2, 3, 4]
        orphan.discard()
        parent.stdin.close()  # the child's input too: it ends
        assert parent.stdout.read() == ""
