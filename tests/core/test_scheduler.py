"""The scheduler against a simulated world that delivers events in any order."""

from __future__ import annotations

from collections import Counter, deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panim_core.scheduler import (
    MAX_DEATHS,
    MAX_TIMEOUTS,
    Draw,
    Event,
    FrameDrawn,
    FrameWritten,
    GiveUp,
    ParkedRetired,
    Scheduler,
    SlotsAdded,
    StartWorker,
    Status,
    StopWorker,
    TargetChanged,
    WorkerLost,
    WorkerReady,
    Write,
)


class World:
    """Workers and an encoder that do what the scheduler says; every command is checked when it is carried out."""

    def __init__(self, frames: int, slots: int, workers: int, sequential: bool, queue_depth: int) -> None:
        self.frames, self.slots, self.sequential, self.queue_depth = frames, slots, sequential, queue_depth
        self.scheduler = Scheduler(frames, slots, workers, sequential=sequential, queue_depth=queue_depth)
        self.starting: list[int] = []
        self.queues: dict[int, deque[int]] = {}
        self.reached: dict[int, int] = {}
        self.slot_of: dict[int, int] = {}
        self.to_write: deque[int] = deque()
        self.written: list[int] = []
        self.draws: Counter[int] = Counter()
        self.deaths: Counter[int] = Counter()
        self.timeouts: Counter[int] = Counter()
        self.drawn: set[int] = set()
        self.started = 0
        self.given_up: GiveUp | None = None
        self._carry_out(self.scheduler.start())

    @property
    def alive(self) -> list[int]:
        return [*self.starting, *self.queues]

    @property
    def over(self) -> bool:
        return self.given_up is not None or len(self.written) == self.frames

    def answers(self) -> list[Event]:
        """What the world can say next if nothing goes wrong."""
        events: list[Event] = [WorkerReady(number) for number in self.starting]
        events += [FrameDrawn(number, queue[0]) for number, queue in self.queues.items() if queue]
        if self.to_write:
            events.append(FrameWritten(self.to_write[0]))
        return events

    def say(self, event: Event) -> None:
        match event:
            case WorkerReady(number):
                self.starting.remove(number)
                self.queues[number] = deque()
                self.reached[number] = -1
            case FrameDrawn(number, position):
                assert self.queues[number].popleft() == position
                self.drawn.add(position)
            case FrameWritten(position):
                assert self.to_write.popleft() == position
                self.written.append(position)
                del self.slot_of[position]
            case WorkerLost(number, timed_out):
                if number in self.starting:
                    self.starting.remove(number)
                queue = self.queues.pop(number, deque())
                if queue:
                    (self.timeouts if timed_out else self.deaths)[queue[0]] += 1
            case SlotsAdded(slots):
                self.slots = max(self.slots, slots)
        self._carry_out(self.scheduler.handle(event))

    def _carry_out(self, commands: list) -> None:
        for command in commands:
            match command:
                case StartWorker(number):
                    assert self.given_up is None
                    assert number == self.started, "numbers are used once"
                    self.started += 1
                    self.starting.append(number)
                case Draw(number, position, slot):
                    assert self.given_up is None
                    queue = self.queues[number]
                    assert not self.sequential or position > self.reached[number]
                    self.reached[number] = position
                    queue.append(position)
                    assert len(queue) <= self.queue_depth
                    assert position not in self.drawn, "drawn again though it was drawn"
                    self.draws[position] += 1
                    assert self.slot_of.get(position, slot) == slot
                    assert slot not in [s for p, s in self.slot_of.items() if p != position], "a slot given out twice"
                    assert 0 <= slot < self.slots
                    self.slot_of[position] = slot
                case Write(position, slot):
                    assert position in self.drawn
                    assert self.slot_of[position] == slot
                    assert position == len(self.written) + len(self.to_write), "in order, each once"
                    self.to_write.append(position)
                case StopWorker(number):
                    assert not self.queues.pop(number), "stopped with work in hand"
                case GiveUp():
                    assert self.given_up is None
                    self.given_up = command
        assert len(self.slot_of) <= self.slots
        assert self.scheduler.slots_in_use == len(self.slot_of)
        assert len([p for q in self.queues.values() for p in q]) == len({p for q in self.queues.values() for p in q})

    def finish(self) -> None:
        """From here on everybody answers: it must end."""
        for _ in range(10 * (self.frames + len(self.alive)) + 100):
            if self.over:
                return
            events = self.answers()
            assert events, "nobody has anything to say, and the render is not over: a deadlock"
            self.say(events[0])
        pytest.fail("it does not end")


counts = st.integers(1, 6)
worlds = st.builds(World, st.integers(1, 40), st.integers(1, 12), counts, st.booleans(), st.integers(1, 3))


def any_event(world: World, data: st.DataObject, mishaps: bool) -> Event:
    events: list[Event] = world.answers()
    if mishaps:
        events += [WorkerLost(n, timed_out) for n in world.alive for timed_out in (False, True)]
        events += [TargetChanged(data.draw(st.integers(-1, 8), label="target")), ParkedRetired()]
        events += [SlotsAdded(world.slots + data.draw(st.integers(-1, 3), label="slots added"))]
    return data.draw(st.sampled_from(events), label="event")


@given(world=worlds, data=st.data())
@settings(max_examples=120, deadline=None)
def test_whatever_the_order_each_frame_is_written_once_and_in_order(world: World, data: st.DataObject) -> None:
    while not world.over:
        world.say(any_event(world, data, mishaps=False))
    assert world.written == list(range(world.frames))
    assert world.scheduler.done
    assert world.scheduler.slots_in_use == 0
    assert set(world.draws.values()) == {1}


@given(world=worlds, data=st.data(), steps=st.integers(0, 120))
@settings(max_examples=250, deadline=None)
def test_whatever_goes_wrong_it_ends(world: World, data: st.DataObject, steps: int) -> None:
    for _ in range(steps):
        if world.over:
            break
        world.say(any_event(world, data, mishaps=True))
    world.finish()
    assert world.written == list(range(len(world.written)))
    assert all(n <= MAX_DEATHS + (world.given_up is not None) for n in world.deaths.values())
    assert all(n <= MAX_TIMEOUTS + (world.given_up is not None) for n in world.timeouts.values())
    assert max(world.draws.values(), default=0) <= 1 + MAX_DEATHS + MAX_TIMEOUTS + world.scheduler.lost
    if world.given_up is None:
        assert world.written == list(range(world.frames))
    elif world.given_up.position is not None:
        blamed = world.given_up.position
        assert world.deaths[blamed] > MAX_DEATHS or world.timeouts[blamed] > MAX_TIMEOUTS
        assert blamed not in world.drawn


@given(world=worlds, data=st.data(), steps=st.integers(0, 60))
@settings(max_examples=120, deadline=None)
def test_a_render_that_is_given_up_issues_nothing_new(world: World, data: st.DataObject, steps: int) -> None:
    for _ in range(steps):
        if not world.over:
            world.say(any_event(world, data, mishaps=True))
    while not world.over:
        world.say(WorkerLost(world.alive[0]))
    if world.given_up is None:
        return
    started, draws, handed = world.started, sum(world.draws.values()), len(world.written) + len(world.to_write)
    for _ in range(20):
        events = [*world.answers(), *(WorkerLost(n) for n in world.alive), TargetChanged(5), ParkedRetired()]
        world.say(data.draw(st.sampled_from(events)))
    assert (world.started, sum(world.draws.values())) == (started, draws)
    assert len(world.written) + len(world.to_write) == handed


@given(world=worlds, data=st.data(), steps=st.integers(0, 60))
@settings(max_examples=80, deadline=None)
def test_stale_news_of_a_lost_worker_is_ignored(world: World, data: st.DataObject, steps: int) -> None:
    for _ in range(steps):
        if world.over:
            return
        if world.queues and data.draw(st.integers(0, 5)) == 0:
            number = data.draw(st.sampled_from(sorted(world.queues)))
            queue = list(world.queues[number])
            world.say(WorkerLost(number))
            for event in (WorkerReady(number), WorkerLost(number), *(FrameDrawn(number, p) for p in queue)):
                if not world.over:
                    assert world.scheduler.handle(event) == []
        else:
            world.say(any_event(world, data, mishaps=False))
    world.finish()


@given(target=counts, frames=st.integers(1, 40), sequential=st.booleans(), data=st.data())
@settings(max_examples=80, deadline=None)
def test_never_more_workers_than_wanted(target: int, frames: int, sequential: bool, data: st.DataObject) -> None:
    world = World(frames, 8, target, sequential, 2)
    while not world.over:
        world.say(any_event(world, data, mishaps=False))
        assert world.scheduler.count(Status.ACTIVE) <= world.scheduler.target
        assert len(world.alive) <= frames
        if not world.over and data.draw(st.integers(0, 9)) == 0:
            world.say(TargetChanged(data.draw(counts)))


def test_workers_that_die_before_they_draw_end_the_render() -> None:
    world = World(100, 8, 4, False, 2)
    for _ in range(MAX_DEATHS * 4 + 1):
        assert world.given_up is None
        world.say(WorkerLost(world.starting[0]))
    assert world.given_up is not None
    assert world.given_up.position is None


def test_workers_that_hang_at_the_start_get_one_more_try() -> None:
    world = World(100, 8, 4, False, 2)
    first = list(world.starting)
    for number in first:
        world.say(WorkerLost(number, timed_out=True))
    assert world.given_up is None
    world.say(WorkerLost(world.starting[0], timed_out=True))
    assert world.given_up is not None
    assert world.given_up.timed_out


def test_a_deadly_frame_is_blamed_and_the_others_are_not() -> None:
    world = World(20, 8, 3, False, 2)
    deadly = 5
    while not world.over:
        event = world.answers()[0]
        match event:
            case FrameDrawn(number, position) if position == deadly:
                world.say(WorkerLost(number))
            case _:
                world.say(event)
    assert world.given_up == GiveUp(deadly, world.given_up.worker, False)
    assert world.draws[deadly] == 1 + MAX_DEATHS


def test_a_sequential_render_sends_only_a_fresh_worker_back() -> None:
    world = World(20, 8, 2, True, 1)
    world.say(WorkerReady(0))
    world.say(WorkerReady(1))
    world.say(FrameDrawn(1, 1))
    world.say(WorkerLost(0))
    fresh = world.starting[0]
    world.say(WorkerReady(fresh))
    assert list(world.queues[fresh]) == [0]
    world.finish()
    assert world.written == list(range(20))


def test_one_slot_is_enough() -> None:
    world = World(10, 1, 4, False, 2)
    world.finish()
    assert world.written == list(range(10))


def test_parked_workers_come_back_before_new_ones_start() -> None:
    world = World(50, 8, 3, False, 1)
    for number in (0, 1, 2):
        world.say(WorkerReady(number))
    world.say(TargetChanged(1))
    assert world.scheduler.count(Status.PARKED) == 2
    world.say(TargetChanged(3))
    assert world.started == 3
    assert world.scheduler.count(Status.PARKED) == 0
    world.finish()


def test_retired_workers_are_stopped_once_idle() -> None:
    world = World(50, 8, 3, False, 1)
    for number in (0, 1, 2):
        world.say(WorkerReady(number))
    world.say(TargetChanged(1))
    busy = [n for n, q in world.queues.items() if q]
    world.say(ParkedRetired())
    assert set(busy) <= set(world.queues)
    world.finish()
