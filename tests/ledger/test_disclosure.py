"""A disclosure is a small object with a salt; delete it and nothing else breaks."""

from __future__ import annotations

import pytest

from affidavit.errors import MalformedError
from affidavit.ledger.canonical import encode_member
from affidavit.ledger.disclosure import format_disclosure, parse_disclosure

SALT = bytes(range(16))
DISCLOSURE = b'{"affidavit.salt":"AAECAwQFBgcICQoLDA0ODw","audit.actor.id":"alice","user.roles":["admin","staff"]}'
FACTS = {"audit.actor.id": "alice", "user.roles": ["admin", "staff"]}


def test_it_holds_the_facts_and_the_salt():
    members = [encode_member(key, value) for key, value in FACTS.items()]
    assert format_disclosure(members, SALT) == DISCLOSURE
    assert parse_disclosure(DISCLOSURE) == FACTS


@pytest.mark.parametrize(
    "disclosure",
    [
        pytest.param(b"{}", id="nothing"),
        pytest.param(b'{"audit.actor.id":"alice"}', id="no salt"),
        pytest.param(b'{"affidavit.salt":7,"audit.actor.id":"alice"}', id="a number"),
        pytest.param(b'{"affidavit.salt":true,"audit.actor.id":"alice"}', id="a boolean"),
        pytest.param(DISCLOSURE.replace(b"AAECAwQFBgcICQoLDA0ODw", b"AAECAwQFBgcICQoLDA0O"), id="120 bits"),
        pytest.param(DISCLOSURE.replace(b"AAECAwQFBgcICQoLDA0ODw", b"AAECAwQFBgcICQoLDA0ODxA"), id="136 bits"),
        pytest.param(DISCLOSURE.replace(b"DA0ODw", b"DA0ODw=="), id="padded"),
        pytest.param(DISCLOSURE.replace(b"DA0ODw", b"DA0ODx"), id="loose bits"),
        pytest.param(DISCLOSURE + b"\n", id="newline behind"),
        pytest.param(DISCLOSURE.replace(b":", b": "), id="spaces"),
        pytest.param(DISCLOSURE.replace(b'"alice"', b"null"), id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"", id="empty"),
        pytest.param(b"ciphertext", id="encrypted"),
    ],
)
def test_any_second_spelling_and_any_other_salt_is_malformed(disclosure):
    with pytest.raises(MalformedError):
        parse_disclosure(disclosure)
