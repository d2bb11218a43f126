"""How long things took: totals and quantiles of any number of them, in memory that does not grow with it."""

from __future__ import annotations

import math
from collections import Counter

_STEPS = 50
"""Buckets for each factor of e: a quantile is right within 1 %."""


class Durations:
    """Durations in seconds, of which only their number, sum and distribution are kept."""

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self._buckets: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        """One more; not negative."""
        self.count += 1
        self.total += seconds
        self._buckets[round(_STEPS * math.log(max(seconds, 1e-9)))] += 1

    @property
    def mean(self) -> float:
        """0 if there are none."""
        return self.total / self.count if self.count else 0.0

    def quantile(self, share: float) -> float:
        """That `share` of them, from 0 to 1, are not longer than, within 1 %; 0 if there are none."""
        left = share * self.count
        for bucket, count in sorted(self._buckets.items()):
            left -= count
            if left <= 0:
                return math.exp(bucket / _STEPS)
        return 0.0
