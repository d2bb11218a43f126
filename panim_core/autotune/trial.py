"""Whether a change paid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panim_core.autotune.window import Window

OTHER_COST = 1.4
"""Costs that differ by more are another scene: what was learned before does not hold."""
NOISE = 0.4
"""The speed over one frame, relative to the mean, strays by about so much."""
MOST_WINDOWS = 4
"""After which a trial ends whatever the noise."""
HUNGRY = 0.04
"""An encoder that waits less is fed: at most so much speed could be gained."""


@dataclass(frozen=True)
class Trial:
    """A change that is to prove itself."""

    before: Window
    workers: int
    needed: float
    """The speed that must come, as a multiple of that before."""

    def paid(self, after: Sequence[Window]) -> bool | None:
        """Whether it did; None while that cannot be told from noise.

        Args:
            after: the windows since.
        """
        now = merged(after)
        if another_scene(self.before, now):
            return True
        if now.hungry <= HUNGRY and (self.workers > self.before.workers or now.full > 0.5):
            return (
                True  # the encoder has more than it takes; without full slots it may still live on what it holds back
            )
        gain = now.speed / self.before.speed
        noise = NOISE / math.sqrt(min(self.before.drawn, now.drawn))
        if abs(gain - self.needed) < noise and len(after) < MOST_WINDOWS:
            return None
        return gain >= self.needed


def another_scene(a: Window, b: Window) -> bool:
    """Whether frames cost something else. Only CPU tells: time depends on who else computes."""
    return a.thread_seconds > 0 and not 1 / OTHER_COST < b.thread_seconds / a.thread_seconds < OTHER_COST


def merged(windows: Sequence[Window]) -> Window:
    """Windows that follow each other, as one."""
    seconds, drawn = sum(w.seconds for w in windows), sum(w.drawn for w in windows)

    def mean(name: str) -> float:
        return float(sum(getattr(w, name) * w.seconds for w in windows) / seconds)

    def per_frame(name: str) -> float:
        return float(sum(getattr(w, name) * w.drawn for w in windows) / drawn)

    return replace(
        windows[-1],
        seconds=seconds,
        drawn=drawn,
        busy=mean("busy"),
        hungry=mean("hungry"),
        idle=mean("idle"),
        free_cores=mean("free_cores"),
        load=mean("load"),
        full=mean("full"),
        draw_seconds=per_frame("draw_seconds"),
        thread_seconds=per_frame("thread_seconds"),
    )
