"""What a render shows the tuner, and what it is told to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Totals since the render began, and the state now."""

    seconds: float
    frames_written: int
    frames_left: int
    frames_drawn: int
    draw_seconds: float
    """Of draws that are complete."""
    in_progress_seconds: float
    """Of draws that are not."""
    worker_cpu_seconds: float
    """CPU that workers used in complete draws, all their threads."""
    worker_thread_seconds: float
    """CPU that the threads which draw used."""
    worker_queued_seconds: float
    """They wanted to compute and waited for a core; 0 where the system does not tell."""
    encoder_wait_seconds: float
    encoder_busy_seconds: float
    slots: int
    slots_in_use: int
    active: int
    starting: int
    parked: int
    start_seconds: float = 0.0
    """That a worker took to start, on average; 0 if none has."""
    idle_core_seconds: float | None = None
    """That the machine's cores had nothing to do, whoever uses them; None where the system does not tell."""
    worker_bytes: int = 0
    """Most memory that a worker has had, slots not counted."""


@dataclass(frozen=True)
class Decision:
    """What shall be from now on."""

    workers: int
    slots: int
    reason: str
    retire_parked: bool = False


@dataclass(frozen=True)
class Window:
    """What happened between two samples while the number of workers stayed the same."""

    workers: int
    slots: int
    seconds: float
    drawn: int
    busy: float
    hungry: float
    idle: float
    free_cores: float
    """The share of all cores' time in which they had nothing to do."""
    load: float
    """Cores that a worker uses while it draws undisturbed: below 1 where it waits, above where it has threads."""
    full: float
    """How often every slot was in use when one looked."""
    draw_seconds: float
    """Of a frame."""
    thread_seconds: float
    """CPU of a frame, of the thread that draws."""

    @property
    def speed(self) -> float:
        """Frames per second, as drawn."""
        return self.drawn / self.seconds


def alone(draw_seconds: float, queued_seconds: float) -> float:
    """What drawing takes where nobody else wants the core.

    All of it where nothing is left: of very short frames, the system may count more waiting than drawing.
    """
    return draw_seconds - queued_seconds if draw_seconds > queued_seconds else draw_seconds


def window_between(a: Sample, b: Sample, workers: int, cores: int, full: float) -> Window:
    """What happened between two samples while so many workers drew.

    Args:
        full: how often every slot was in use.
    """
    seconds, drawn = b.seconds - a.seconds, b.frames_drawn - a.frames_drawn
    drawing = b.draw_seconds - a.draw_seconds
    busy = drawing + b.in_progress_seconds - a.in_progress_seconds
    cpu = b.worker_cpu_seconds - a.worker_cpu_seconds
    thread = b.worker_thread_seconds - a.worker_thread_seconds
    free = _free_cores(a, b, cores)
    queued = b.worker_queued_seconds - a.worker_queued_seconds
    return Window(
        workers=workers,
        slots=b.slots,
        seconds=seconds,
        drawn=drawn,
        busy=busy / seconds / workers,
        hungry=min(1.0, (b.encoder_wait_seconds - a.encoder_wait_seconds) / seconds),
        idle=1 - ((thread if free is not None else max(cpu, thread)) + queued) / drawing if drawing > 0 else 0.0,
        free_cores=free if free is not None else 1.0,
        load=cpu / max(drawing - queued, thread) if cpu > 0 and max(drawing - queued, thread) > 0 else 1.0,
        full=full,
        draw_seconds=drawing / drawn,
        thread_seconds=thread / drawn,
    )


def _free_cores(a: Sample, b: Sample, cores: int) -> float | None:
    if a.idle_core_seconds is None or b.idle_core_seconds is None:
        return None
    return (b.idle_core_seconds - a.idle_core_seconds) / (b.seconds - a.seconds) / cores
