"""What a render changes on the way: how many workers draw, and into how many slots.

The tuner looks at windows of a second or so. Three figures of a window tell what to do:

- `busy`: the share of its time that a worker spends drawing. Workers that wait for slots are too many.
- `hungry`: the share of its time that the encoder waits for a frame. Zero: more workers cannot help.
- `idle`: the share of drawing's time in which a worker neither computes nor waits for a core, but for something else:
  a disk, a network, a GPU. Only then do more workers than cores pay.

Whatever is changed is a trial: the next windows must show that it paid, else it is taken back, and not tried again
until frames or encoder cost something else than before.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from panim_core.autotune.before import WORKERS_PER_CORE, MemoryBound, comfortable_slots, worth_starting
from panim_core.autotune.trial import HUNGRY, Trial, another_scene, merged
from panim_core.autotune.window import Decision, Sample, Window, window_between

if TYPE_CHECKING:
    from panim_core.autotune.before import Machine
    from panim_core.job import RenderPlan

FIRST_FRAMES = 8
"""What follows may cost so many times less: the first frame loads and caches, with layers the first two are drawn in
full, and what is drawn by then is counted without the one that is being drawn."""
FIRST_WINDOW_SECONDS = 0.1
"""While the first workers are added: they are wanted soon."""
WINDOW_SECONDS = 0.6
WARM_UP_FRAMES = 60
"""That an encoder may take before it works as it will: x264 looks 40 frames ahead."""
WARM_UP_SECONDS = 3.0
"""What an earlier render ended with is left alone for so long while the encoder warms up."""
BUSY = 0.85
"""Workers that draw for more of their time are not waiting."""
SPARE = 0.8
"""Workers that draw for less of their time are too many."""
IDLE = 0.03
"""A share of waiting that is more than noise."""
THREADED = 1.2
"""A worker that uses so many cores draws with more than one thread."""
EVEN = 0.95
"""Workers that draw for less of their time, while the encoder waits and slots are full, wait for a slow frame."""
FREE_CORES = 0.05
"""More workers than cores need at least so much of the cores that nobody uses; else a wait is a wait for a core."""
STEP = 4.0
"""Workers are multiplied by at most so much at a time."""
MARGIN = 1.25
"""Over what the figures say is needed: too many cost little, too few cost speed."""
FEW = 16
"""One worker in so many waits now and then; with as many cores, one more than cores fills the gap."""
CLEAR = 1.2
"""A gain that is worth to be proved."""
PAYS = 0.2
"""Of a clear gain that more workers promise, so much must come, else they are taken back."""
OTHER_SPEED = 1.15
"""When more workers are taken back, the speed is what it was before, within this, if frames cost what they did."""
SLOWER = 0.97
"""Any change that leaves less of the speed is taken back."""
RETIRE_WINDOWS = 4
"""Parked workers are ended when they have not been missed for so long."""
RETRY_WINDOWS = 32
"""What did not pay is tried again after so many windows, then after twice as many, and so on."""


class Tuner:
    """Watches one render and says what to change.

    Args:
        plan: what it started with.
        machine: what may be used.
    """

    def __init__(self, plan: RenderPlan, machine: Machine) -> None:
        self.cores = machine.cores
        self.workers, self.slots = plan.workers, plan.slots
        self.max_workers, self.max_slots = plan.max_workers, plan.max_slots or plan.slots
        own = plan.max_workers == WORKERS_PER_CORE * machine.cores
        self._most_reason = f"no more than {WORKERS_PER_CORE} for each core" if own else "more workers are not allowed"
        self.windows = 0
        """How many were judged."""
        self.last: Window | None = None
        self.reason = ""
        """What limits the render, as of the last window."""
        self._memory = MemoryBound.of(machine, plan.format.nbytes)
        self._first = not plan.learned
        """Whether workers are still to be added on first impressions: those of the first frames, which cost most."""
        self._impression: Sample | None = None
        """When frames had been drawn for the first time, and too few were left to be sure of more workers."""
        self._learned = plan.learned
        self._alive = plan.workers
        """Workers that take memory; parked ones do until they are retired."""
        self._since: Sample | None = None
        self._settling = 0
        self._looks = self._full_looks = 0
        self._same: list[Window] = []
        """The last windows since something was changed."""
        self._trial: Trial | None = None
        self._spare_windows = self._quiet_windows = self._other_windows = 0
        self._learned_at: Window | None = None
        self._back_to: Window | None = None
        """What was before more workers that did not pay, until it is seen to be so again."""
        self._doubted = False
        self._expires, self._patience = 0, RETRY_WINDOWS
        self._forget()

    @property
    def interval_seconds(self) -> float:
        """How soon to be asked again."""
        return FIRST_WINDOW_SECONDS / 2 if self._first else WINDOW_SECONDS / 4

    def observe(self, now: Sample) -> Decision | None:
        """What to change, or None."""
        self._alive = now.active + now.starting + now.parked
        if now.worker_bytes:
            self._memory = replace(self._memory, worker_bytes=now.worker_bytes)
            if (fitting := self._memory.workers_beside(self.slots)) < self.workers:
                return self._change(fitting, "memory holds no more", retire=True)
            if now.parked and fitting < self.workers + now.parked:  # they were still drawing when they were parked
                return Decision(self.workers, self.slots, "memory holds no more", retire_parked=True)
        if now.frames_left <= now.slots or now.starting or now.active != self.workers:
            if self._first and not now.frames_drawn and now.in_progress_seconds > 0:
                return self._add_first(now)
            self._since = None
            return None
        if self._learned and now.frames_written < WARM_UP_FRAMES and now.seconds < WARM_UP_SECONDS:
            return None
        if self._since is None:
            self._begin(now)
            self._settling = now.frames_written + (0 if self._first else now.slots_in_use)
            return self._add_first(now) if self._first else None
        self._looks += 1
        self._full_looks += now.slots_in_use >= now.slots
        if now.frames_written < self._settling:
            self._begin(now)
            return None
        window = self._window(self._since, now)
        if window is None:
            return None
        self._begin(now)
        if self._first:
            return self._add_first(now)
        self.windows += 1
        self.last = window
        return self._judge(window, now)

    def hold(self, workers: int) -> None:
        """So many work, and more cannot be had."""
        self.workers = self.max_workers = self._ceiling = workers
        self._trial, self._since = None, None

    # ---- measuring

    def _begin(self, now: Sample) -> None:
        self._since, self._looks, self._full_looks = now, 0, 0

    def _window(self, a: Sample, b: Sample) -> Window | None:
        seconds, drawn = b.seconds - a.seconds, b.frames_drawn - a.frames_drawn
        least = FIRST_WINDOW_SECONDS if self._first else WINDOW_SECONDS
        if seconds < least or drawn < (1 if self._first else 2) * self.workers + (0 if self._first else 6):
            return None
        return window_between(a, b, self.workers, self.cores, self._full_looks / self._looks)

    # ---- judging

    def _judge(self, w: Window, now: Sample) -> Decision | None:
        self._same = [*self._same[-3:], w]
        others = self._learned_at is not None and another_scene(self._learned_at, w)
        self._other_windows = self._other_windows + 1 if others else 0
        if self._other_windows > 1:
            self._patience, self._trial = RETRY_WINDOWS, None
            self._forget()
        elif self._learned_at is not None and self.windows >= self._expires:
            self._forget()
        uneven = w.workers > 1 and w.full > 0.5 and w.busy < EVEN
        if uneven and w.hungry > HUNGRY and (slots := self._more_slots(w)) > self.slots:
            return self._change(w.workers, "frames wait for a slow one", slots=slots, trial=self._trial)
        if self._trial is not None:
            paid = self._trial.paid(self._same)
            if paid is None:
                return None
            before, self._trial = self._trial.before, None
            if not paid:
                return self._take_back(before, w)
        elif self._back_to is not None and len(self._same) > 1:
            self._doubt(self._back_to, merged(self._same))
        if w.hungry <= HUNGRY and w.full > 0.5:
            self._fed_speed = w.speed
        warm = now.frames_written >= WARM_UP_FRAMES
        self._spare_windows = self._spare_windows + 1 if w.busy < SPARE and warm else 0
        if w.busy < SPARE:
            return self._too_many(w, now) if self._spare_windows > 1 else None
        if w.hungry > HUNGRY and (more := self._more(w, now, warm)) is not None:
            return more
        return self._quiet(w, now)

    def _try(self, workers: int, needed: float, reason: str) -> Decision:
        """Change it for as long as that pays."""
        return self._change(workers, reason, trial=Trial(merged(self._same), workers, needed))

    def _take_back(self, before: Window, w: Window) -> Decision:
        if w.workers > before.workers:
            self._ceiling, reason = before.workers, f"with {w.workers} it was no faster"
        else:
            self._floor, reason = w.workers + 1, f"with {w.workers} it was slower"
        self._remember(w)
        decision = self._change(before.workers, reason)
        self._back_to = before if w.workers > before.workers else None
        return decision

    def _doubt(self, before: Window, now: Window) -> None:
        """Forget, once, what a trial taught if it was compared with frames that cost less."""
        self._back_to = None
        if not self._doubted and now.speed * OTHER_SPEED < before.speed:
            self._forget()
            self._doubted = True

    def _too_many(self, w: Window, now: Sample) -> Decision | None:
        """Workers wait for slots that the encoder does not empty."""
        enough = max(self._floor, 1, math.ceil(w.workers * w.busy / BUSY - 0.2))
        if enough >= w.workers:
            return self._quiet(w, now)
        self.reason = "the encoder takes no more" if w.hungry <= HUNGRY else "workers wait"
        return self._try(enough, SLOWER, self.reason)

    def _more(self, w: Window, now: Sample, warm: bool) -> Decision | None:
        """The encoder waits and workers do not."""
        filling = self.cores / w.load
        all_cores = self.cores + self.cores // FEW
        if w.load > THREADED:
            most, reason = min(self.cores, math.ceil(MARGIN * filling)), "the encoder waits and cores are free"
            fewer, why = most, f"each uses {w.load:.1f} of {self.cores} cores"
        elif w.workers < self.cores:
            most, reason = all_cores, "the encoder waits and cores are free"
            fewer, why = w.workers, ""
        elif w.idle > IDLE and w.free_cores > FREE_CORES:
            most, reason = math.ceil(max(2 * filling, 1.5 * w.workers)), f"drawing waits for {w.idle:.0%} of its time"
            fewer, why = w.workers, ""
        else:
            most, reason = w.workers, ""
            fewer, why = (all_cores if w.idle <= IDLE else w.workers), "all cores draw"
        if w.workers > max(fewer, self._floor) and warm:
            return self._try(max(fewer, self._floor), SLOWER, why)
        if w.workers >= most:
            self.reason = "all cores draw"
            return None
        missing = MARGIN * w.workers / max(1 - w.hungry, 0.01)
        if self._fed_speed:
            missing = min(missing, max(MARGIN * self._fed_speed / w.speed, 1.5) * w.workers)
        wanted = min(max(w.workers + 1, math.ceil(missing)), math.ceil(STEP * w.workers), most)
        wanted = self._within(wanted, w.draw_seconds, now)
        if wanted <= w.workers:
            return None
        self._floor = max(self._floor, w.workers + 1)
        self._remember(w)
        if not warm:
            return self._change(wanted, reason)
        return self._try(wanted, self._needed(w, wanted), reason)

    def _needed(self, w: Window, workers: int) -> float:
        """How much faster it must become with more workers."""
        room = min(w.hungry, w.free_cores, w.idle if w.workers >= self.cores else 1.0)
        promised = min(workers / w.workers, 1 / max(1 - room, 0.1))
        return 1 + PAYS * (promised - 1) if promised > CLEAR else SLOWER

    def _add_first(self, now: Sample) -> Decision | None:
        """At the start: as many as are worth their start, before anything is known for sure."""
        draws, before = now.frames_drawn or 1, self._impression
        draw = (now.draw_seconds + now.in_progress_seconds) / draws
        if not now.frames_drawn and draw < max(2 * now.start_seconds, 2 * FIRST_WINDOW_SECONDS):
            return None
        if before is not None:
            draw = (now.draw_seconds - before.draw_seconds) / max(1, now.frames_drawn - before.frames_drawn)
        elif now.frames_drawn and self._within(self.workers + 1, draw / FIRST_FRAMES, now) <= self.workers:
            self._impression = now
            return None
        self._first = False
        self._since = None
        if now.slots_in_use >= now.slots and now.frames_drawn > now.frames_written + now.active:
            return None  # the encoder is behind already
        most, alone = self.cores + self.cores // FEW, now.draw_seconds - now.worker_queued_seconds
        if alone > 0 and (load := now.worker_cpu_seconds / alone) > THREADED:
            most = math.ceil(self.cores / load)
        if now.frames_written >= 4:
            feed = now.encoder_busy_seconds / now.frames_written
            most = min(most, math.ceil(1.2 * draw / max(feed, 1e-6)) + 1)
        wanted = self._within(min(most, 8 * self.workers), draw, now)
        return self._change(wanted, "frames are worth more workers") if wanted > self.workers else None

    def _within(self, workers: int, draw_seconds: float, now: Sample) -> int:
        """As many of `workers` as nothing speaks against."""
        worth = worth_starting(now.frames_left * draw_seconds, now.start_seconds, self.workers)
        limits = [
            (self._memory.workers_beside(self.slots), "memory holds no more workers"),
            (self.max_workers, self._most_reason),
            (self._ceiling, "more workers were no faster"),
            (worth, "the rest is drawn before another worker has started"),
        ]
        most, reason = min(limits, key=lambda limit: limit[0])
        if most < workers:
            self.reason = reason
        return min(workers, most)

    def _more_slots(self, w: Window) -> int:
        fits = self._memory.slots_beside(max(w.workers, self._alive), self.max_slots)
        return min(max(self.slots + 2, self.slots * 3 // 2), 2 * comfortable_slots(w.workers), fits)

    def _quiet(self, w: Window, now: Sample) -> Decision | None:
        if w.hungry <= HUNGRY:
            self.reason = "the encoder takes no more"
        self._quiet_windows += 1
        if now.parked and self._quiet_windows >= RETIRE_WINDOWS:
            self._quiet_windows = 0
            return Decision(self.workers, self.slots, "parked workers were not missed", retire_parked=True)
        return None

    def _change(
        self, workers: int, reason: str, *, slots: int | None = None, retire: bool = False, trial: Trial | None = None
    ) -> Decision:
        wanted = max(self.slots, slots or comfortable_slots(workers))
        fits = self._memory.slots_beside(max(workers, self._alive), wanted)
        self.slots = max(self.slots, min(fits, self.max_slots))
        self.workers = workers
        self._first, self._since, self._same, self._trial, self._back_to = False, None, [], trial, None
        self._spare_windows = self._quiet_windows = 0
        return Decision(workers, self.slots, reason, retire)

    def _remember(self, w: Window) -> None:
        self._learned_at = w
        self._expires, self._patience = self.windows + self._patience, 2 * self._patience

    def _forget(self) -> None:
        self._ceiling, self._floor, self._fed_speed = self.max_workers, 1, 0.0
        self._learned_at = None
        self._doubted = False
