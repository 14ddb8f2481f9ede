"""Which records of a stream an adopter has said that it recovered.

A stream's key signs, as adopted, what dead processes left unsigned in other streams. So that it cannot rewrite the open
tail of every stream, such a signature proves only what an ``audit.stream.recovered`` in the signing stream covers. The
row of that comes at the first number that it covers, before the record: one number an adopter is all to remember.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from affidavit.ledger.rows import ClaimRow, RecordRow


class Adoptions:
    """What adopters have said of one stream so far. A class, because it remembers them."""

    def __init__(self) -> None:
        self._through: dict[tuple[bytes, bool], int] = {}

    def declare(self, claim: ClaimRow) -> None:
        """An adopter says that it recovered the records from here to ``claim.value``."""
        adopter = claim.by_stream, claim.trusted
        self._through[adopter] = max(claim.value, self._through.get(adopter, 0))

    def cover(self, record: RecordRow) -> bool:
        """Whether the stream whose key signed `record` as adopted has said so, under a key as good as that one."""
        return any(
            self._through.get((record.adopter, trusted), 0) >= record.number for trusted in (True, record.trusted)
        )
