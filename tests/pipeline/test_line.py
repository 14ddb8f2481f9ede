"""From facts to the sink: what is sealed is chained, signed, covered, shipped and never lost."""

from __future__ import annotations

import json
import threading

import pytest
from lines import SECOND, Line
from waiting import until

from affidavit.errors import ExportError
from affidavit.ledger import canonical
from affidavit.ledger.checkpoint import verify_checkpoint
from affidavit.ledger.endorsement import verify_endorsement
from affidavit.ledger.hashing import leaf_hash
from affidavit.ledger.keys import load_verify_key
from affidavit.ledger.merkle import Frontier
from affidavit.ledger.signature import parse_detached
from affidavit.pipeline.stream import StreamClosedError


def attributes(record):
    return dict(record.attributes)


def statements(line):
    return [json.loads(attributes(record)["affidavit.statement"]) for record in line.sink.records]


def test_records_are_numbered_from_the_start_and_name_the_one_before(tmp_path):
    line = Line(tmp_path)
    for _ in range(3):
        line.emit()
    line.signer.step()
    line.shipper.step()

    made = statements(line)
    texts = [attributes(record)["affidavit.statement"].encode() for record in line.sink.records]
    assert [one["audit.sequence.number"] for one in made] == [1, 2, 3, 4]
    assert [one["event_name"] for one in made] == ["audit.stream.start"] + ["order.approved"] * 3
    assert [one.get("affidavit.previous_hash") for one in made[1:]] == [leaf_hash(text).hex() for text in texts[:-1]]


def test_every_record_carries_a_signature_of_the_stream_key_and_its_endorsement(tmp_path):
    line = Line(tmp_path)
    line.emit()
    line.signer.step()
    line.shipper.step()

    for record in line.sink.records:
        held = attributes(record)
        endorsement = verify_endorsement(held["affidavit.endorsement"])
        assert endorsement.identity.public_jwk == line.identity.public_jwk
        assert endorsement.stream_id == line.stream.stream_id
        signature = parse_detached(held["affidavit.signature"])
        assert signature.typ == "affidavit-record+jws"
        assert signature.verifies(endorsement.stream_key, held["affidavit.statement"].encode())


def test_nothing_is_shipped_before_it_is_signed(tmp_path):
    line = Line(tmp_path)
    line.emit()
    line.shipper.step()
    assert line.sink.records == []


def test_the_shipper_never_overtakes_the_signatures(tmp_path):
    """Whatever is shipped while signatures are being spooled carries its own."""
    line = Line(tmp_path)
    put = line.stream.put_signatures

    def slow(signatures):
        line.shipper.step()  # the other thread's turn, at the worst moment
        put(signatures)

    line.stream.put_signatures = slow
    line.emit()
    line.signer.sign()
    line.shipper.step()
    assert [("affidavit.signature" in attributes(record)) for record in line.sink.records] == [True, True]


@pytest.mark.parametrize(("records", "seconds", "due"), [(511, 0, False), (512, 0, True), (1, 10, True), (1, 9, False)])
def test_a_checkpoint_is_due_after_512_records_or_10_seconds(tmp_path, records, seconds, due):
    line = Line(tmp_path, max_bytes=1 << 26)
    line.signer.sign()
    line.signer.checkpoint("audit.stream.checkpoint")
    line.signer.sign()
    for _ in range(records):
        line.emit()
    line.signer.sign()
    line.now_ns += seconds * SECOND
    line.signer.step()
    line.shipper.step()
    line.shipper.step()
    assert line.sink.events.count("audit.stream.checkpoint") == 1 + due


def test_an_idle_stream_has_a_checkpoint_every_heartbeat(tmp_path):
    line = Line(tmp_path, heartbeat_s=60)
    line.now_ns += 10 * SECOND
    for _ in range(5):
        pause_s = line.signer.step()
        line.now_ns += int(pause_s * SECOND)
    line.signer.step()
    line.shipper.step()
    times = [int(one["timestamp"]) // SECOND for one in statements(line)[1:]]
    assert times == list(range(times[0], times[0] + 60 * len(times), 60))
    assert len(times) >= 4


def test_a_checkpoint_holds_the_root_of_the_records_before_it(tmp_path):
    line = Line(tmp_path)
    for _ in range(5):
        line.emit()
    line.signer.end()
    line.shipper.step()

    *before, end = [attributes(record)["affidavit.statement"].encode() for record in line.sink.records]
    tree = Frontier()
    for text in before:
        tree.append(leaf_hash(text))
    key = load_verify_key(line.stream.key.public_jwk)
    checkpoint = verify_checkpoint(json.loads(end)["affidavit.checkpoint"], line.stream.stream_id, key)
    assert (checkpoint.size, checkpoint.root) == (6, tree.root())
    with pytest.raises(StreamClosedError):
        line.emit()


def test_personal_facts_stand_in_a_disclosure_that_the_text_lists(tmp_path):
    line = Line(tmp_path)
    record = line.emit(**{"user.id": "alice"})
    text, (disclosure,) = json.loads(record.text), map(json.loads, record.disclosures)
    salt = disclosure.pop("affidavit.salt")
    assert disclosure == {"audit.actor.id": "alice", "user.id": "alice"}
    assert len(salt) == 22
    assert len(text["affidavit.disclosure_hashes"]) == 1
    assert "alice" not in str(text)


def test_anonymous_is_not_personal(tmp_path):
    record = Line(tmp_path).emit(**{"audit.actor.id": "anonymous"})
    assert json.loads(record.text)["audit.actor.id"] == "anonymous"
    assert record.disclosures == ()


def test_what_is_outside_the_formats_domain_is_left_out_or_spelled_out(tmp_path):
    line = Line(tmp_path)
    record = line.emit(
        **{"app.list": ["", "a", ""], "app.void": [""], "app.big": 2**53, "app.none": None, "app.no": False}
    )
    text = canonical.parse(record.text)
    assert {key: value for key, value in text.items() if key.startswith("app.")} == {
        "app.list": ["a"],
        "app.big": "9007199254740992",
        "app.no": False,
    }


def test_the_end_covers_all_that_was_sealed_before_it_however_many_threads_seal(tmp_path):
    line = Line(tmp_path, max_bytes=1 << 26)
    go_on = threading.Event()
    sealed = []

    def seal():
        while True:
            try:
                sealed.append(line.emit().number)
            except StreamClosedError:
                return
            go_on.set()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    go_on.wait()
    line.signer.end()
    for thread in threads:
        thread.join()
    while line.shipper.ship():
        pass
    end = statements(line)[-1]
    assert end["event_name"] == "audit.stream.end"
    assert int(end["affidavit.checkpoint"].split("\n")[1]) == max(sealed) == end["audit.sequence.number"] - 1


def test_what_is_too_long_is_cut_and_named_and_never_lost(tmp_path):
    line = Line(tmp_path)
    one = line.emit(**{"url.path": "/" + "x" * 5000, "user_agent.original": "ä" * 5000, "http.route": "\ud800"})
    text = json.loads(one.text)
    assert len(text["url.path"]) == 4096
    assert text["http.route"] == "?"
    assert text["affidavit.truncated"] == ["url.path", "user_agent.original"]
    many = line.emit(**{f"app.field_{number}": "x" * 4096 for number in range(20)})
    assert len(many.text) < 32 * 1024
    assert len(json.loads(many.text)["affidavit.truncated"]) == 20


def test_a_sink_that_refuses_gets_the_same_records_again_and_it_is_said_once(tmp_path, caplog):
    line = Line(tmp_path)
    line.emit()
    line.signer.step()
    line.sink.refusal = ExportError("no")
    pauses = []
    for _ in range(8):
        pauses.append(line.shipper.step())
        assert line.shipper.step() == pauses[-1]  # somebody woke it: it waits all the same
        line.now_ns += int(pauses[-1] * SECOND)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert line.sink.tries == 8
    line.sink.refusal = ExportError("later", retry_after_s=7)
    assert line.shipper.step() == 7
    line.now_ns += 7 * SECOND
    line.sink.refusal = None
    line.shipper.step()
    assert line.sink.events == ["audit.stream.start", "order.approved"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_a_shipper_that_falls_behind_reads_what_it_was_not_handed_and_ships_each_record_once(tmp_path):
    line = Line(tmp_path, max_bytes=64 * 1024 * 1024)
    for _ in range(20):  # more than is kept at hand, with a hole behind it
        for _ in range(120):
            line.emit()
        line.signer.sign()
    line.shipper.ship()
    line.emit()
    line.signer.sign()
    while line.shipper.ship():
        pass

    assert [one["audit.sequence.number"] for one in statements(line)] == list(range(1, 20 * 120 + 3))


def test_what_a_full_spool_refused_is_counted_and_declared(tmp_path):
    line = Line(tmp_path, max_bytes=64 * 1024)
    kept = [line.emit(**{"app.note": "x" * 1000}) for _ in range(200)]
    refused = kept.count(None)
    assert 0 < refused < 200
    line.signer.step()
    while line.shipper.ship():
        pass
    line.pipeline._spool.prepare()
    assert line.emit() is not None
    line.signer.step()
    line.shipper.step()

    (missing,) = [one for one in statements(line) if one["event_name"] == "audit.records.missing"]
    assert missing["affidavit.missing.count"] == refused
    assert missing["affidavit.missing.reason"] == "full"
    assert [one["audit.sequence.number"] for one in statements(line)] == list(range(1, 1 + 1 + 200 - refused + 2))


def test_losses_are_declared_as_soon_as_there_is_room_without_another_request(tmp_path):
    line = Line(tmp_path, max_bytes=64 * 1024)
    while line.emit(**{"app.note": "x" * 1000}) is not None:
        pass
    line.signer.step()
    while line.shipper.ship():
        pass
    line.pipeline._sign()
    line.signer.step()
    line.shipper.step()
    assert line.sink.events[-1] == "audit.records.missing"


def test_what_a_dead_process_left_is_signed_declared_and_shipped_by_the_next(tmp_path):
    dead = Line(tmp_path)
    dead.emit()
    dead.signer.step()
    dead.emit()
    dead.die()
    heir = Line(tmp_path, identity=dead.identity)
    for _ in range(4):
        heir.signer.step()
        heir.shipper.step()

    of_dead = [r for r in heir.sink.records if attributes(r)["audit.sequence.stream_id"] == dead.stream.stream_id]
    types = [parse_detached(attributes(record)["affidavit.signature"]).typ for record in of_dead]
    assert types == ["affidavit-record+jws", "affidavit-record+jws", "affidavit-adopted+jws"]
    vouched = [verify_endorsement(attributes(record)["affidavit.endorsement"]).stream_id for record in of_dead]
    assert vouched == [dead.stream.stream_id, dead.stream.stream_id, heir.stream.stream_id]
    (recovered,) = [one for one in statements(heir) if one["event_name"] == "audit.stream.recovered"]
    assert {key: value for key, value in recovered.items() if key.startswith("affidavit.recovered.")} == {
        "affidavit.recovered.stream_id": dead.stream.stream_id,
        "affidavit.recovered.first": 1,
        "affidavit.recovered.last": 3,
        "affidavit.recovered.last_hash": leaf_hash(attributes(of_dead[-1])["affidavit.statement"].encode()).hex(),
        "affidavit.recovered.last_signed": 2,
    }
    assert len([path for path in (tmp_path / "v1").iterdir() if path.is_dir()]) == 1


def test_that_they_were_adopted_is_told_before_they_are_without_anybodys_request(tmp_path):
    """A reader of the live file would take their signatures for nobody's."""
    dead = Line(tmp_path)
    dead.emit()
    dead.die()
    heir = Line(tmp_path, identity=dead.identity)
    heir.pipeline.start()
    until(lambda: any(one["audit.sequence.stream_id"] == dead.stream.stream_id for one in statements(heir)), 5.0)
    heir.pipeline.close(5.0)

    told = [(one["audit.sequence.stream_id"], one["event_name"]) for one in statements(heir)]
    recovered = told.index((heir.stream.stream_id, "audit.stream.recovered"))
    assert recovered < told.index((dead.stream.stream_id, "audit.stream.start"))


def test_records_that_the_disk_has_lost_are_declared_by_their_numbers(tmp_path):
    line = Line(tmp_path)
    lost = line.emit(**{"app.note": "the lost one"})
    line.emit()
    (segment,) = tmp_path.glob("v1/*/*.seg")
    content = segment.read_bytes()
    segment.write_bytes(content.replace(b"the lost one", b"x" * 12))
    line.signer.step()
    line.signer.at_hand.clear()  # the shipper has fallen behind, and reads
    line.shipper.step()
    line.signer.step()
    line.shipper.step()

    made = statements(line)
    assert lost.number not in [one["audit.sequence.number"] for one in made]
    (missing,) = [one for one in made if one["event_name"] == "audit.records.missing"]
    facts = {key: value for key, value in missing.items() if key.startswith("affidavit.missing.")}
    del facts["affidavit.missing.since"], facts["affidavit.missing.until"]
    assert facts == {
        "affidavit.missing.count": 1,
        "affidavit.missing.reason": "damaged",
        "affidavit.missing.stream_id": line.stream.stream_id,
        "affidavit.missing.first": 2,
        "affidavit.missing.last": 2,
    }


def test_a_spool_whose_start_was_never_listed_is_cleared_away(tmp_path):
    dead = Line(tmp_path)
    (tmp_path / "v1" / "streams").write_bytes(b"")
    dead.die()
    heir = Line(tmp_path)
    heir.signer.step()
    heir.shipper.step()
    assert heir.sink.events == ["audit.stream.start"]
    assert len([path for path in (tmp_path / "v1").iterdir() if path.is_dir()]) == 1


def test_streams_of_one_root_are_numbered_and_linked(tmp_path):
    starts = []
    for _ in range(3):
        line = Line(tmp_path)
        line.pipeline.close(5)
        starts.append(statements(line)[0])
    assert [start["affidavit.spool.number"] for start in starts] == [1, 2, 3]
    assert len({start["affidavit.spool.id"] for start in starts}) == 1
    assert "affidavit.spool.previous_hash" not in starts[0]


def test_a_clean_close_ships_everything_and_leaves_nothing_behind(tmp_path):
    line = Line(tmp_path)
    line.pipeline.start()
    line.emit()
    line.pipeline.close(5)
    assert line.sink.events == ["audit.stream.start", "order.approved", "audit.stream.end"]
    assert [path.name for path in (tmp_path / "v1").iterdir()] == ["streams"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("affidavit")]


def test_a_close_while_the_sink_refuses_leaves_the_rest_for_the_next(tmp_path):
    line = Line(tmp_path)
    line.emit()
    line.sink.refusal = ExportError("no")
    line.pipeline.close(5)
    heir = Line(tmp_path, identity=line.identity)
    for _ in range(3):
        heir.signer.step()
        heir.shipper.step()
    assert sorted(heir.sink.events) == [
        "audit.stream.end",
        "audit.stream.recovered",
        "audit.stream.start",
        "audit.stream.start",
        "order.approved",
    ]


def test_many_threads_seal_one_unbroken_chain(tmp_path):
    line = Line(tmp_path, max_bytes=1 << 26)
    threads = [threading.Thread(target=lambda: [line.emit() for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    line.pipeline.close(30)
    made = statements(line)
    assert [one["audit.sequence.number"] for one in made] == list(range(1, 1603))
    texts = [attributes(record)["affidavit.statement"].encode() for record in line.sink.records]
    assert [one["affidavit.previous_hash"] for one in made[1:]] == [leaf_hash(text).hex() for text in texts[:-1]]
