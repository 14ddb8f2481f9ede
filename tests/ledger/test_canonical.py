"""A JSON object of the domain has one spelling; everything else is malformed, and nothing else is raised."""

from __future__ import annotations

import json
from enum import Enum

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from affidavit.errors import MalformedError
from affidavit.ledger.canonical import clean, encode_member, join_members, parse

TEXT = '{"audit.action":"READ","audit.sequence.number":7,"event_name":"x","user.roles":["a","b"],"z.complete":true}'
FACTS = {
    "audit.action": "READ",
    "audit.sequence.number": 7,
    "event_name": "x",
    "user.roles": ["a", "b"],
    "z.complete": True,
}

strings = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
keys = st.one_of(
    st.sampled_from(["event_name", "timestamp", "observed_timestamp", "trace_id", "span_id"]),
    st.from_regex(r"[a-z][a-z0-9_]{0,9}(\.[A-Za-z0-9_-]{1,9}){1,3}", fullmatch=True),
)
values = st.one_of(
    strings,
    st.booleans(),
    st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1),
    st.lists(strings, min_size=1, max_size=5),
)
objects = st.dictionaries(keys, values, max_size=12)

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines that run tests are busy


def write(facts: dict) -> bytes:
    return join_members(encode_member(key, value) for key, value in facts.items())


class TestTheOneSpelling:
    def test_an_object_is_sorted_and_compact(self):
        assert write(dict(reversed(FACTS.items()))).decode() == TEXT

    def test_the_text_gives_the_object_back_with_its_types(self):
        parsed = parse(TEXT.encode())
        assert (parsed, [type(value) for value in parsed.values()]) == (FACTS, [str, int, str, list, bool])

    def test_characters_are_raw_utf8_but_for_the_escapes_of_rfc_8785(self):
        value = '\b\t\n\f\r"\\/\x01\x1f\x7f\u20ac\u2028\U0001f600\ufeff'
        text = '{"a.b":"\\b\\t\\n\\f\\r\\"\\\\/\\u0001\\u001f\x7f\u20ac\u2028\U0001f600\ufeff"}'.encode()
        assert (write({"a.b": value}), parse(text)) == (text, {"a.b": value})

    def test_a_number_is_written_in_digits_even_where_an_enumeration_has_a_name_for_it(self):
        class Status(int, Enum):
            FINE = 200

        assert write({"a.b": Status.FINE}) == b'{"a.b":200}'

    def test_a_longer_key_sorts_behind_its_prefix(self):
        facts = {"a.b.c": 1, "a.b": 2, "a.b-c": 3, "a.bB": 4, "a.b0": 5, "a.b_": 6}
        assert write(facts) == b'{"a.b":2,"a.b-c":3,"a.b.c":1,"a.b0":5,"a.bB":4,"a.b_":6}'

    @patient
    @given(objects)
    @example({})
    def test_for_any_object_it_is_the_sorted_compact_json_of_the_standard_library(self, facts):
        text = write(facts)
        expected = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert (text, parse(text)) == (expected, facts)


class TestTheDomain:
    """Each of these is refused, though many survive "parse, write again, compare"."""

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("1.0", id="float"),
            pytest.param("1e+16", id="exponent"),
            pytest.param("1E5", id="capital exponent"),
            pytest.param("1e-07", id="small float"),
            pytest.param("-0.0", id="negative zero as float"),
            pytest.param("-0", id="negative zero"),
            pytest.param("01", id="leading zero"),
            pytest.param("+1", id="plus sign"),
            pytest.param("NaN", id="NaN"),
            pytest.param("Infinity", id="Infinity"),
            pytest.param("-Infinity", id="negative Infinity"),
            pytest.param("null", id="null"),
            pytest.param("9007199254740992", id="2^53"),
            pytest.param("9007199254740993", id="2^53+1"),
            pytest.param("-9007199254740992", id="-2^53"),
            pytest.param("1" * 5000, id="5,000 digits"),
            pytest.param('""', id="empty string"),
            pytest.param("[]", id="empty list"),
            pytest.param('["a",""]', id="empty string in a list"),
            pytest.param("[1]", id="integer in a list"),
            pytest.param('["a",true]', id="boolean in a list"),
            pytest.param('["a",null]', id="null in a list"),
            pytest.param('[["a"]]', id="list in a list"),
            pytest.param("{}", id="empty object"),
            pytest.param('{"c.d":1}', id="object"),
            pytest.param("[" * 1000 + "]" * 1000, id="1,000 lists deep"),
            pytest.param("[" * 16000 + "]" * 16000, id="16,000 lists deep"),
            pytest.param('{"a":' * 5000 + "1" + "}" * 5000, id="5,000 objects deep"),
            pytest.param('"\\ud800"', id="lone surrogate, escaped"),
            pytest.param('"\\udc00\\ud800"', id="surrogates in the wrong order"),
            pytest.param('["\\ud800"]', id="lone surrogate in a list"),
            pytest.param('"\\ud83d\\ude00"', id="surrogate pair, escaped"),
            pytest.param('"\\u0041"', id="needless escape"),
            pytest.param('"\\u000a"', id="long form of a short escape"),
            pytest.param('"\\u001F"', id="capital hex digits"),
            pytest.param('"\\/"', id="escaped slash"),
            pytest.param('"\\u007f"', id="escaped delete"),
            pytest.param('"a\nb"', id="raw newline"),
            pytest.param('"a\tb"', id="raw tab"),
            pytest.param('"' + "x" * 4097 + '"', id="4 KiB and a byte"),
            pytest.param('"' + "\u20ac" * 1366 + '"', id="4 KiB and two bytes of euro signs"),
            pytest.param('["' + "x" * 4097 + '"]', id="4 KiB and a byte in a list"),
            pytest.param("True", id="Python's true"),
            pytest.param("'a'", id="single quotes"),
        ],
    )
    def test_a_value_outside_the_domain_or_in_another_spelling_is_malformed(self, value):
        with pytest.raises(MalformedError):
            parse(f'{{"a.b":{value}}}'.encode())

    @pytest.mark.parametrize(
        "key",
        [
            pytest.param("actor", id="no dot"),
            pytest.param("sub", id="a JWT's claim"),
            pytest.param("", id="empty"),
            pytest.param(".a", id="dot first"),
            pytest.param("a.", id="dot last"),
            pytest.param("a..b", id="two dots"),
            pytest.param("A.b", id="capital first"),
            pytest.param("aB.c", id="capital in the first word"),
            pytest.param("a-b.c", id="hyphen in the first word"),
            pytest.param("1a.b", id="digit first"),
            pytest.param("_a.b", id="underscore first"),
            pytest.param("a.b c", id="space"),
            pytest.param("a.b\\n", id="newline"),
            pytest.param("a.\u00e9", id="not ASCII"),
            pytest.param("a.\u0661", id="Arabic digit"),
            pytest.param("a." + "b" * 127, id="129 characters"),
            pytest.param("Event_name", id="nearly a word without dot"),
        ],
    )
    def test_a_key_that_is_no_dotted_attribute_name_is_malformed(self, key):
        with pytest.raises(MalformedError, match="is not a dotted attribute name"):
            parse(f'{{"{key}":1}}'.encode())

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"1", id="number"),
            pytest.param(b'"a"', id="string"),
            pytest.param(b"null", id="null"),
            pytest.param(b'[{"a.b":1}]', id="list"),
            pytest.param(b'{"a.b":1', id="cut"),
            pytest.param(b'{"a.b":1}}', id="one brace more"),
            pytest.param(b'{"a.b":1,}', id="comma behind"),
            pytest.param(b'{"a.b":1} ', id="space behind"),
            pytest.param(b'{"a.b":1}\n', id="newline behind"),
            pytest.param(b'{"a.b":1}\0', id="zero behind"),
            pytest.param(b' {"a.b":1}', id="space before"),
            pytest.param(b'{"a.b": 1}', id="space within"),
            pytest.param(b'{"b.b":1,"a.b":1}', id="unsorted"),
            pytest.param(b'{"a.b":1,"a.b":1}', id="member twice"),
            pytest.param(b'{"a.b":2,"a.b":1}', id="member twice, other value"),
            pytest.param(b'{"a\\u002eb":1}', id="escaped key"),
            pytest.param(b'\xef\xbb\xbf{"a.b":1}', id="byte order mark"),
            pytest.param('{"a.b":1}'.encode("utf-16"), id="UTF-16"),
            pytest.param('{"a.b":1}'.encode("utf-16-le"), id="UTF-16 without mark"),
            pytest.param('{"a.b":1}'.encode("utf-32"), id="UTF-32"),
            pytest.param(b'{"a.b":"\xe9"}', id="Latin-1"),
            pytest.param(b'{"a.b":"\xed\xa0\x80"}', id="surrogate in UTF-8"),
            pytest.param(b'{"a.b":"\xc0\x80"}', id="overlong zero"),
            pytest.param(b'{"a.b":"\xf4\x90\x80\x80"}', id="beyond Unicode"),
            pytest.param(b"[" * 32768, id="brackets only"),
            pytest.param(b'{"a.b":' * 4000, id="objects without end"),
            pytest.param(bytes(range(256)), id="binary"),
        ],
    )
    def test_bytes_that_are_no_such_object_are_malformed(self, text):
        with pytest.raises(MalformedError):
            parse(text)


class TestTheLimits:
    """What stands at a limit is good; one byte beyond is malformed."""

    def test_integers_end_before_2_to_the_53(self):
        text = b'{"a.b":9007199254740991,"a.c":-9007199254740991}'
        assert parse(text) == {"a.b": 2**53 - 1, "a.c": -(2**53) + 1}

    @pytest.mark.parametrize("value", ["x" * 4096, "\u20ac" * 1365 + "x", "\U0001f600" * 1024])
    def test_a_string_has_4_kib_of_utf8(self, value):
        assert parse(write({"a.b": value})) == {"a.b": value}

    def test_a_key_has_128_characters(self):
        key = "a." + "b" * 126
        assert parse(write({key: 1})) == {key: 1}

    def test_a_text_has_32_kib(self):
        facts = {f"a.k{number}": "x" * 4096 for number in range(7)}
        facts["a.last"] = "x" * (32 * 1024 - len(write(facts)) - len(',"a.last":""'))
        text = write(facts)
        assert (len(text), parse(text)) == (32 * 1024, facts)
        with pytest.raises(MalformedError, match="32769 bytes, at most 32768 are allowed"):
            parse(text.replace(b'"a.last":"', b'"a.last":"x'))


class TestClean:
    """A writer cuts what is too long, and replaces what UTF-8 cannot carry."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("alice", ("alice", False)),
            ("\u00e9", ("\u00e9", False)),
            ("a\ud800b", ("a?b", False)),
            ("x" * 4097, ("x" * 4096, True)),
            ("\u20ac" * 2000, ("\u20ac" * 1365, True)),
        ],
    )
    def test_known_answers(self, text, expected):
        assert clean(text) == expected

    @patient
    @given(st.text(min_size=1))
    def test_whatever_is_cleaned_is_in_the_domain(self, text):
        cleaned, _ = clean(text)
        assert parse(write({"a.b": cleaned})) == {"a.b": cleaned}


TEXTS = [
    write({"a.b": '"\\\n\x01\u20ac\U0001f600'}),
    write({"a.b": 2**53 - 1, "a.c": -1, "event_name": "x"}),
    write({"a.b": ["\t", "b"], "a.c": False}),
]
fragments = st.sampled_from(
    [
        *(b"1.0", b"NaN", b"null", b"-0", b'""', b"[]", b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"\\ud800"),
        *(b" ", b"\n", b"\0", b"\xff", b"\xed\xa0\x80", b"9007199254740993", b"true", b'"a.b":1,', b"\xef\xbb\xbf"),
    ]
)


@settings(patient, max_examples=250)
@given(st.data())
def test_a_mutated_text_parses_to_itself_or_is_malformed_and_raises_nothing_else(data):
    text = data.draw(st.sampled_from([TEXT.encode(), *TEXTS]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 4)))
    mutated = text[:start] + data.draw(st.one_of(fragments, st.binary(max_size=4))) + text[end:]
    try:
        parsed = parse(mutated)
    except MalformedError:
        return
    assert write(parsed) == mutated


@patient
@given(st.binary(max_size=64))
def test_any_bytes_parse_to_themselves_or_are_malformed(text):
    try:
        parsed = parse(text)
    except MalformedError:
        return
    assert write(parsed) == text
