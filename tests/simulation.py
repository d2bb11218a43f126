"""A machine that draws and encodes in simulated time, under the real scheduler and the real tuner.

Processes share the cores as a fair operating system shares them: with R runnable threads on C cores each runs at
min(1, C / R) of full speed, a little less when they are too many. That makes one virtual clock for all computing
(a task ends when the clock has advanced by its CPU seconds), so that events cost O(log n) whatever the number of
workers. A draw computes, then waits for something else; the writer copies each frame into the encoder, which holds
some frames back before it begins (as x264's lookahead does) and encodes several at a time.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from panim_core.autotune import Choice, Decision, Learned, Machine, Sample, Tuner, choose
from panim_core.autotune.survey import Survey
from panim_core.job import RenderSettings
from panim_core.scheduler import (
    Command,
    Draw,
    FrameDrawn,
    FrameWritten,
    ParkedRetired,
    Scheduler,
    SlotsAdded,
    StartWorker,
    Status,
    StopWorker,
    TargetChanged,
    WorkerReady,
    Write,
)


@dataclass(frozen=True)
class Costs:
    """Of one frame, in seconds."""

    draw_cpu: float = 0.01
    """CPU of a draw, all its threads together."""
    draw_wait: float = 0.0
    """A draw waits for something that is not a core."""
    encode_cpu: float = 0.02
    write_cpu: float = 0.002
    """The parent's part: copying the frame into the encoder's pipe."""


@dataclass(frozen=True)
class Model:
    """A machine and a job."""

    cores: int = 2
    costs: Costs = field(default_factory=Costs)
    later: Costs | None = None
    """Costs from frame `change_at` on."""
    change_at: int = 0
    jitter: float = 0.0
    """Standard deviation of the logarithm of a draw's cost."""
    draw_threads: int = 1
    encoder_threads: int = 3
    lookahead: int = 40
    start_cpu: float = 0.2
    start_wait: float = 0.0
    crowding: float = 0.01
    """Speed lost when there are twice as many runnable threads as cores; four times as many lose three times that."""
    frame_bytes: int = 8_000_000
    worker_bytes: int = 60_000_000
    memory_bytes: int | None = None
    seed: int = 0

    def at(self, position: int) -> Costs:
        """The mean costs of a frame."""
        return self.later if self.later is not None and position >= self.change_at else self.costs

    def factor(self, position: int) -> float:
        """By what drawing this frame differs from the mean."""
        if not self.jitter:
            return 1.0
        return math.exp(random.Random(self.seed * 1_000_003 + position).gauss(0, self.jitter) - self.jitter**2 / 2)

    def limit(self, costs: Costs, workers: int) -> float:
        """Frames per second that no schedule can pass: the least of what workers, cores, encoder and parent can do."""
        c = costs
        alone = c.draw_cpu / min(self.draw_threads, self.cores) + c.draw_wait
        return min(
            workers / max(alone, 1e-9),
            self.cores / (c.draw_cpu + c.encode_cpu + c.write_cpu),
            min(self.encoder_threads, self.cores) / max(c.encode_cpu, 1e-9),
            1 / max(c.write_cpu, 1e-9),
        )


@dataclass
class _Worker:
    queue: deque[tuple[int, int]] = field(default_factory=deque)
    began: float = 0.0
    drawing: bool = False


class Render:
    """One render in simulated time.

    Args:
        model: the machine and the job.
        frames: how many to render, positions `first` and up.
        choice: what to start with.
        tuned: whether the tuner may change it.
    """

    def __init__(self, model: Model, frames: int, choice: Choice, *, tuned: bool, first: int = 0) -> None:
        self.model, self.frames, self.first = model, frames, first
        self.scheduler = Scheduler(frames, choice.slots, choice.workers)
        self.slots = choice.slots
        machine = Machine(model.cores, model.memory_bytes, model.worker_bytes)
        self.plan = _Plan(choice, model)
        self.tuner: Tuner | Survey | None = Tuner(self.plan, machine) if tuned else None
        self.now = 0.0
        self.written_at: list[float] = []
        self.decisions: list[tuple[float, Decision]] = []
        self.most_bytes = self.alive = 0
        self._began = False
        self._virtual = 0.0
        self._runnable = self._idle = 0.0
        self._serial = count()
        self._computing: list[tuple[float, int, float, Callable[[], None]]] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._workers: dict[int, _Worker] = {}
        self._to_write: deque[tuple[int, int]] = deque()
        self._writing: int | None = None
        self._write_began = 0.0
        self._idle_since: float | None = None
        self._held = 0
        self._encoding = 0
        self._stuck: Callable[[], None] | None = None
        self._totals: Counter[str] = Counter()

    # ---- time

    def _rate(self) -> float:
        load = self._runnable / self.model.cores
        return min(1.0, 1 / load) / (1 + self.model.crowding * min(3.0, max(0.0, load - 1))) if load else 1.0

    def _compute(self, cpu: float, then: Callable[[], None], threads: float = 1.0) -> None:
        if cpu <= 0:
            self._after(0.0, then)
            return
        self._runnable += threads
        heapq.heappush(self._computing, (self._virtual + cpu / threads, next(self._serial), threads, then))

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (self.now + seconds, next(self._serial), then))

    def _step(self) -> None:
        rate = self._rate()
        computed = self.now + (self._computing[0][0] - self._virtual) / rate if self._computing else math.inf
        timed = self._timers[0][0] if self._timers else math.inf
        until = min(computed, timed)
        assert until < math.inf, "nothing will ever happen"
        self._virtual += (until - self.now) * rate
        self._idle += (until - self.now) * max(0.0, self.model.cores - self._runnable)
        self.now = until
        if timed <= computed:
            heapq.heappop(self._timers)[2]()
        else:
            self._virtual, _, threads, then = heapq.heappop(self._computing)
            self._runnable -= threads
            then()

    def run(self, until: Callable[[], bool] = lambda: False) -> Render:
        """To the end, or until something is so."""
        if not self._began:
            self._began = True
            self._do(self.scheduler.start())
            if self.tuner is not None:
                self._after(self.tuner.interval_seconds, self._tick)
        while not self.scheduler.done and not until():
            self._step()
        return self

    def run_windows(self, count: int) -> Render:
        """Until the tuner has judged so many more windows."""
        assert self.tuner is not None
        until = self.tuner.windows + count
        return self.run(lambda: self.tuner is not None and self.tuner.windows >= until)

    def run_frames(self, count: int) -> Render:
        """Until so many more frames are written."""
        until = len(self.written_at) + count
        return self.run(lambda: len(self.written_at) >= until)

    # ---- workers

    def _do(self, commands: list[Command]) -> None:
        for command in commands:
            match command:
                case StartWorker(number):
                    self._start(number)
                case StopWorker(number):
                    del self._workers[number]
                    self.alive -= 1
                case Draw(number, position, slot):
                    worker = self._workers[number]
                    worker.queue.append((position, slot))
                    if not worker.drawing:
                        self._draw(number)
                case Write(position, slot):
                    self._to_write.append((position, slot))
                    self._write()

    def _start(self, number: int) -> None:
        began = self.now
        self._totals["starts"] += 1
        self.alive += 1
        self._take_memory()
        wait = self.model.start_wait
        self._compute(self.model.start_cpu, lambda: self._after(wait, lambda: self._ready(number, began)))

    def _ready(self, number: int, began: float) -> None:
        self._totals["start"] += self.now - began
        self._workers[number] = _Worker()
        self._do(self.scheduler.handle(WorkerReady(number)))

    def _draw(self, number: int) -> None:
        worker = self._workers[number]
        position, _ = worker.queue[0]
        worker.drawing, worker.began = True, self.now
        costs, factor = self.model.at(self.first + position), self.model.factor(self.first + position)
        cpu, wait, threads = factor * costs.draw_cpu, factor * costs.draw_wait, self.model.draw_threads

        def computed() -> None:
            queued = max(0.0, self.now - worker.began - cpu / threads)
            self._after(wait, lambda: drawn(queued))

        def drawn(queued: float) -> None:
            worker.queue.popleft()
            self._totals["queued"] += queued
            worker.drawing = False
            self._totals["draw"] += self.now - worker.began
            self._totals["cpu"] += cpu
            self._totals["thread"] += cpu / threads
            self._totals["drawn"] += 1
            self._do(self.scheduler.handle(FrameDrawn(number, position)))
            if worker.queue and not worker.drawing:
                self._draw(number)

        self._compute(cpu, computed, threads)

    # ---- the encoder

    def _write(self) -> None:
        if self._writing is not None or not self._to_write:
            return
        self._writing, _ = self._to_write.popleft()
        if self._idle_since is not None:
            self._totals["wait"] += self.now - self._idle_since
        self._write_began = self.now
        self._compute(self.model.at(self.first + self._writing).write_cpu, self._hand_over)

    def _hand_over(self) -> None:
        if self._held >= self.model.lookahead + 4 and self._encoding >= self.model.encoder_threads:
            self._stuck = self._hand_over
            return
        position, self._writing = self._writing, None
        assert position is not None
        self._held += 1
        self._totals["busy"] += self.now - self._write_began
        self._idle_since = self.now
        self.written_at.append(self.now)
        self._encode()
        self._do(self.scheduler.handle(FrameWritten(position)))
        self._write()

    def _encode(self) -> None:
        while self._held > self.model.lookahead and self._encoding < self.model.encoder_threads:
            self._held -= 1
            self._encoding += 1
            self._compute(self.model.at(self.first + len(self.written_at)).encode_cpu, self._encoded)

    def _encoded(self) -> None:
        self._encoding -= 1
        self._encode()
        if self._stuck is not None:
            stuck, self._stuck = self._stuck, None
            stuck()

    # ---- the tuner

    def _take_memory(self) -> None:
        taken = self.alive * self.model.worker_bytes + self.slots * self.model.frame_bytes
        self.most_bytes = max(self.most_bytes, taken)

    def _tick(self) -> None:
        assert self.tuner is not None
        decision = self.tuner.observe(self._sample())
        if decision is not None:
            self.decisions.append((self.now, decision))
            if decision.slots > self.slots:
                self.slots = decision.slots
                self._take_memory()
                self._do(self.scheduler.handle(SlotsAdded(decision.slots)))
            self._do(self.scheduler.handle(TargetChanged(decision.workers)))
            if decision.retire_parked:
                self._do(self.scheduler.handle(ParkedRetired()))
        self._after(self.tuner.interval_seconds, self._tick)

    def _sample(self) -> Sample:
        t, s = self._totals, self.scheduler
        ready = int(t["starts"]) - s.count(Status.STARTING)
        return Sample(
            seconds=self.now,
            frames_written=s.written,
            frames_left=self.frames - s.written,
            frames_drawn=int(t["drawn"]),
            draw_seconds=t["draw"],
            in_progress_seconds=sum(self.now - w.began for w in self._workers.values() if w.drawing),
            worker_cpu_seconds=t["cpu"],
            worker_thread_seconds=t["thread"],
            worker_queued_seconds=t["queued"],
            encoder_wait_seconds=t["wait"],
            encoder_busy_seconds=t["busy"],
            idle_core_seconds=self._idle,
            slots=self.slots,
            slots_in_use=s.slots_in_use,
            active=s.count(Status.ACTIVE),
            starting=s.count(Status.STARTING),
            parked=s.count(Status.PARKED),
            start_seconds=t["start"] / ready if ready else 0.0,
            worker_bytes=self.model.worker_bytes if ready else 0,
        )

    def speed(self, first: int, last: int) -> float:
        """Frames per second between two positions."""
        return (last - first) / (self.written_at[last - self.first] - self.written_at[first - self.first])


ENDLESS = 10**9


def start_choice(model: Model, frames: int = ENDLESS, learned: Learned | None = None, **asked: int) -> Choice:
    """What the tuner begins with on this machine."""
    machine = Machine(model.cores, model.memory_bytes, model.worker_bytes)
    return choose(machine, model.frame_bytes, frames, RenderSettings(**asked), learned=learned)


def fixed_speed(model: Model, workers: int, first: int, last: int) -> float:
    """Frames per second between two positions with a fixed number of workers."""
    begin = max(0, first - model.lookahead - 20 - 4 * workers)
    choice = start_choice(model, workers=workers)
    render = Render(model, ENDLESS, choice, tuned=False, first=begin)
    return render.run_frames(last - begin + 1).speed(first, last)


def best_speed(model: Model, first: int, last: int, most_workers: int) -> tuple[float, int]:
    """The best of an exhaustive search over numbers of workers, and its number.

    Numbers that cannot come near the best for want of workers are left out, and above 8 only every fifth or so is
    tried. Two draws may end just before the first frame counted, which makes short stretches look faster than is
    possible; hence the limit.
    """
    costs = model.at(first)
    limit = model.limit(costs, most_workers)
    tried = [n for n in _grid(most_workers) if n == most_workers or model.limit(costs, n) > 0.9 * limit]
    speed, fewest = max((fixed_speed(model, n, first, last), -n) for n in tried)
    return min(speed, limit), -fewest


def _grid(most: int) -> list[int]:
    numbers = list(range(1, min(most, 8) + 1))
    while numbers[-1] < most:
        numbers.append(min(most, int(numbers[-1] * 1.2)))
    return numbers


class _Plan:
    """The part of a `RenderPlan` that the tuner looks at."""

    def __init__(self, choice: Choice, model: Model) -> None:
        self.workers, self.max_workers = choice.workers, choice.max_workers
        self.slots, self.max_slots, self.learned = choice.slots, choice.max_slots, choice.learned
        self.format = type("Format", (), {"nbytes": model.frame_bytes})
