"""Which keys speak for one stream, and whether a pinned identity key vouches for them.

One key a stream: a second one is a fork. As soon as a pinned identity vouches for the stream's key, only such a key
proves anything in it; before that, records and claims are consistent under an identity that nobody has pinned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from affidavit.ledger import rows

if TYPE_CHECKING:
    from affidavit.ledger.rows import ClaimRow, RecordRow

_REMEMBERED = 16  # beyond that a fork is reported at each record, and memory stays bounded


class StreamKeys:
    """The keys of one stream, as its records come. A class, because it remembers them."""

    def __init__(self) -> None:
        self._keys: set[bytes] = set()
        self._trusted: set[bytes] = set()
        self._strangers: set[bytes] = set()
        self._adopting_strangers: set[bytes] = set()

    @property
    def unpinned(self) -> set[bytes]:
        """The identities behind what was believed, or would have been, without being pinned."""
        return self._adopting_strangers if self._trusted else self._adopting_strangers | self._strangers

    def admit(self, record: RecordRow) -> bool:
        """Note the key that `record` comes with; False if it is a second one for this stream."""
        key = record.key
        if key in self._trusted:
            return True
        if key == rows.NO_HASH:
            if record.signed == rows.ADOPTED and not record.trusted:
                self._adopting_strangers.add(record.identity)
            return True
        is_second = bool(self._keys) and key not in self._keys
        if len(self._keys) < _REMEMBERED:
            self._keys.add(key)
            (self._trusted if record.trusted else self._strangers).add(key if record.trusted else record.identity)
        return not is_second

    def prove(self, record: RecordRow) -> bool:
        """Whether the record's own signature proves it."""
        if record.signed == rows.SIGNED:
            return record.key in self._trusted or not self._trusted
        return record.signed == rows.ADOPTED and (record.trusted or not self._trusted)

    def believe(self, claim: ClaimRow) -> bool:
        """Whether the key behind `claim` may speak of this stream."""
        return claim.trusted or not self._trusted
