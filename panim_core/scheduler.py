"""The scheduler: a pure state machine. Events in, commands out; no clock, no process, no I/O.

It hands frames to workers lowest first, each into a slot of its own, and lets them be written in order. Why it
cannot deadlock: a frame keeps its slot until it is written, also when its worker is lost, and slots are given
out in frame order; so the next frame to be written always has a slot or is the next to get one.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

MAX_DEATHS = 2
"""How often a frame whose worker died is tried again."""
MAX_TIMEOUTS = 1
"""How often a frame that passed its deadline is tried again."""


# ---- events


@dataclass(frozen=True)
class WorkerReady:
    """A worker has started and can draw."""

    worker: int


@dataclass(frozen=True)
class FrameDrawn:
    """The frame is in its slot."""

    worker: int
    position: int


@dataclass(frozen=True)
class FrameWritten:
    """The encoder has taken the frame; its slot is free."""

    position: int


@dataclass(frozen=True)
class WorkerLost:
    """The worker's process has ended and was reaped."""

    worker: int
    timed_out: bool = False


@dataclass(frozen=True)
class NotStarted:
    """The worker's process could not be started at all."""

    worker: int


@dataclass(frozen=True)
class TargetChanged:
    """From now on so many workers draw; more are started, those too many are parked."""

    workers: int


@dataclass(frozen=True)
class SlotsAdded:
    """From now on there are so many slots; never fewer than before."""

    slots: int


@dataclass(frozen=True)
class ParkedRetired:
    """Parked workers are not worth their memory any more."""


Event = WorkerReady | FrameDrawn | FrameWritten | WorkerLost | NotStarted | TargetChanged | SlotsAdded | ParkedRetired


# ---- commands


@dataclass(frozen=True)
class StartWorker:
    worker: int


@dataclass(frozen=True)
class StopWorker:
    worker: int


@dataclass(frozen=True)
class Draw:
    worker: int
    position: int
    slot: int


@dataclass(frozen=True)
class Write:
    position: int
    slot: int


@dataclass(frozen=True)
class GiveUp:
    """The render cannot be completed.

    `position` is the frame to blame, or None where workers die without drawing.
    """

    position: int | None
    worker: int
    timed_out: bool


Command = StartWorker | StopWorker | Draw | Write | GiveUp


class Status(Enum):
    STARTING = "starting"
    ACTIVE = "active"
    PARKED = "parked"


@dataclass
class _Worker:
    status: Status = Status.STARTING
    assigned: list[int] = field(default_factory=list)
    reached: int = -1
    """The highest position it was ever given."""


class Scheduler:
    """State of one render.

    Args:
        frame_count: positions 0 to ``frame_count - 1`` are drawn once each and written in order.
        slots: frames that may be drawn or waiting at a time; at least 1.
        workers: how many draw at first; at least 1.
        sequential: a worker is never given a frame below one it was given before.
        queue_depth: frames a worker may hold, the one being drawn included; 2 hides the way of a message.
    """

    def __init__(
        self, frame_count: int, slots: int, workers: int, *, sequential: bool = False, queue_depth: int = 2
    ) -> None:
        self.frame_count = frame_count
        self.slots = slots
        self.target = min(workers, max(1, frame_count))
        self.sequential = sequential
        self.queue_depth = queue_depth
        self.written = 0
        self.retries = 0
        self.lost = 0
        self._given_up = False
        self._free_slots = list(range(slots - 1, -1, -1))
        self._slot_of: dict[int, int] = {}
        self._again: list[int] = []
        self._next_new = 0
        self._drawn: set[int] = set()
        self._next_write = 0
        self._workers: dict[int, _Worker] = {}
        self._next_worker = 0
        self._deaths: dict[int, int] = {}
        self._timeouts: dict[int, int] = {}
        self._fruitless_losses = 0
        self._by_load: list[set[int]] = [set() for _ in range(queue_depth)]
        """The active workers that hold 0, 1, ... frames and may be given one more."""
        self._staff_changed = True

    # ---- what can be asked

    @property
    def done(self) -> bool:
        """Whether every frame was written."""
        return self.written == self.frame_count

    @property
    def slots_in_use(self) -> int:
        """Frames that hold a slot."""
        return len(self._slot_of)

    def count(self, status: Status) -> int:
        """How many workers have that status."""
        return sum(1 for w in self._workers.values() if w.status is status)

    def drawing(self, worker: int) -> int | None:
        """The position that the worker draws now, or None."""
        state = self._workers.get(worker)
        return state.assigned[0] if state is not None and state.assigned else None

    # ---- what happens

    def start(self) -> list[Command]:
        """The first commands."""
        return list(self._go_on())

    def handle(self, event: Event) -> list[Command]:
        """Take an event; return what is to be done now, in that order."""
        commands: list[Command] = []
        self._staff_changed = self._staff_changed or not isinstance(event, (FrameDrawn, FrameWritten))
        match event:
            case WorkerReady(worker):
                if worker in self._workers and self._workers[worker].status is Status.STARTING:
                    self._workers[worker].status = Status.ACTIVE
                    self._sort_in(worker)
            case FrameDrawn(worker, position):
                if worker in self._workers:  # else it was lost, and the frame is drawn again
                    self._workers[worker].assigned.remove(position)
                    self._sort_in(worker)
                    self._drawn.add(position)
                    self._fruitless_losses = 0
            case FrameWritten(position):
                self._free_slots.append(self._slot_of.pop(position))
                self.written += 1
            case WorkerLost(worker, timed_out):
                commands += self._lose(worker, timed_out)
            case NotStarted(worker):
                self._workers.pop(worker, None)
            case TargetChanged(workers):
                self.target = max(1, workers)
            case SlotsAdded(slots):
                self._free_slots[:0] = range(slots - 1, self.slots - 1, -1)
                self.slots = max(self.slots, slots)
            case ParkedRetired():
                for number in [n for n, w in self._workers.items() if w.status is Status.PARKED and not w.assigned]:
                    del self._workers[number]
                    commands.append(StopWorker(number))
        if self._given_up or any(isinstance(c, GiveUp) for c in commands):
            told, self._given_up = self._given_up, True
            return [c for c in commands if isinstance(c, StopWorker) or (isinstance(c, GiveUp) and not told)]
        return [*commands, *self._go_on()]

    def _lose(self, number: int, timed_out: bool) -> Iterator[Command]:
        worker = self._workers.pop(number, None)
        if worker is None:
            return
        self._sort_in(number)
        self.lost += 1
        if not worker.assigned:
            self._fruitless_losses += 1
            if self._fruitless_losses > (MAX_TIMEOUTS if timed_out else MAX_DEATHS) * self.target:
                yield GiveUp(None, number, timed_out)
            return
        head = worker.assigned[0]
        tries, most = (self._timeouts, MAX_TIMEOUTS) if timed_out else (self._deaths, MAX_DEATHS)
        tries[head] = tries.get(head, 0) + 1
        if tries[head] > most:
            yield GiveUp(head, number, timed_out)
            return
        self.retries += 1
        for position in worker.assigned:
            heapq.heappush(self._again, position)

    def _go_on(self) -> Iterator[Command]:
        while self._next_write in self._drawn:
            self._drawn.remove(self._next_write)
            yield Write(self._next_write, self._slot_of[self._next_write])
            self._next_write += 1
        if self._staff_changed or self._again:
            self._staff_changed = False
            yield from self._staff()
        while (chosen := self._choose()) is not None:
            number, position = chosen
            worker = self._workers[number]
            if self._again and position == self._again[0]:
                heapq.heappop(self._again)
            else:
                self._next_new += 1
                self._slot_of[position] = self._free_slots.pop()
            worker.assigned.append(position)
            worker.reached = position
            self._sort_in(number)
            yield Draw(number, position, self._slot_of[position])

    @property
    def _to_hand_out(self) -> int:
        return len(self._again) + self.frame_count - self._next_new

    def _staff(self) -> Iterator[Command]:
        """Park, wake and start workers so that `target` of them draw."""
        useful = [n for n, w in self._workers.items() if w.status is not Status.PARKED]
        if self._again:
            useful.sort(key=lambda n: not self._may_draw(self._workers[n], self._again[0]))
        for number in reversed(useful[self.target :]):
            if self._workers[number].status is Status.ACTIVE:
                self._workers[number].status = Status.PARKED
                self._sort_in(number)
        useful = useful[: self.target]
        parked = [n for n, w in self._workers.items() if w.status is Status.PARKED]
        busy = sum(1 for n in useful if self._workers[n].assigned)
        wanted = min(self.target, max(len(useful), busy + self._to_hand_out))
        for number in parked[: max(0, wanted - len(useful))]:
            self._workers[number].status = Status.ACTIVE
            self._sort_in(number)
            useful.append(number)
        missing = max(0, wanted - len(useful))
        starting = self.count(Status.STARTING)
        if (
            self._again
            and starting + missing == 0
            and not any(self._may_draw(w, self._again[0]) for w in self._active())
        ):
            missing = 1  # in a sequential render only a fresh worker can go back
        for _ in range(missing):
            number, self._next_worker = self._next_worker, self._next_worker + 1
            self._workers[number] = _Worker()
            yield StartWorker(number)

    def _active(self) -> list[_Worker]:
        return [w for w in self._workers.values() if w.status is Status.ACTIVE]

    def _may_draw(self, worker: _Worker, position: int) -> bool:
        return not self.sequential or position > worker.reached

    def _sort_in(self, number: int) -> None:
        """After a worker has changed."""
        for group in self._by_load:
            group.discard(number)
        worker = self._workers.get(number)
        if worker is not None and worker.status is Status.ACTIVE and len(worker.assigned) < self.queue_depth:
            self._by_load[len(worker.assigned)].add(number)

    def _choose(self) -> tuple[int, int] | None:
        """The next (worker, position) to hand out, or None."""
        # At the end a queued frame may wait behind a slow one while another worker has nothing to do.
        depth = self.queue_depth if self._to_hand_out > self.target else 1
        if self._again:
            position = self._again[0]
            if (number := self._least_busy(depth, position)) is not None:
                return number, position
            if not self.sequential:
                return None
            depth = self.queue_depth  # the frame waits for a fresh worker; the others go on with new ones
        if self._next_new == self.frame_count or not self._free_slots:
            return None
        number = self._least_busy(depth, self._next_new)
        return (number, self._next_new) if number is not None else None

    def _least_busy(self, depth: int, position: int) -> int | None:
        """An active worker that holds fewer than `depth` frames, and may draw the frame."""
        for group in self._by_load[:depth]:
            if not self.sequential or position == self._next_new:
                able = group
            else:
                able = {number for number in group if self._may_draw(self._workers[number], position)}
            if able:
                return min(able)
        return None
