"""Ranges of record numbers: what was declared missing, and how a range reads."""

from __future__ import annotations

from typing import NamedTuple


class Range(NamedTuple):
    """The numbers from `first` to `last`, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"#{self.first}" if self.first == self.last else f"#{self.first} to #{self.last}"

    def minus(self, declared: list[Range]) -> list[Range]:
        """What of this range lies in none of `declared`, which is sorted by first number."""
        left = []
        first = self.first
        for range_ in declared:
            if range_.first > self.last:
                break
            if range_.first > first:
                left.append(Range(first, range_.first - 1))
            first = max(first, range_.last + 1)
        if first <= self.last:
            left.append(Range(first, self.last))
        return left
