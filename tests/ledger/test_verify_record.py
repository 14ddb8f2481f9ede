"""What is found in one record by itself: its spelling, what stands beside the text, what it claims."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from affidavit import semconv
from affidavit.ledger import canonical
from affidavit.ledger.signature import RECORD, Signer
from affidavit.model import SealedRecord, SignedRecord
from support.streams import SpoolRoot, otlp_record
from support.verdicts import attribute, put, said, verify

AUTHENTIC = ("authentic", [])


def request(**options):
    """One request of alice as an OTLP log record."""
    return otlp_record(SpoolRoot().stream().request("alice", **options))


def found(record):
    """Verdict, and kind and message of each finding, of a record alone."""
    report = verify([record], is_subset=True)
    return report.verdict.word, [(finding.kind.value, finding.message) for finding in report.findings]


def sealed(**facts):
    """A request whose stream key signed a text with other facts. Disclosures as they were."""
    stream = SpoolRoot().stream()
    good = stream.request("alice").record
    told = {**json.loads(good.text), **{getattr(semconv, name): value for name, value in facts.items()}}
    text = canonical.join_members(canonical.encode_member(key, value) for key, value in told.items() if value != "")
    signature = Signer(stream.key, RECORD).sign(text)
    record = otlp_record(SignedRecord(good, signature, stream.endorsement))
    return {**put(record, semconv.STATEMENT, text.decode()), "body": None, "eventName": "", "timeUnixNano": 0}


class TestTheStatement:
    @pytest.mark.parametrize(
        ("facts", "message"),
        [
            ({"FORMAT": ""}, "affidavit.format is missing"),
            ({"RECORD_ID": "17"}, "audit.record.id is missing or has another form"),
            ({"RECORD_ID": "5e1dd4a7-0e6c-1d8f-9f3a-111111111111"}, "audit.record.id is missing or has another form"),
            ({"STREAM_ID": ""}, "audit.sequence.stream_id is missing or has another form"),
            ({"NUMBER": 0}, "audit.sequence.number is not a number from 1"),
            ({"NUMBER": True}, "audit.sequence.number is not a number from 1"),
            ({"PREVIOUS_HASH": ""}, "affidavit.previous_hash stands in every record but the first"),
            ({"NUMBER": 1}, "affidavit.previous_hash stands in every record but the first"),
            ({"PREVIOUS_HASH": "F" * 64}, "affidavit.previous_hash is missing or has another form"),
            ({"EVENT_NAME": 5}, "event_name is missing or has another form"),
            ({"TIMESTAMP": "007"}, "timestamp is missing or has another form"),
            ({"TIMESTAMP": "10000000000000000000"}, "timestamp is missing or has another form"),
            ({"OBSERVED_TIMESTAMP": "now"}, "observed_timestamp is missing or has another form"),
            ({"TRACE_ID": "0" * 32}, "trace_id is missing or has another form"),
            ({"SPAN_ID": "ABCDEF0123456789"}, "span_id is missing or has another form"),
            ({"DISCLOSURE_HASHES": "x"}, "affidavit.disclosure_hashes are not hashes"),
            ({"DISCLOSURE_HASHES": ["f" * 64, "e" * 64]}, "affidavit.disclosure_hashes are not sorted, each once"),
            ({"CRITICAL": "a"}, "affidavit.critical is not a list of keys"),
            ({"ACTION": ""}, "the statement does not say who did what to what"),
        ],
    )
    def test_lacks_or_misspells_what_each_has(self, facts, message):
        verdict, findings = found(sealed(**facts))
        assert (verdict, ("spelling", message) in findings) == ("tampered", True)

    def test_of_another_format_is_not_judged(self):
        assert found(sealed(FORMAT="2")) == ("unverifiable", [("format", "format '2' is unknown to this verifier")])

    def test_of_another_format_may_have_another_domain(self):
        record = put(request(), semconv.STATEMENT, '{"affidavit.format":"2", "nested":{}}')
        assert found(record) == ("unverifiable", [("format", "format '2' is unknown to this verifier")])

    def test_with_an_unknown_critical_key_is_not_judged(self):
        record = sealed(CRITICAL=["affidavit.reversed"])
        assert found(record) == ("unverifiable", [("format", "a critical key is unknown to this verifier")])

    def test_with_a_known_critical_key_is(self):
        assert found(sealed(CRITICAL=["affidavit.previous_hash"])) == AUTHENTIC

    def test_that_is_gone_leaves_its_proof_behind(self):
        assert found(put(request(), semconv.STATEMENT, None)) == (
            "tampered",
            [("stripped", "proof of a statement that is not there")],
        )

    def test_that_cannot_be_read_is_named_by_what_it_and_its_copies_say(self):
        record = request()
        broken = put(record, semconv.STATEMENT, attribute(record, semconv.STATEMENT).replace('"READ"', "null"))
        [finding] = verify([broken], is_subset=True).findings
        assert (finding.kind.value, finding.number, finding.record_id) == (
            "spelling",
            2,
            attribute(record, "audit.record.id"),
        )

    def test_with_a_lone_surrogate_is_refused(self):
        record = put(request(), semconv.STATEMENT, '{"a.b":"\ud800"}')
        assert found(record) == ("tampered", [("spelling", "not a JSON object in UTF-8")])


class TestDisclosures:
    def test_one_that_the_text_does_not_list(self):
        record = request()
        changed = attribute(record, semconv.DISCLOSURES).replace("alice", "mallory")
        assert found(put(record, semconv.DISCLOSURES, changed)) == (
            "tampered",
            [("disclosure", "a disclosure that the text does not list")],
        )

    def test_the_same_one_twice(self):
        record = request()
        twice = "\n".join([attribute(record, semconv.DISCLOSURES)] * 2)
        assert found(put(record, semconv.DISCLOSURES, twice))[0] == "tampered"

    def test_ciphertext_is_withheld(self):
        stripped = {**put(request(), semconv.DISCLOSURES, "eyJhbGciOiJkaXIifQ..x.y.z"), "body": None}
        copies = [semconv.ACTOR_ID, semconv.USER_ID, semconv.CLIENT_ADDRESS]
        for key in copies:
            stripped = put(stripped, key, None)
        report = verify([stripped], is_subset=True)
        assert (said(report), report.counts.withheld) == (AUTHENTIC, 1)

    def test_a_copy_of_what_is_withheld_is_unproven_and_changes_no_verdict(self):
        record = {**put(request(), semconv.DISCLOSURES, None), "body": None}
        assert found(record) == (
            "authentic",
            [("copy unproven", "proven by nothing that is here: audit.actor.id, user.id, client.address")],
        )


class TestWhatStandsBesideTheText:
    @pytest.mark.parametrize(
        ("key", "value"),
        [
            (semconv.OUTCOME, "failure"),
            (semconv.USER_ID, "mallory"),
            (semconv.HTTP_STATUS, {"intValue": "500"}),
            (semconv.HTTP_STATUS, "200"),
            (semconv.HTTP_STATUS, {"doubleValue": 200}),
            (semconv.NUMBER, {"intValue": 3}),
            (semconv.TOKEN_REASON, "invented"),
            ("affidavit.invented", "x"),
            ("affidavit.invented", {"doubleValue": 1.5}),
            (semconv.TOKEN_SCOPES, {"arrayValue": {"values": [{"stringValue": "openid"}]}}),
        ],
    )
    def test_a_copy_that_differs(self, key, value):
        assert found(put(request(), key, value)) == ("tampered", [("copy", f"differs from the text: {key}")])

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("deployment.environment", "added by a Collector"),
            ("audit.integrity.value", "added by a Collector's signing processor"),
            ("audit.emitter.subject", "added by a gateway"),
            ("empty", {}),
            (
                semconv.TOKEN_SCOPES,
                {"arrayValue": {"values": [{"stringValue": "openid"}, {"stringValue": "orders:read"}]}},
            ),
            (semconv.HTTP_ROUTE, None),
            (semconv.HTTP_STATUS, {"intValue": 200}),
        ],
    )
    def test_what_was_added_dropped_or_is_the_same_is_no_matter(self, key, value):
        assert found(put(request(), key, value)) == AUTHENTIC

    @pytest.mark.parametrize(
        ("field", "value", "name"),
        [
            ("timeUnixNano", "1", "timestamp"),
            ("observedTimeUnixNano", "1", "observed_timestamp"),
            ("eventName", "http.client.request", "event_name"),
            ("traceId", "0af7651916cd43dd8448eb211c80319c", "trace_id"),
            ("spanId", "b7ad6b7169203331", "span_id"),
            ("body", {"stringValue": "mallory GET /orders/17 200 success"}, "body"),
            ("body", {"kvlistValue": {"values": []}}, "body"),
        ],
    )
    def test_a_field_that_differs(self, field, value, name):
        assert found({**request(), field: value}) == ("tampered", [("copy", f"differs from the text: {name}")])

    @pytest.mark.parametrize(
        "field", ["timeUnixNano", "observedTimeUnixNano", "eventName", "traceId", "spanId", "body", "severityText"]
    )
    def test_a_field_that_was_dropped_is_no_matter(self, field):
        record = request()
        del record[field]
        assert found(record) == AUTHENTIC

    def test_ids_in_capitals_and_times_as_numbers_are_the_same(self):
        record = request()
        assert (
            found({**record, "traceId": record["traceId"].upper(), "timeUnixNano": int(record["timeUnixNano"])})
            == AUTHENTIC
        )

    def test_the_statement_may_be_the_body(self):
        record = request()
        assert found({**record, "body": {"stringValue": attribute(record, semconv.STATEMENT)}}) == AUTHENTIC

    def test_a_body_that_still_names_the_erased_differs(self):
        record = put(request(), semconv.DISCLOSURES, None)
        for key in (semconv.ACTOR_ID, semconv.USER_ID, semconv.CLIENT_ADDRESS):
            record = put(record, key, None)
        assert found(record) == ("tampered", [("copy", "differs from the text: body")])
        assert found({**record, "body": {"stringValue": "[withheld] GET /orders/17 200 success"}}) == AUTHENTIC

    @pytest.mark.parametrize("key", [semconv.STATEMENT, semconv.SIGNATURE, semconv.ENDORSEMENT])
    def test_proof_that_stands_twice(self, key):
        record = request()
        again = {"key": key, "value": {"stringValue": attribute(record, key)}}
        report = found({**record, "attributes": [*record["attributes"], again]})
        assert report == ("tampered", [("copy", f"stands more than once: {key}")])

    def test_a_copy_that_stands_twice_must_be_right_twice(self):
        record = request()
        again = {"key": semconv.USER_ID, "value": {"stringValue": "mallory"}}
        assert found({**record, "attributes": [again, *record["attributes"]]})[0] == "tampered"


class TestControlRecords:
    """Signed by the stream's key, and yet not what the format asks for."""

    @pytest.mark.parametrize(
        ("facts", "message"),
        [
            ({semconv.SPOOL_ID: "x"}, "affidavit.spool.id is missing or has another form"),
            ({semconv.SPOOL_NUMBER: 0}, "affidavit.spool.number is not a number from 1"),
            ({semconv.HEARTBEAT_SECONDS: "300"}, "affidavit.heartbeat_seconds is not a number from 0"),
            (
                {semconv.SPOOL_NUMBER: 2},
                "a start is record 1, and names the start before it unless it is the first",
            ),
        ],
    )
    def test_a_start(self, facts, message):
        stream = SpoolRoot().stream(start=False)
        stream.control(
            semconv.STREAM_START,
            {
                semconv.ENDORSEMENT: stream.endorsement,
                semconv.HEARTBEAT_SECONDS: 300,
                semconv.SPOOL_ID: stream.root.id,
                semconv.SPOOL_NUMBER: 1,
                **facts,
            },
        )
        assert found(stream.records[0]) == ("tampered", [("spelling", message)])

    def test_a_recovery_without_a_hash(self):
        stream = SpoolRoot().stream()
        stream.control(
            semconv.STREAM_RECOVERED, {semconv.RECOVERED_STREAM_ID: stream.root.uuid(), semconv.RECOVERED_LAST: 3}
        )
        message = "affidavit.recovered.last_hash is missing or has another form"
        assert found(stream.records[1]) == ("tampered", [("spelling", message)])

    def test_a_loss_whose_last_is_before_its_first(self):
        stream = SpoolRoot().stream()
        stream.missing(1, {semconv.MISSING_STREAM_ID: stream.id, semconv.MISSING_FIRST: 5, semconv.MISSING_LAST: 4})
        message = "affidavit.missing.last is not a number from 5"
        assert found(stream.records[1]) == ("tampered", [("spelling", message)])

    def test_a_checkpoint_of_another_stream(self):
        root = SpoolRoot()
        stream, other = root.stream(), root.stream()
        stream.control(semconv.STREAM_CHECKPOINT, {**other._covering(1), semconv.ENDORSEMENT: stream.endorsement})
        assert found(stream.records[1])[1][0][0] == "checkpoint"

    def test_an_endorsement_of_another_stream_in_the_text(self):
        root = SpoolRoot()
        stream, other = root.stream(), root.stream()
        stream.control(semconv.STREAM_CHECKPOINT, {**stream._covering(1), semconv.ENDORSEMENT: other.endorsement})
        message = "the endorsement in the text is of another stream's key"
        assert ("endorsement", message) in found(stream.records[1])[1]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_character_of_statement_disclosure_or_proof_can_be_changed_unseen(data):
    record = RECORD_OF_ALICE
    key = data.draw(st.sampled_from([semconv.STATEMENT, semconv.DISCLOSURES, semconv.SIGNATURE, semconv.ENDORSEMENT]))
    text = attribute(record, key)
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.characters().filter(lambda char: char != text[position]))
    changed = put(record, key, text[:position] + character + text[position + 1 :])
    assert verify([changed], is_subset=True).verdict.exit_code != 0


RECORD_OF_ALICE = request()


def test_whatever_is_left_of_a_record_is_examined_without_an_exception():
    stream = SpoolRoot().stream()
    stream.request()
    signed = stream.records[1]
    empty = replace(signed, record=SealedRecord(stream.id, 2, signed.record.text), signature=None, endorsement="")
    record = otlp_record(empty)
    for key in [item["key"] for item in record["attributes"]]:
        verify([put(record, key, "")])
        verify([put(record, key, {})])
        verify([put(record, key, {"arrayValue": {}})])
