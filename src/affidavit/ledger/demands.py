"""What is asked of the files that are verified."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demands:
    """By default: every stream from its start, nothing missing, and an open tail is no fault."""

    is_subset: bool = False
    """The files were filtered: nothing is asked of records that are not there."""
    is_closed: bool = False
    """Every stream must have its end."""
    since_ns: int | None = None
    """The files begin at this time: a stream whose key was endorsed before may begin in its middle."""

    @property
    def may_lack_adopters(self) -> bool:
        """Whether a record may be adopted by a stream that does not say so in these files."""
        return self.is_subset or self.since_ns is not None

    def may_begin_with(self, began_ns: int, observed_ns: int) -> bool:
        """Whether a stream that began then may show, as its first record, one sealed at `observed_ns`."""
        return self.is_subset or (self.since_ns is not None and began_ns < self.since_ns <= observed_ns)
