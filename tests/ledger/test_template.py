"""A template gives the bytes that joining the same members would."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affidavit.ledger.canonical import encode_member, join_members, parse
from affidavit.ledger.template import GAP, Template

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}(\.[A-Za-z0-9_-]{1,8}){1,3}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(facts=st.dictionaries(KEYS, TEXTS, min_size=1), chosen=st.data())
def test_a_filled_template_is_what_the_members_make_together(facts, chosen):
    late = chosen.draw(st.sets(st.sampled_from(sorted(facts))))
    members = [f'"{key}":{GAP}' if key in late else encode_member(key, value) for key, value in facts.items()]
    values = {key: json.dumps(facts[key], ensure_ascii=False) for key in late}

    text = Template(members).fill({**values, "not.asked": "for"})

    assert text == join_members(encode_member(key, value) for key, value in facts.items())
    assert parse(text) == facts


def test_filling_one_twice_leaves_nothing_of_the_first_time():
    template = Template(['"a.b":"always"', f'"a.c":{GAP}'])
    assert [template.fill({"a.c": text}) for text in ("1", "22")] == [
        b'{"a.b":"always","a.c":1}',
        b'{"a.b":"always","a.c":22}',
    ]


def test_a_gap_that_nothing_fills_is_an_error_of_the_writer():
    with pytest.raises(KeyError):
        Template([f'"a.b":{GAP}']).fill({})


def test_no_text_of_a_client_can_make_a_gap():
    assert GAP not in encode_member("a.b", f"before{GAP}behind")
