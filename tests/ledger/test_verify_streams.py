"""What a verifier believes of whole streams: every attack that needs no key is seen, and what is benign is not."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from affidavit import semconv
from affidavit.ledger import canonical
from affidavit.ledger.endorsement import endorse
from affidavit.ledger.hashing import leaf_hash
from affidavit.ledger.keys import StreamKey
from affidavit.ledger.report import Verdict
from affidavit.ledger.signature import ADOPTED, RECORD, Signer
from affidavit.ledger.trust import parse_jwks
from support.streams import FIRST_MOMENT, IDENTITY, SECOND, Ed25519Identity, P256Identity, SpoolRoot, jwks, otlp_record
from support.verdicts import TRUSTED, put, said, verify

WHOLE = ("verified", [])


def ended(*, signed=True, requests=3, root=None):
    """Start, requests, a checkpoint, one more request, end: the numbers 1 to requests + 4."""
    stream = (root or SpoolRoot()).stream(signed=signed)
    for number in range(requests):
        stream.request(f"user-{number}")
    stream.checkpoint()
    stream.request("late")
    stream.end()
    return stream


def retell(signed, **facts):
    """`signed` with another text; signature and all else stay."""
    told = {**json.loads(signed.record.text), **{getattr(semconv, name): value for name, value in facts.items()}}
    text = canonical.join_members(canonical.encode_member(key, value) for key, value in told.items() if value != "")
    return replace(signed, record=signed.record._replace(text=text))


def unsigned(signed):
    return replace(signed, signature=None)


both_modes = pytest.mark.parametrize("signed", [True, False], ids=["each signed", "checkpoints only"])


class TestWhatIsWhole:
    @both_modes
    def test_a_stream_from_start_to_end(self, signed):
        report = verify(ended(signed=signed).records, is_closed=True)
        assert said(report) == WHOLE
        [stream] = report.streams
        assert (stream.first, stream.last, stream.verified_through, stream.closing) == (1, 7, 7, "ended")
        assert (stream.records, stream.proven) == (7, 7)

    @both_modes
    def test_in_any_order(self, signed):
        records = ended(signed=signed).records
        random.Random(1).shuffle(records)
        assert said(verify(records, is_closed=True)) == WHOLE

    @both_modes
    def test_delivered_twice(self, signed):
        records = ended(signed=signed).records
        report = verify([*records, *records[2:4]], is_closed=True)
        assert said(report) == WHOLE
        assert (report.counts.records, report.counts.duplicates) == (7, 2)

    def test_of_two_deliveries_the_one_that_proves_counts(self):
        records = ended().records
        assert said(verify([unsigned(records[-1]), *records], is_closed=True)) == WHOLE

    def test_an_open_tail_is_said_and_no_fault(self):
        report = verify(ended().records[:-1])
        assert said(report) == WHOLE
        assert (report.streams[0].closing, report.streams[0].verified_through) == ("open", 6)

    def test_unless_an_end_is_demanded(self):
        assert said(verify(ended().records[:-1], is_closed=True)) == ("incomplete", [("open", 0)])

    def test_a_p256_identity(self):
        identity = P256Identity()
        stream = ended(root=SpoolRoot(identity=identity))
        assert said(verify(stream.records, parse_jwks(jwks(identity).encode()), is_closed=True)) == WHOLE

    def test_withheld_disclosures_are_counted(self):
        records = [
            replace(signed, record=signed.record._replace(disclosures=())) if signed.record.disclosures else signed
            for signed in ended().records
        ]
        report = verify(records, is_closed=True)
        assert said(report) == WHOLE
        assert report.counts.withheld == 4

    def test_a_disclosure_withheld_in_one_delivery_only_is_not_withheld(self):
        records = ended().records
        without = replace(records[1], record=records[1].record._replace(disclosures=()))
        assert verify([without, *records]).counts.withheld == 0

    def test_nothing_at_all_cannot_be_verified(self):
        assert said(verify([])) == ("unverifiable", [("no records", 0)])


class TestSomebodyWithoutAKey:
    def test_modifies_a_record(self):
        records = ended().records
        records[2] = retell(records[2], TARGET_ID="/orders/18")
        report = verify(records)
        assert said(report)[0] == "tampered"
        assert ("signature", 3) in said(report)[1]
        assert report.streams[0].verified_through == 2

    def test_modifies_a_record_that_only_a_checkpoint_covers(self):
        records = ended(signed=False).records
        records[2] = retell(records[2], TARGET_ID="/orders/18")
        records[2] = replace(records[2], record=records[2].record._replace(disclosures=()))
        assert said(verify(records)) == ("tampered", [("link", 4)])

    def test_modifies_the_last_record_before_a_checkpoint(self):
        stream = SpoolRoot().stream(signed=False)
        stream.request()
        stream.checkpoint()
        records = [stream.records[0], retell(stream.records[1], DURATION_NS=1), stream.records[2]]
        assert said(verify(records)) == ("tampered", [("checkpoint", 3), ("link", 3)])

    def test_deletes_a_record_in_the_middle(self):
        records = ended().records
        report = verify(records[:2] + records[3:])
        assert said(report) == ("incomplete", [("gap", 3)])
        assert report.findings[0].message == "#3 missing"

    def test_deletes_several(self):
        records = ended().records
        report = verify(records[:1] + records[3:5] + records[6:])
        assert [finding.message for finding in report.findings] == ["#2 to #3 missing", "#6 missing"]

    def test_deletes_what_proves_the_records_before(self):
        records = ended(signed=False).records
        report = verify(records[:3] + records[5:])
        assert said(report) == ("incomplete", [("gap", 4)])
        assert report.findings[0].message == "#4 to #5 missing, and with it what would prove #2 to #3"
        assert report.counts.proven == 3

    def test_deletes_the_beginning(self):
        report = verify(ended().records[2:])
        assert said(report) == ("incomplete", [("no start", 0)])

    def test_cuts_the_tail_which_only_a_copy_elsewhere_shows(self):
        assert said(verify(ended().records[:3])) == WHOLE

    def test_removes_a_signature_of_a_record_that_the_next_one_proves(self):
        records = ended().records
        records[2] = unsigned(records[2])
        report = verify(records, is_closed=True)
        assert said(report) == WHOLE
        assert report.counts.proven == 7

    def test_removes_the_last_signature(self):
        records = ended().records[:3]
        records[2] = unsigned(records[2])
        assert said(verify(records)) == ("unverifiable", [("unproven", 3)])

    def test_spoils_a_signature_of_a_record_that_is_proven_otherwise(self):
        records = ended().records
        records[2] = replace(records[2], signature=records[3].signature)
        report = verify(records, is_closed=True)
        assert said(report) == ("tampered", [("signature", 3)])
        assert report.counts.proven == 7

    def test_swaps_two_texts(self):
        records = ended().records
        second, third = records[1], records[2]
        records[1:3] = [replace(second, record=third.record), replace(third, record=second.record)]
        assert said(verify(records)) == ("tampered", [("signature", 2), ("signature", 3)])

    def test_inserts_a_record_behind_the_last(self):
        records = ended().records[:3]
        hash_ = leaf_hash(records[-1].record.text).hex()
        forged = unsigned(retell(records[-1], NUMBER=4, PREVIOUS_HASH=hash_))
        assert said(verify([*records, forged])) == ("unverifiable", [("unproven", 4)])

    def test_cuts_a_stream_of_checkpoints_and_what_none_covers_is_not_called_verified(self):
        report = verify(ended(signed=False).records[:3])
        assert said(report) == WHOLE
        assert (report.streams[0].verified_through, report.streams[0].proven, report.streams[0].records) == (1, 1, 3)

    def test_puts_another_record_beside_one(self):
        records = ended(signed=False).records
        forged = retell(records[2], DURATION_NS=1)
        report = verify([*records, forged])
        assert said(report) == ("tampered", [("version", 3)])

    def test_puts_a_record_behind_the_end(self):
        records = ended().records
        hash_ = leaf_hash(records[-1].record.text).hex()
        forged = unsigned(retell(records[1], NUMBER=8, PREVIOUS_HASH=hash_))
        assert said(verify([*records, forged])) == ("tampered", [("link", 8), ("unproven", 8)])

    def test_makes_a_genuine_checkpoint_into_an_end(self):
        """Executed against a prototype, which then reported a clean end: nothing in an unproven record is believed."""
        records = ended(signed=False).records[:5]
        records[4] = unsigned(retell(records[4], EVENT_NAME=semconv.STREAM_END))
        report = verify(records)
        assert said(report) == ("unverifiable", [("unproven", 5)])
        assert (report.streams[0].closing, report.streams[0].verified_through) == ("open", 4)

    def test_removes_the_endorsements_and_what_start_and_checkpoint_seal_still_proves(self):
        records = [replace(signed, endorsement="") for signed in ended().records]
        encoded = [put(otlp_record(signed), semconv.ENDORSEMENT, None) for signed in records]
        report = verify(encoded, is_closed=True)
        assert said(report) == WHOLE
        assert (report.counts.proven, report.counts.unchecked) == (7, 4)

    def test_leaves_a_signature_nobody_can_check_on_an_open_tail(self):
        encoded = [put(otlp_record(signed), semconv.ENDORSEMENT, None) for signed in ended().records[:3]]
        assert said(verify(encoded)) == ("unverifiable", [("unproven", 2)])


class TestSomebodyWithAnotherKey:
    def test_signs_in_the_streams_place(self):
        records = ended().records
        thief = StreamKey(b"t" * 32)
        records[2] = replace(records[2], signature=Signer(thief, RECORD).sign(records[2].record.text))
        assert said(verify(records)) == ("tampered", [("signature", 3)])

    def test_endorsed_by_an_identity_of_his_own(self):
        records = ended().records
        thief = StreamKey(b"t" * 32)
        text = records[2].record.text
        own = endorse(Ed25519Identity(2), records[2].record.stream_id, thief.public_jwk, "orders", 1)
        records[2] = replace(records[2], signature=Signer(thief, RECORD).sign(text), endorsement=own)
        assert said(verify(records)) == ("tampered", [("fork", 3)])

    def test_makes_a_whole_stream_of_his_own(self):
        report = verify([*ended().records, *ended(root=SpoolRoot(seed=9, identity=Ed25519Identity(2))).records])
        assert said(report) == ("unverifiable", [("unpinned", 0)])
        assert sorted(stream.verdict.word for stream in report.streams) == ["unverifiable", "verified"]
        assert len(report.unpinned) == 1

    def test_cannot_declare_what_he_deleted_missing(self):
        stream = ended()
        thief = SpoolRoot(seed=9, identity=Ed25519Identity(2)).stream()
        thief.missing(1, _lost(stream, 3, 3))
        report = verify([*stream.records[:2], *stream.records[3:], *thief.records])
        assert ("gap", 3) in said(report)[1]

    def test_with_the_key_of_another_stream_of_the_same_service(self):
        root = SpoolRoot()
        stream, other = ended(root=root), ended(root=root)
        text = stream.records[2].record.text
        crossed = replace(
            stream.records[2], signature=Signer(other.key, RECORD).sign(text), endorsement=other.endorsement
        )
        records = [*stream.records[:2], crossed, *stream.records[3:], *other.records]
        assert said(verify(records)) == ("tampered", [("endorsement", 3)])

    def test_with_no_pinned_key_everything_is_consistent_and_unverifiable(self):
        report = verify(ended().records, frozenset())
        assert said(report) == ("unverifiable", [("unpinned", 0)])
        assert report.unpinned == tuple(TRUSTED)


class TestTheHolderOfTheStreamKey:
    def test_forks(self):
        stream = ended()
        other = retell(stream.records[2], DURATION_NS=1)
        other = replace(other, signature=Signer(stream.key, RECORD).sign(other.record.text))
        assert said(verify([*stream.records, other])) == ("tampered", [("fork", 3)])

    def test_links_to_another_record(self):
        stream = SpoolRoot().stream()
        stream.seal("app.event", {**_event(), semconv.PREVIOUS_HASH: "0" * 64})
        assert said(verify(stream.records)) == ("tampered", [("link", 2)])

    def test_endorses_two_keys_for_one_stream(self):
        records = ended().records
        second = StreamKey(b"s" * 32)
        text = records[2].record.text
        again = endorse(IDENTITY, records[2].record.stream_id, second.public_jwk, "orders", 1)
        records[2] = replace(records[2], signature=Signer(second, RECORD).sign(text), endorsement=again)
        assert said(verify(records)) == ("tampered", [("fork", 3)])

    def test_ends_over_fewer_records_than_there_are(self):
        stream = SpoolRoot().stream()
        stream.request()
        stream.control(semconv.STREAM_END, stream._covering(1))
        assert said(verify(stream.records)) == ("tampered", [("checkpoint", 3)])


class TestAdoption:
    def orphan(self, *, last_signed=2):
        root = SpoolRoot()
        dead = root.stream()
        for number in range(3):
            dead.request(f"user-{number}")
        heir = root.stream()
        heir.adopt(dead, last_signed)
        return dead, heir

    def test_closes_the_dead_stream_and_counts_what_was_signed_for_it(self):
        dead, heir = self.orphan()
        heir.end()
        report = verify(dead.records + heir.records, is_closed=True)
        assert said(report) == WHOLE
        assert {(s.closing, s.adopted) for s in report.streams} == {("recovered", 2), ("ended", 0)}

    def test_a_record_missing_at_the_recovered_end_is_a_gap(self):
        dead, heir = self.orphan()
        assert said(verify(dead.records[:-1] + heir.records)) == ("incomplete", [("gap", 4)])

    def test_an_orphan_deleted_whole_is_missing(self):
        dead, heir = self.orphan()
        report = verify(heir.records)
        assert said(report) == ("incomplete", [("no start", 0)])
        assert report.findings[0].stream_id == dead.id

    def test_another_last_record_than_the_adopter_saw(self):
        dead, heir = self.orphan()
        changed = retell(dead.records[-1], DURATION_NS=1)
        changed = replace(changed, signature=Signer(heir.key, ADOPTED).sign(changed.record.text))
        assert said(verify([*dead.records[:-1], changed, *heir.records])) == ("tampered", [("recovery", 4)])

    def test_a_stream_does_not_adopt_its_own_records(self):
        stream = ended()
        records = stream.records
        records[2] = replace(records[2], signature=Signer(stream.key, ADOPTED).sign(records[2].record.text))
        assert said(verify(records)) == ("tampered", [("signature", 3)])

    def test_an_adopted_end_is_not_believed(self):
        root = SpoolRoot()
        dead = root.stream()
        dead.end()
        heir = root.stream()
        adopted = Signer(heir.key, ADOPTED).sign(dead.records[1].record.text)
        dead.records[1] = replace(dead.records[1], signature=adopted, endorsement=heir.endorsement)
        heir.end()
        report = verify(dead.records + heir.records)
        assert {s.closing for s in report.streams} == {"open", "ended"}

    def test_the_key_of_another_stream_cannot_rewrite_an_open_tail(self):
        root = SpoolRoot()
        dead, thief = root.stream(), root.stream()
        dead.request("alice")
        dead.request("bob")
        *others, last = dead.records
        changed = retell(last, DURATION_NS=1)
        signature = Signer(thief.key, ADOPTED).sign(changed.record.text)
        records = [*others, replace(changed, signature=signature, endorsement=thief.endorsement), *thief.records]
        assert said(verify(records)) == ("unverifiable", [("unproven", 3)])
        heir = root.stream()
        heir.recovered(dead, 1, 3)
        assert said(verify([*records, *heir.records])) == ("tampered", [("recovery", 3), ("unproven", 3)])

    def test_where_the_adopter_need_not_be_here_its_signature_proves(self):
        dead, _ = self.orphan()
        assert said(verify(dead.records[2:], is_subset=True)) == ("authentic", [])
        assert said(verify(dead.records, since_ns=FIRST_MOMENT)) == WHOLE

    def test_a_signature_of_its_own_behind_it_proves_it_too(self):
        root = SpoolRoot()
        stream, other = root.stream(), root.stream()
        adopted = stream.request()
        stream.request()
        signature = Signer(other.key, ADOPTED).sign(adopted.record.text)
        stream.records[1] = replace(adopted, signature=signature, endorsement=other.endorsement)
        assert said(verify(stream.records + other.records)) == WHOLE

    def test_what_was_lost_between_is_declared_and_the_rest_proven(self):
        dead, heir = self.orphan()
        named = {semconv.MISSING_STREAM_ID: dead.id, semconv.MISSING_FIRST: 3, semconv.MISSING_LAST: 3}
        heir.adopt(dead, 1)
        heir.missing(1, named)
        records = [*dead.records[:2], dead.records[3], *heir.records]
        assert said(verify(records)) == WHOLE

    def test_a_stranger_cannot_say_what_a_pinned_adopter_has_not_said(self):
        dead, heir = self.orphan()
        stranger = SpoolRoot(seed=7, identity=Ed25519Identity(2)).stream(start=False)
        stranger.id = heir.id
        stranger.endorsement = endorse(stranger.root.identity, heir.id, stranger.key.public_jwk, "orders", 1)
        stranger.frontier = heir.frontier
        stranger.records = [heir.records[0]]
        said_by_stranger = stranger.recovered(dead, 1, 2)
        report = verify([*dead.records, heir.records[0], said_by_stranger])
        assert [f.number for f in report.findings if f.stream_id == dead.id] == [3]

    def test_an_adopter_that_nobody_pinned_proves_nothing(self):
        dead, heir = self.orphan()
        stranger = SpoolRoot(seed=7, identity=Ed25519Identity(2)).stream()
        signer = Signer(stranger.key, ADOPTED)
        adopted = [
            replace(record, signature=signer.sign(record.record.text), endorsement=stranger.endorsement)
            for record in dead.records[2:]
        ]
        report = verify([*dead.records[:2], *adopted])
        assert said(report) == ("unverifiable", [("unproven", 3), ("unpinned", 0)])
        assert heir.id != stranger.id


class TestWhatIsDeclared:
    def test_a_declared_loss_is_no_gap(self):
        stream = SpoolRoot().stream()
        for number in range(4):
            stream.request(f"user-{number}")
        stream.missing(2, _lost(stream, 3, 4))
        report = verify(stream.records[:2] + stream.records[4:])
        assert said(report) == WHOLE
        assert (report.counts.missing, report.streams[0].verified_through) == (2, 6)

    def test_another_stream_may_declare_it(self):
        root = SpoolRoot()
        stream, other = ended(root=root), root.stream()
        other.missing(1, _lost(stream, 3, 3))
        assert said(verify(stream.records[:2] + stream.records[3:] + other.records)) == WHOLE

    def test_only_what_was_declared(self):
        stream = ended()
        other = stream.root.stream()
        other.missing(1, _lost(stream, 3, 3))
        records = stream.records[:2] + stream.records[4:] + other.records
        assert said(verify(records)) == ("incomplete", [("gap", 4)])

    def test_records_never_sealed_are_counted_and_leave_no_gap(self):
        stream = SpoolRoot().stream()
        stream.missing(17)
        report = verify(stream.records)
        assert said(report) == WHOLE
        assert report.counts.missing == 17

    def test_not_by_a_record_whose_signature_was_removed(self):
        stream = ended()
        other = stream.root.stream()
        declaration = other.missing(1, _lost(stream, 3, 3))
        other.request()
        records = [unsigned(r) if r is declaration else r for r in other.records]
        assert said(verify(stream.records[:2] + stream.records[3:] + records)) == ("incomplete", [("gap", 3)])

    def test_what_a_declared_loss_leaves_without_proof_is_said(self):
        stream = SpoolRoot().stream(signed=False)
        for number in range(4):
            stream.request(f"user-{number}")
        stream.missing(2, _lost(stream, 3, 4))
        report = verify(stream.records[:2] + stream.records[4:])
        assert said(report) == ("incomplete", [("gap", 2)])
        assert report.findings[0].message == "what would prove #2 is missing"


class TestTime:
    def test_silence_of_more_than_two_heartbeats_is_found(self):
        root = SpoolRoot(heartbeat_seconds=300)
        silent, other = root.stream(), root.stream()
        root.tick(601)
        other.request()
        report = verify(silent.records + other.records)
        assert said(report) == ("incomplete", [("silence", 1)])
        assert report.findings[0].stream_id == silent.id

    def test_of_less_is_not(self):
        root = SpoolRoot(heartbeat_seconds=300)
        silent, other = root.stream(), root.stream()
        root.tick(599)
        other.request()
        assert said(verify(silent.records + other.records)) == WHOLE

    def test_nor_after_an_end(self):
        root = SpoolRoot()
        over, other = ended(root=root), root.stream()
        root.tick(10_000)
        other.request()
        assert said(verify(over.records + other.records)) == WHOLE

    def test_an_unproven_record_does_not_break_the_silence(self):
        root = SpoolRoot()
        silent, other = root.stream(), root.stream()
        root.tick(1000)
        other.request()
        forged = unsigned(
            retell(
                other.records[1],
                STREAM_ID=silent.id,
                PREVIOUS_HASH=silent.head.hex(),
                OBSERVED_TIMESTAMP=str(root.now),
            )
        )
        report = verify([*silent.records, forged, *other.records])
        assert ("silence", 2) in said(report)[1]

    def test_files_that_begin_later_show_streams_from_their_middle(self):
        records = ended().records
        since_ns = int(json.loads(records[2].record.text)[semconv.OBSERVED_TIMESTAMP])
        report = verify(records[2:], since_ns=since_ns, is_closed=True)
        assert said(report) == WHOLE
        assert (report.streams[0].first, report.streams[0].verified_through) == (3, 7)

    def test_but_not_streams_that_began_later_still(self):
        records = ended().records
        assert said(verify(records[2:], since_ns=SECOND)) == ("incomplete", [("no start", 0)])


class TestSpoolRoots:
    def test_a_stream_deleted_whole_is_a_number_that_nobody_has(self):
        root = SpoolRoot()
        first, _, third = (ended(root=root) for _ in range(3))
        report = verify(first.records + third.records)
        assert said(report) == ("incomplete", [("spool", 0)])
        assert report.findings[0].message == f"of the streams under root {root.id}, #2 missing"

    def test_the_newest_one_too_if_a_later_checkpoint_knows_of_it(self):
        root = SpoolRoot()
        first = root.stream()
        root.stream()
        root.stream()
        first.checkpoint()
        report = verify(first.records)
        assert report.findings[0].message == f"of the streams under root {root.id}, #2 to #3 missing"

    def test_what_is_below_the_least_may_lie_in_an_earlier_file(self):
        root = SpoolRoot()
        ended(root=root)
        assert said(verify(ended(root=root).records)) == WHOLE

    def test_a_start_that_does_not_link_to_the_one_before(self):
        root = SpoolRoot()
        first = root.stream()
        root.newest_start = b"x" * 32
        second = root.stream()
        report = verify(first.records + second.records)
        assert said(report) == ("tampered", [("link", 1)])
        assert report.findings[0].stream_id == second.id

    def test_two_streams_in_one_place(self):
        root = SpoolRoot()
        first = root.stream()
        root.newest_number = 0
        root.newest_start = None
        second = root.stream()
        assert said(verify(first.records + second.records)) == ("tampered", [("fork", 1)])

    def test_roots_do_not_mix(self):
        one, other = SpoolRoot(seed=1), SpoolRoot(seed=2)
        records = [*ended(root=one).records, *ended(root=other).records]
        assert said(verify(records, is_closed=True)) == WHOLE


class TestSubsets:
    def test_each_record_shown_is_proven_and_nothing_is_said_of_others(self):
        records = ended().records
        report = verify([records[2], records[5]], is_subset=True)
        assert said(report) == ("authentic", [])
        assert report.counts.proven == 2

    def test_one_that_nothing_proves_is_found(self):
        records = ended(signed=False).records
        report = verify([records[1], records[3]], is_subset=True)
        assert said(report) == ("unverifiable", [("unproven", 2), ("unproven", 4)])

    def test_one_that_its_neighbour_proves_is_not(self):
        records = ended(signed=False).records
        assert said(verify(records[3:5], is_subset=True)) == ("authentic", [])

    def test_an_edited_one_is_tampered(self):
        assert said(verify([retell(ended().records[2], DURATION_NS=1)], is_subset=True)) == (
            "tampered",
            [("signature", 3)],
        )


def test_the_worst_verdict_wins():
    records = ended().records
    cut = records[:2] + records[3:]
    stranger = ended(root=SpoolRoot(seed=9, identity=Ed25519Identity(2)))
    assert verify(cut).verdict is Verdict.INCOMPLETE
    assert verify([*cut, *stranger.records]).verdict is Verdict.UNVERIFIABLE
    assert verify([*cut, *stranger.records, retell(records[1], DURATION_NS=1)]).verdict is Verdict.TAMPERED


def test_every_finding_says_where():
    records = ended().records
    del records[2]
    [finding] = verify(records).findings
    assert (finding.path, finding.line, finding.stream_id, finding.number) == ("f", 3, records[0].record.stream_id, 3)
    assert finding.record_id == json.loads(records[2].record.text)[semconv.RECORD_ID]


def _lost(stream, first, last):
    return {semconv.MISSING_STREAM_ID: stream.id, semconv.MISSING_FIRST: first, semconv.MISSING_LAST: last}


def _event():
    return {
        semconv.ACTOR_ID: semconv.ANONYMOUS,
        semconv.ACTOR_TYPE: "user",
        semconv.ACTION: "READ",
        semconv.OUTCOME: "success",
        semconv.TARGET_ID: "17",
        semconv.TARGET_TYPE: "order",
    }
