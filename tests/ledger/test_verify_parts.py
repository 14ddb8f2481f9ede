"""The small parts that the judgement is made of."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affidavit.errors import KeyFileError, MalformedError
from affidavit.ledger import rows
from affidavit.ledger.findings import Findings
from affidavit.ledger.ranges import Range
from affidavit.ledger.report import Kind, Verdict
from affidavit.ledger.rows import Place
from affidavit.ledger.trust import Vouchers, parse_jwks
from support.streams import IDENTITY, Ed25519Identity, P256Identity, SpoolRoot, jwks

small = st.integers(1, 30)
ranges = st.builds(lambda first, size: Range(first, first + size), small, st.integers(0, 9))


class TestRanges:
    @given(ranges, st.lists(ranges, max_size=4))
    def test_what_is_left_is_what_no_declared_range_holds(self, range_, declared):
        left = [number for part in range_.minus(sorted(declared)) for number in range(part.first, part.last + 1)]
        held = {number for part in declared for number in range(part.first, part.last + 1)}
        assert left == [number for number in range(range_.first, range_.last + 1) if number not in held]

    def test_reads_as_numbers_of_records(self):
        assert (str(Range(3, 3)), str(Range(3, 7))) == ("#3", "#3 to #7")


class TestRows:
    def test_sort_by_stream_number_and_type(self):
        def finding(stream, number):
            return rows.pack_finding(Kind.COPY, "", Place(0, 1), stream=stream * 16, number=number)

        def claim(stream, number, row_type):
            return rows.pack_claim(stream * 16, number, row_type, True, 0, 0, bytes(32), bytes(16), 1, bytes(16), 0, 1)

        ordered = [
            finding(b"a", 2),
            claim(b"a", 256, rows.MISSING),
            finding(b"a", 256),
            claim(b"a", 256, rows.CHECKPOINT),
            claim(b"a", 256, rows.RECOVERED),
            finding(b"b", 1),
        ]
        assert sorted(set(ordered)) == ordered

    def test_a_finding_comes_back(self):
        row = rows.pack_finding(Kind.COPY, "\ud800 ä", Place(70_000, 80_000), stream=b"s" * 16, number=2**53 - 1)
        assert rows.unpack_finding(row) == rows.FindingRow(
            b"s" * 16, 2**53 - 1, rows.FINDING, Kind.COPY, bytes(16), Place(70_000, 80_000), "\\ud800 ä"
        )


class TestFindings:
    def test_beyond_the_limit_they_are_counted(self):
        findings = Findings(["f"], limit=2)
        for number in range(5):
            findings.add(Kind.GAP, "", Place(0, 1), stream=bytes(16), number=number)
        assert (len(findings.kept), findings.found[Kind.GAP]) == (2, 5)

    def test_the_verdict_is_the_worst(self):
        findings = Findings(["f"], limit=0)
        assert findings.verdict(Verdict.AUTHENTIC) is Verdict.AUTHENTIC
        for kind, verdict in [
            (Kind.COPY_UNPROVEN, Verdict.AUTHENTIC),
            (Kind.GAP, Verdict.INCOMPLETE),
            (Kind.UNPROVEN, Verdict.UNVERIFIABLE),
            (Kind.COPY, Verdict.TAMPERED),
            (Kind.GAP, Verdict.TAMPERED),
        ]:
            findings.add(kind, "", Place(0, 1), stream=bytes(16))
            assert findings.verdict(Verdict.AUTHENTIC) is verdict


class TestKeySets:
    def test_thumbprints_of_all_keys(self):
        assert len(parse_jwks(jwks(IDENTITY, P256Identity()).encode())) == 2

    def test_a_single_key_will_do(self):
        assert parse_jwks(json.dumps(IDENTITY.public_jwk).encode()) == parse_jwks(jwks(IDENTITY).encode())

    def test_keys_of_other_kinds_are_passed_over(self):
        both = {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}, dict(IDENTITY.public_jwk)]}
        assert parse_jwks(json.dumps(both).encode()) == parse_jwks(jwks(IDENTITY).encode())

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (b"", 'not a JWKS: expected JSON, {"keys": [...]}'),
            (b"\xff\xfe", 'not a JWKS: expected JSON, {"keys": [...]}'),
            (b"[" * 100_000, 'not a JWKS: expected JSON, {"keys": [...]}'),
            (b"[]", 'not a JWKS: expected {"keys": [...]}'),
            (b'{"keys":{}}', 'not a JWKS: expected {"keys": [...]}'),
            (b'{"keys":[1]}', 'not a JWKS: expected {"keys": [...]}'),
            (b'{"keys":[]}', "it holds no Ed25519 or P-256 public key"),
            (b'{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}', "it holds no Ed25519 or P-256 public key"),
            (
                b'{"kty":"OKP","crv":"Ed25519","x":"AA","d":"SECRET"}',
                "it holds a private key; give the public half (affidavit keys export)",
            ),
            (
                b'{"keys":[{"kty":"oct","k":"SECRET"}]}',
                "it holds a private key; give the public half (affidavit keys export)",
            ),
            (
                b"-----BEGIN PRIVATE KEY-----\nSECRET",
                "it is a private key; give the public half as a JWKS (affidavit keys export)",
            ),
            (b"-----BEGIN PUBLIC KEY-----\n", "it is PEM, not a JWKS (affidavit keys export writes one)"),
        ],
    )
    def test_what_is_none_is_refused_and_not_shown(self, text, message):
        with pytest.raises(KeyFileError) as caught:
            parse_jwks(text)
        assert str(caught.value) == message


class TestVouchers:
    def test_say_who_vouches_and_whether_he_is_pinned(self):
        stream = SpoolRoot().stream()
        stranger = SpoolRoot(identity=Ed25519Identity(2)).stream()
        vouchers = Vouchers(parse_jwks(jwks(IDENTITY).encode()))
        assert vouchers.verify(stream.endorsement).trusted
        assert not vouchers.verify(stranger.endorsement).trusted
        assert vouchers.verify(stream.endorsement).endorsement.stream_id == stream.id

    def test_what_does_not_verify_is_refused_each_time_with_an_error_of_its_own(self):
        vouchers = Vouchers(frozenset())
        errors = []
        for _ in range(2):
            with pytest.raises(MalformedError) as caught:
                vouchers.verify("a.b.c")
            errors.append(caught.value)
        assert errors[0] is not errors[1]
