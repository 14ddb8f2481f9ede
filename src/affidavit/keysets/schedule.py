"""When one issuer's keys are fetched, and how long old ones count. Pure: it is told the time, in seconds of any clock.

- Again every 300 s, a little earlier by chance, so that many processes spread.
- After a failure at once no more: 1, 2, 4 … 60 s later.
- When a token names a key that is not there, at once; but at most once in 30 s, and for the same key once in 120 s (a
  cache before the issuer may publish it late). Not before a failed fetch has been made good.
- What was known before a failure counts for an hour, and is stale once it is older than a refresh would allow.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REFRESH_S = 300.0
LEAST_REFRESH = 0.8
"""The part of ``REFRESH_S`` that no jitter shortens."""
LONGEST_PAUSE_S = 60.0
UNKNOWN_KEY_S = 30.0
SAME_KEY_S = 120.0
MAX_STALE_S = 3600.0


class Schedule:
    """One issuer's. The fetching thread calls everything but ``hasten``, which any thread may call."""

    def __init__(self) -> None:
        self.failures = 0
        """In a row, until now."""
        self._due_s = -math.inf
        self._succeeded_s = -math.inf
        self._is_hastened = False
        self._hastened_s = -math.inf
        # At most four: an entry is made once in 30 s and lasts 120 s. Replaced, never changed, so it needs no lock.
        self._hastened_for: Mapping[str | None, float] = {}

    def hasten(self, key_id: str | None, now_s: float) -> bool:
        """Whether the missing key `key_id` makes a fetch due at once."""
        if self.failures or now_s - self._hastened_s < UNKNOWN_KEY_S:
            return False
        recent = {key: at_s for key, at_s in self._hastened_for.items() if now_s - at_s < SAME_KEY_S}
        if key_id in recent:
            return False
        self._hastened_for = {**recent, key_id: now_s}
        self._hastened_s = now_s
        self._is_hastened = True
        return True

    def seconds_until_due(self, now_s: float) -> float:
        """How long the next fetch has time; 0 if none."""
        return 0.0 if self._is_hastened else max(0.0, self._due_s - now_s)

    def begin(self) -> None:
        """A fetch begins. What is hastened from now on is fetched for once more: this one may be too early for it."""
        self._is_hastened = False

    def succeed(self, now_s: float, jitter: float) -> None:
        """It has brought keys. `jitter` is random, from 0 to 1."""
        self.failures = 0
        self._succeeded_s = now_s
        self._due_s = now_s + REFRESH_S * (LEAST_REFRESH + (1.0 - LEAST_REFRESH) * jitter)

    def fail(self, now_s: float) -> None:
        """It has brought nothing. The pause holds for what was hastened meanwhile, too."""
        self._is_hastened = False
        self._due_s = now_s + min(LONGEST_PAUSE_S, 2.0 ** min(self.failures, 10))
        self.failures += 1

    def is_stale(self, now_s: float) -> bool:
        """Whether the keys known are older than a refresh would allow."""
        return now_s - self._succeeded_s > REFRESH_S

    def is_over(self, now_s: float) -> bool:
        """Whether they are too old to count."""
        return now_s - self._succeeded_s > MAX_STALE_S
