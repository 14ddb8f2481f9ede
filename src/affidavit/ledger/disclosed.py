"""What was disclosed beside a text, checked against the hashes that the text lists.

Each line is a disclosure; a line that is no JSON object is ciphertext, and as good as absent to whoever has no key. A
disclosure that is not listed was not sealed, and a key stands once: in the text or in one disclosure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.errors import MalformedError
from affidavit.ledger.disclosure import parse_disclosure
from affidavit.ledger.hashing import disclosure_hash
from affidavit.ledger.report import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from affidavit.ledger.report import Problems
    from affidavit.model import Value


def encode(text: str) -> bytes:
    """`text` in UTF-8.

    Raises:
        MalformedError: It holds a lone surrogate, which JSON can escape and UTF-8 cannot hold.
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise MalformedError("not a JSON object in UTF-8") from None


def disclose(
    carried: str | None, listed: list[str], statement: Mapping[str, Value], problems: Problems
) -> tuple[dict[str, Value], int]:
    """The facts that were disclosed, and how many disclosures are withheld: absent, or encrypted."""
    disclosed: dict[str, Value] = {}
    found = set()
    for line in carried.split("\n") if carried else ():
        if not line.startswith("{"):
            continue
        try:
            disclosure = encode(line)
            digest = disclosure_hash(disclosure)
            if digest not in listed:
                raise MalformedError("a disclosure that the text does not list")  # noqa: TRY301  # as the others below
            facts = parse_disclosure(disclosure)
        except MalformedError as error:
            problems.append((Kind.DISCLOSURE, str(error)))
            continue
        if not facts.keys().isdisjoint(statement) or not facts.keys().isdisjoint(disclosed):
            problems.append((Kind.DISCLOSURE, "a key stands twice: in the text or in another disclosure as well"))
        found.add(digest)
        disclosed.update(facts)
    return disclosed, len(listed) - len(found)
