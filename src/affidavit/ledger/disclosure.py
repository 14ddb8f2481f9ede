"""Personal facts beside the text: what can be erased without breaking anything.

A disclosure is a JSON object in the one spelling (``canonical``) with ``affidavit.salt``, 128 random bits in base64url.
The text lists its hash (``hashing.disclosure_hash``) in ``affidavit.disclosure_hashes``. The salt keeps a deleted fact
from being guessed. Delete the object, and text, chain, signatures and roots stay valid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit import base64url, semconv
from affidavit.errors import MalformedError
from affidavit.ledger import canonical
from affidavit.ledger.template import Template, leave_gap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from affidavit.model import Value

SALT_BYTES = 16


def disclosure_template(members: Iterable[str]) -> Template:
    """The disclosure of encoded `members`, with a gap for the salt."""
    return Template((*members, leave_gap(semconv.SALT)))


def spell_salt(salt: bytes) -> str:
    """16 random bytes as they stand in a disclosure."""
    return f'"{base64url.encode(salt)}"'


def format_disclosure(members: Iterable[str], salt: bytes) -> bytes:
    """The disclosure of encoded `members` (``canonical.encode_member``) under 16 random bytes of `salt`."""
    return disclosure_template(members).fill({semconv.SALT: spell_salt(salt)})


def parse_disclosure(disclosure: bytes) -> dict[str, Value]:
    """The facts in `disclosure`, without the salt.

    Raises:
        MalformedError: Another spelling, or no salt of 128 bits.
    """
    facts = canonical.parse(disclosure)
    salt = facts.pop(semconv.SALT, None)
    if not isinstance(salt, str) or len(base64url.decode(salt)) != SALT_BYTES:
        raise MalformedError("the disclosure has no salt of 128 bits")
    return facts
