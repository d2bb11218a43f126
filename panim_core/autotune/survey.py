"""Measuring on purpose: one number of workers after the other, while everything else goes on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panim_core.autotune.before import MemoryBound, comfortable_slots
from panim_core.autotune.during import IDLE, WARM_UP_FRAMES
from panim_core.autotune.trial import HUNGRY
from panim_core.autotune.window import Decision, Sample, Window, alone, window_between

if TYPE_CHECKING:
    from panim_core.autotune.before import Machine
    from panim_core.job import RenderPlan

LOOK_SECONDS = 1.5
BETTER = 1.03
"""Fewer workers are preferred unless more are faster by this factor."""


@dataclass(frozen=True)
class Look:
    """What was seen with one number of workers."""

    workers: int
    frames_per_second: float
    hungry: float = 0.0
    """The share of its time that the encoder waited for a frame."""
    busy: float = 1.0
    """The share of their time that workers drew."""
    encoder_threads: int | None = None


class Survey:
    """Takes the place of a `Tuner`, and tries the `candidates` in turn.

    Args:
        plan: what the render starts with; its `workers` are the first candidate, and more than its `max_workers` are
            never tried.
        candidates: numbers of workers, ascending; where drawing waits, more follow.
    """

    def __init__(self, plan: RenderPlan, machine: Machine, candidates: Sequence[int]) -> None:
        self.looks: list[Look] = []
        self.done = False
        self.windows = 0
        self.reason = ""
        self.interval_seconds = LOOK_SECONDS / 10
        self.draw_seconds = self.start_seconds = 0.0
        self.worker_bytes = 0
        self._machine = machine
        self._memory = MemoryBound.of(machine, plan.format.nbytes)
        self._left, self._most = list(candidates), plan.max_workers
        self._workers, self._slots, self._max_slots = plan.workers, plan.slots, plan.max_slots or plan.slots
        self._since: Sample | None = None
        self._from_frame = WARM_UP_FRAMES

    def observe(self, now: Sample) -> Decision | None:
        """The next number of workers, when enough was seen of the last."""
        if self.done or now.starting or now.active != self._workers:
            self._since = None
            return None
        if self._since is None:
            self._since = now
            self._from_frame = max(self._from_frame, now.frames_written + now.slots_in_use)
        if now.frames_written < self._from_frame:
            self._since = now
            return None
        drawn, seconds = now.frames_drawn - self._since.frames_drawn, now.seconds - self._since.seconds
        if seconds < LOOK_SECONDS or drawn < 3 * self._workers + 6 or (drawn < 80 and seconds < 3 * LOOK_SECONDS):
            return None
        window = window_between(self._since, now, self._workers, self._machine.cores, 0.0)
        self.windows += 1
        self.looks.append(Look(self._workers, window.speed, window.hungry, min(1.0, window.busy)))
        self.draw_seconds = alone(now.draw_seconds, now.worker_queued_seconds) / max(1, now.frames_drawn)
        self.start_seconds, self.worker_bytes = now.start_seconds, now.worker_bytes
        return self._next(window, now)

    def hold(self, workers: int) -> None:
        """So many work, and more cannot be had."""
        self._workers, self._left = workers, []

    def _next(self, window: Window, now: Sample) -> Decision | None:
        self._since = None
        self._left = [n for n in self._left if n > self._workers]
        if not self._left and window.idle > IDLE and window.hungry > HUNGRY:
            self._left = [min(self._most, 2 * self._workers)]
        fits = MemoryBound(self._memory.budget, now.worker_bytes or self._memory.worker_bytes, self._memory.frame_bytes)
        self._left = [n for n in self._left if self._workers < n <= min(fits.workers, self._most)]
        speeds = [look.frames_per_second for look in self.looks]
        stale = len(speeds) > 2 and max(speeds[-2:]) < BETTER * max(speeds[:-2])
        if (
            not self._left
            or stale
            or (window.hungry <= HUNGRY and len(speeds) > 1 and speeds[-1] < BETTER * speeds[-2])
        ):
            self.done = True
            return None
        self._workers = self._left[0]
        wanted = fits.slots_beside(self._workers, min(self._max_slots, comfortable_slots(self._workers)))
        self._slots = max(self._slots, wanted)
        return Decision(self._workers, self._slots, f"to see how fast {self._workers} are")


def candidates(cores: int, most: int) -> list[int]:
    """Numbers of workers worth a look: up to one and a half for each core."""
    numbers = {1, cores, math.ceil(1.5 * cores)}
    numbers |= {2**n for n in range(cores.bit_length())} | set(range(1, min(cores, 4) + 1))
    return sorted(n for n in numbers if n <= most) or [1]


def best(looks: Sequence[Look]) -> Look:
    """The one with the fewest workers that is about as fast as the fastest."""
    fastest = max(look.frames_per_second for look in looks)
    return min((look for look in looks if look.frames_per_second * BETTER >= fastest), key=lambda look: look.workers)
