"""The log record of a statement: its sentence, its copies, its severity, all made from text and disclosures alone."""

from __future__ import annotations

import pytest

from affidavit.ledger.canonical import encode_member, join_members
from affidavit.ledger.disclosure import format_disclosure
from affidavit.ledger.projection import COPIED_KEYS, WITHHELD, copies, escape, project, sentence, severity
from affidavit.model import LogRecord, SealedRecord, SignedRecord

HTTP = {
    "audit.action": "READ",
    "audit.outcome": "success",
    "audit.target.id": "/orders/17",
    "audit.target.type": "http.endpoint",
    "affidavit.token.state": "verified",
    "http.request.method": "GET",
    "http.response.status_code": 200,
}
ALICE = {"audit.actor.id": "alice"}


class TestTheSentence:
    """One line for people."""

    def test_of_a_request_with_a_verified_token(self):
        assert sentence(HTTP, ALICE) == "alice GET /orders/17 200 success"

    def test_of_a_request_with_an_expired_token(self):
        statement = {
            **HTTP,
            "audit.actor.id": "anonymous",
            "http.request.method": "DELETE",
            "http.response.status_code": 401,
            "audit.outcome": "failure",
            "affidavit.token.state": "expired",
        }
        assert sentence(statement, {}) == "anonymous DELETE /orders/17 401 failure [expired]"

    def test_an_absent_token_is_not_worth_a_word(self):
        statement = {**HTTP, "audit.actor.id": "anonymous", "affidavit.token.state": "absent"}
        assert sentence(statement, {}) == "anonymous GET /orders/17 200 success"

    def test_of_anything_but_http(self):
        statement = {
            "audit.actor.id": "affidavit",
            "audit.action": "EXECUTE",
            "audit.target.type": "audit.stream",
            "audit.target.id": "6f0e",
            "audit.outcome": "success",
        }
        assert sentence(statement, {}) == "affidavit EXECUTE audit.stream 6f0e success"

    def test_a_withheld_actor_is_said_to_be_withheld(self):
        assert sentence(HTTP, {}) == "[withheld] GET /orders/17 200 success"
        assert WITHHELD == "[withheld]"

    def test_a_personal_target_is_read_from_the_disclosure_and_left_out_without_it(self):
        statement = {key: value for key, value in HTTP.items() if key != "audit.target.id"}
        assert sentence(statement, {**ALICE, "audit.target.id": "/people/7"}) == "alice GET /people/7 200 success"
        assert sentence(statement, ALICE) == "alice GET 200 success"

    def test_a_request_that_was_never_answered_has_no_status(self):
        statement = {key: value for key, value in HTTP.items() if key != "http.response.status_code"}
        assert sentence(statement, ALICE) == "alice GET /orders/17 success"

    def test_it_is_one_line_in_its_own_order_whatever_the_facts_hold(self):
        facts = {"audit.actor.id": "al\u202eice\r\nbob GET / 200 success"}
        assert sentence(HTTP, facts) == "al\\u202eice\\u000d\\u000abob GET / 200 success GET /orders/17 200 success"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ASCII ~", "plain ASCII ~"),
        ("Zoë 李雷 \U0001f600 \u00a0\u3000", "Zoë 李雷 \U0001f600 \u00a0\u3000"),
        ("שלום مرحبا", "שלום مرحبا"),
        ("\0\t\n\r\x1b\x7f", "\\u0000\\u0009\\u000a\\u000d\\u001b\\u007f"),
        ("\x80\x9b\x9f", "\\u0080\\u009b\\u009f"),
        (
            "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e",
            "\\u061c\\u200e\\u200f\\u202a\\u202b\\u202c\\u202d\\u202e",
        ),
        ("\u2066\u2067\u2068\u2069", "\\u2066\\u2067\\u2068\\u2069"),
        ("\u00ad\u200b\u200d\u2060\ufeff", "\\u00ad\\u200b\\u200d\\u2060\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ue000\uf8ff\uffff", "\\ue000\\uf8ff\\uffff"),
        ("\U000e0041\U0010fffd", "\\U000e0041\\U0010fffd"),
        ("\ufffd\ufffc", "\ufffd\ufffc"),
        ("\\u202e", "\\u202e"),
    ],
)
def test_control_format_and_private_characters_are_escaped_and_nothing_else(text, expected):
    assert escape(text) == expected


def test_characters_that_a_later_unicode_assigned_stay_as_they_are():
    """Writer and verifier run different Pythons: U+1FAE8 came with Unicode 15, U+1FAE9 with 16."""
    assert escape("\U0001fae8\U0001fae9\u0378") == "\U0001fae8\U0001fae9\u0378"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (9, "INFO")),
        ({"affidavit.decision": "allow", "http.response.status_code": 404}, (9, "INFO")),
        ({"affidavit.decision": "deny", "http.response.status_code": 403}, (13, "WARN")),
        ({"affidavit.decision": "allow", "http.response.status_code": 500}, (17, "ERROR")),
        ({"affidavit.decision": "deny", "http.response.status_code": 503}, (17, "ERROR")),
    ],
)
def test_severity_is_error_for_5xx_warn_for_a_denial_else_info(facts, expected):
    assert severity(facts) == expected


def test_copies_come_from_the_text_and_the_disclosures_under_the_same_names():
    statement = {**HTTP, "audit.sequence.number": 2}
    assert copies(statement, {**ALICE, "user.id": "alice", "user.roles": ["admin"]}) == (
        ("audit.sequence.number", 2),
        ("audit.actor.id", "alice"),
        ("audit.action", "READ"),
        ("audit.outcome", "success"),
        ("audit.target.id", "/orders/17"),
        ("user.id", "alice"),
        ("http.request.method", "GET"),
        ("http.response.status_code", 200),
        ("affidavit.token.state", "verified"),
    )


def test_nothing_is_copied_of_what_is_withheld():
    assert "audit.actor.id" in COPIED_KEYS
    assert "audit.actor.id" not in dict(copies(HTTP, {}))


FACTS = {
    **HTTP,
    "event_name": "http.server.request",
    "timestamp": "1767225600000000001",
    "observed_timestamp": "1767225600000000002",
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
    "span_id": "b7ad6b7169203331",
}
TEXT = join_members(encode_member(key, value) for key, value in FACTS.items())
DISCLOSURE = format_disclosure([encode_member("audit.actor.id", "alice")], bytes(16))


class TestTheLogRecord:
    def signed(self, *disclosures: bytes, signature: str | None = "h..s") -> SignedRecord:
        return SignedRecord(SealedRecord("6f0e", 1, TEXT, disclosures), signature, "h.p.s")

    def test_it_is_made_whole(self):
        assert project(self.signed(DISCLOSURE)) == LogRecord(
            event_name="http.server.request",
            timestamp_ns=1767225600000000001,
            observed_timestamp_ns=1767225600000000002,
            trace_id="0af7651916cd43dd8448eb211c80319c",
            span_id="b7ad6b7169203331",
            severity_number=9,
            severity_text="INFO",
            body="alice GET /orders/17 200 success",
            attributes=(
                ("affidavit.statement", TEXT.decode()),
                ("affidavit.signature", "h..s"),
                ("affidavit.endorsement", "h.p.s"),
                ("affidavit.disclosures", '{"affidavit.salt":"AAAAAAAAAAAAAAAAAAAAAA","audit.actor.id":"alice"}'),
                *copies(FACTS, ALICE),
            ),
        )

    def test_two_disclosures_stand_on_two_lines(self):
        other = format_disclosure([encode_member("user.id", "bob")], bytes(16))
        attributes = dict(project(self.signed(DISCLOSURE, other)).attributes)
        assert attributes["affidavit.disclosures"] == f"{DISCLOSURE.decode()}\n{other.decode()}"

    def test_without_signature_and_disclosure_there_is_no_such_attribute(self):
        names = [name for name, _ in project(self.signed(signature=None)).attributes]
        assert names[:3] == ["affidavit.statement", "affidavit.endorsement", "audit.action"]

    def test_the_statement_can_be_the_body(self):
        assert project(self.signed(), statement_as_body=True).body == TEXT.decode()

    @pytest.mark.parametrize(
        "text", [b"{", b"\xff", b"[]", b"[" * 9999, b'{"event_name":7,"timestamp":"x","audit.action":{}}']
    )
    def test_what_cannot_be_read_travels_all_the_same_with_its_proof(self, text):
        signed = SignedRecord(SealedRecord("s", 1, text, (b"nor this",)), "h..s", "h.p.s")
        made = project(signed)
        assert (made.timestamp_ns, made.observed_timestamp_ns) == (0, 0)
        assert [name for name, _ in made.attributes] == [
            "affidavit.statement",
            "affidavit.signature",
            "affidavit.endorsement",
            "affidavit.disclosures",
        ]
