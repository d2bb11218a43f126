"""What happens in a render, as data: given to `produce(on_event=...)` and to `panim_render_event` hooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panim_core.report import RenderReport


@dataclass(frozen=True)
class RenderEvent:
    """The base of all events."""


@dataclass(frozen=True)
class RenderStarted(RenderEvent):
    """Everything was checked; processes are about to start."""

    frame_count: int
    fps: str
    width: int
    height: int
    workers: int
    outfile: str


@dataclass(frozen=True)
class Progress(RenderEvent):
    """A few times a second."""

    frames_written: int
    frame_count: int
    elapsed_seconds: float
    frames_per_second: float
    """Over the last few seconds."""
    seconds_left: float | None
    workers: int
    bottleneck: str
    """drawing, encoding or balanced."""


@dataclass(frozen=True)
class WorkerStarted(RenderEvent):
    """A worker process is ready to draw."""

    worker: int
    pid: int
    start_seconds: float


@dataclass(frozen=True)
class WorkerLost(RenderEvent):
    """A worker died; its frame is tried again on a fresh one if any try is left."""

    worker: int
    exit_code: int | None
    likely_cause: str
    frame_index: int | None


@dataclass(frozen=True)
class WorkerOutput(RenderEvent):
    """A worker printed something, or warned of what no other had."""

    worker: int
    text: str


@dataclass(frozen=True)
class WorkersChanged(RenderEvent):
    """The tuner changed how many workers draw."""

    workers: int
    reason: str


@dataclass(frozen=True)
class SegmentFinished(RenderEvent):
    """A segment's file is complete."""

    number: int
    count: int
    frame_count: int


@dataclass(frozen=True)
class Note(RenderEvent):
    """Something that a user should be told."""

    text: str


@dataclass(frozen=True)
class RenderFinished(RenderEvent):
    """The output is in place."""

    report: RenderReport


@dataclass(frozen=True)
class RenderFailed(RenderEvent):
    """The render ended with an error, or was cancelled; nothing was published."""

    error: BaseException
