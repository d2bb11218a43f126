"""What a render starts with: workers, slots and encoder threads, and which limit bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panim_core.job import RenderSettings

MAX_WORKERS = 1024
WORKERS_PER_CORE = 8
"""The most that a source that only waits (for a disk, a network, a GPU) is given."""
FIRST_WAVE = 8
"""Workers started before any frame was drawn; more follow once it is known that they are needed."""
MEMORY_SHARE = 0.5
"""Of the free memory, at most so much for slots and workers together; the encoder and others need some too."""
WORTH_STARTS = 0.5
"""A worker is started if it will draw for at least so many times what its start takes (bench/starts.py)."""
EXPECTED_DRAW_SECONDS = 0.01
EXPECTED_START_SECONDS = 0.25
EXPECTED_WORKER_BYTES = 60_000_000
"""A worker that has imported numpy and Pillow and draws small frames; it is measured as soon as it draws."""
ON_PURPOSE = "measured on purpose"
"""Why what `panim tune` found is what it is; it counted starts, too."""


@dataclass(frozen=True)
class Machine:
    """What may be used."""

    cores: int
    memory_bytes: int | None
    """Free now; None if unknown."""
    worker_bytes: int = EXPECTED_WORKER_BYTES
    """What one worker is expected to take, slots not counted."""


@dataclass(frozen=True)
class Learned:
    """What earlier renders of the same kind have shown. Seconds are per frame unless they say otherwise."""

    workers: int | None = None
    """With how many it ended; None if it was too short to tell."""
    encoder_threads: int | None = None
    """Only where they were measured on purpose: they change what is in the file, if little."""
    draw_seconds: float = 0.0
    """Without waiting for a core."""
    start_seconds: float = 0.0
    """Of a worker, from its start to its first frame."""
    worker_bytes: int = 0
    reason: str = ""
    """What limited it."""


@dataclass(frozen=True)
class Choice:
    """Numbers to start with, and why."""

    workers: int
    max_workers: int
    slots: int
    max_slots: int
    """That the tuner may grow to; memory is taken only for `slots`."""
    encoder_threads: int | None
    """None leaves it to the encoder."""
    reasons: tuple[str, ...]
    learned: bool = False
    """Whether `workers` is with how many an earlier render of the kind ended."""


@dataclass(frozen=True)
class MemoryBound:
    """How many workers and slots fit into memory together.

    A worker needs a slot to draw into, and one more in all keeps the encoder fed; two each, and two more, keep
    everyone busy when frames differ in cost.
    """

    budget: float
    """Bytes for workers and slots; infinite if unknown."""
    worker_bytes: int
    frame_bytes: int

    @classmethod
    def of(cls, machine: Machine, frame_bytes: int) -> MemoryBound:
        """`MEMORY_SHARE` of what is free."""
        free = machine.memory_bytes
        return cls(MEMORY_SHARE * free if free is not None else float("inf"), machine.worker_bytes, frame_bytes)

    def taken(self, workers: int, slots: int) -> float:
        """Bytes that so many take."""
        return float(workers * self.worker_bytes + slots * self.frame_bytes)

    @property
    def workers(self) -> int:
        """Most workers that fit, each with a slot and one over; at least 1."""
        each = self.worker_bytes + self.frame_bytes
        return int(max(1, min(MAX_WORKERS, (self.budget - self.frame_bytes) // each)))

    def workers_beside(self, slots: int) -> int:
        """Most workers that fit beside slots that are taken already; at least 1."""
        return int(max(1, min(self.workers, (self.budget - slots * self.frame_bytes) // self.worker_bytes)))

    @property
    def slots(self) -> int:
        """Most slots that fit beside one worker; at least 1."""
        return self.slots_beside(1, 4 * MAX_WORKERS)

    def slots_beside(self, workers: int, wanted: int) -> int:
        """As many of the `wanted` slots as fit beside so many workers; at least 1."""
        return int(max(1, min(wanted, (self.budget - workers * self.worker_bytes) // self.frame_bytes)))


def comfortable_slots(workers: int) -> int:
    """One that each worker draws into, one that it draws into next, and two for the encoder."""
    return 2 * workers + 2


def worth_starting(seconds_of_drawing: float, start_seconds: float, drawing: int = 0) -> int:
    """Most workers that still save time when so many seconds of drawing are left for all of them together.

    Args:
        drawing: workers that are there already, and draw while others start.
    """
    start = max(start_seconds, 1e-3)
    return max(1, drawing, int((seconds_of_drawing - drawing * start) / (WORTH_STARTS * start)))


def choose(
    machine: Machine,
    frame_bytes: int,
    frame_count: int,
    asked: RenderSettings,
    max_workers: int | None = None,
    *,
    learned: Learned | None = None,
    ahead: int = 0,
) -> Choice:
    """What to start a render with.

    Args:
        machine: what may be used.
        frame_bytes: of one slot.
        frame_count: frames to draw.
        asked: what the user fixed.
        max_workers: the most that the source allows.
        learned: from earlier renders of this kind.
        ahead: workers that have started already.
    """
    memory = MemoryBound.of(machine, frame_bytes)
    if learned is not None and learned.worker_bytes:
        memory = MemoryBound(memory.budget, learned.worker_bytes, frame_bytes)
    limits = [
        (frame_count, "no more than frames"),
        (max_workers or MAX_WORKERS, "the source allows no more"),
        (asked.slots or MAX_WORKERS, "no more than slots"),
    ]
    if asked.workers is None:
        fitting = memory.workers if asked.slots is None else memory.workers_beside(min(asked.slots, frame_count))
        limits.append((fitting, _memory_reason(machine, memory)))
    reasons: list[str] = []
    if asked.workers is not None:
        workers, reason = asked.workers, "as asked"
    else:
        workers, reason = _first(machine, frame_count, learned, ahead)
    for limit, why in limits:
        if workers > limit:
            workers, reason = limit, why
    reasons.append(f"{_count(workers, 'worker')}: {reason}")

    ceiling = workers if asked.workers is not None else WORKERS_PER_CORE * machine.cores
    ceiling = max(workers, min(ceiling, MAX_WORKERS, *(limit for limit, _ in limits)))
    if asked.slots is not None:
        slots = max_slots = min(asked.slots, frame_count)
        reasons.append(f"{_count(slots, 'slot')}: {'as asked' if slots == asked.slots else 'no more than frames'}")
    else:
        wanted = min(frame_count, comfortable_slots(workers))
        slots = max(memory.slots_beside(workers, wanted), min(wanted, workers + 1))
        max_slots = max(slots, min(frame_count, 2 * comfortable_slots(ceiling), memory.slots))
        if slots < wanted:
            reasons.append(f"{_count(slots, 'slot')}: {_memory_reason(machine, memory)}")
    threads = asked.encoder_threads
    if threads is not None:
        reasons.append(f"{_count(threads, 'encoder thread')}: as asked")
    elif learned is not None and learned.encoder_threads is not None:
        threads = learned.encoder_threads
        reasons.append(f"{_count(threads, 'encoder thread')}: measured best earlier")
    known = asked.workers is None and learned is not None and learned.workers == workers
    return Choice(workers, ceiling, slots, max_slots, threads, tuple(reasons), known)


def _first(machine: Machine, frame_count: int, learned: Learned | None, ahead: int) -> tuple[int, str]:
    draw = (learned and learned.draw_seconds) or EXPECTED_DRAW_SECONDS
    start = (learned and learned.start_seconds) or EXPECTED_START_SECONDS
    worth = worth_starting(frame_count * draw, start, ahead)
    if learned is not None and learned.workers is not None:
        workers = min(learned.workers, WORKERS_PER_CORE * machine.cores)
        reason = f"as an earlier render of this kind ended ({learned.reason or 'tuned'})"
        if learned.reason == ON_PURPOSE:
            return workers, reason
    else:
        workers, reason = machine.cores, "one for each usable core"
        if workers > FIRST_WAVE:
            workers, reason = FIRST_WAVE, f"to begin with; {machine.cores} cores may have more as soon as they pay"
    if worth < workers:
        return worth, f"another is expected to start too late for {_count(frame_count, 'frame')}"
    return workers, reason


def _memory_reason(machine: Machine, memory: MemoryBound) -> str:
    return (
        f"{MEMORY_SHARE:.0%} of the {(machine.memory_bytes or 0) / 1e6:.0f} MB that are free hold no more "
        f"(a worker {memory.worker_bytes / 1e6:.0f} MB, a frame {memory.frame_bytes / 1e6:.1f} MB)"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"
