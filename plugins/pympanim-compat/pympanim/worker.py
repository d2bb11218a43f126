"""`produce` with pympanim 0.1.1's signature, on panim's pipeline."""

from __future__ import annotations

import copy
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import panim_core
from panim_core import events
from panim_core.protocols import FrameGenerator

__all__ = ["PerformanceSettings", "produce"]

_CORES = os.cpu_count() or 1


@dataclass(eq=False)
class PerformanceSettings:
    """How the work is spread. Give what `produce` returned to the next `produce` of the same kind.

    All attributes are plain values, so that it can be pickled or dumped as JSON by its ``__dict__``. panim tunes
    itself: it looks at those two that are described here, and keeps the others for programs that read them.

    Attributes:
        num_workers: processes that draw. By default the cores there are, and then panim decides and learns.
        max_workers: the most of them; by default the cores there are, or `num_workers` if that is more.
    """

    frames_per_sync: int = 10
    num_workers: int | None = None
    frame_batch_amount: int = 2
    window_size: float = 15.0
    perf_delay: float = 2.5
    max_workers: int | None = None
    worker_queue_size: int = 5
    work_per_dispatch: int | None = None
    spawn_worker_threshold_low: float = 0.8
    spawn_worker_threshold_high: float = 1.2
    kill_worker_threshold_low: float = 0.5
    kill_worker_threshold_high: float = 0.8
    ooo_balance: int = 100
    ooo_cap: int = 500
    ooo_error: int = 5000
    min_frames_per_sync: int | None = None
    max_frames_per_sync: int | None = None
    frame_batch_min_improvement: float = 1.05
    frame_batch_max_badness: float = 1.0
    frame_batch_dyn_min_decay_time: float = 120.0
    frame_batch_dyn_max_decay_time: float = 120.0
    frame_batch_min: float = 1
    frame_batch_max: float = 10
    max_frames_in_recieve_queue: int = 10
    unclogging_per_second_threshold_low: int = 2
    unclogging_per_second_threshold_high: int = 10

    def __post_init__(self) -> None:
        if self.num_workers is None:
            self.num_workers = _CORES
        if self.max_workers is None:
            self.max_workers = max(self.num_workers, _CORES)
        if self.work_per_dispatch is None:
            self.work_per_dispatch = self.max_workers * 2
        if self.min_frames_per_sync is None:
            self.min_frames_per_sync = 10
        if self.max_frames_per_sync is None:
            self.max_frames_per_sync = self.max_workers * 10


def _workers(settings: PerformanceSettings) -> int | None:
    """How many workers to ask panim for; None lets it decide."""
    asked = [number for number in (settings.num_workers, settings.max_workers) if number]
    workers = min(asked, default=None)
    return None if workers == _CORES else workers


def produce(
    frame_gen: FrameGenerator,
    fps: float,
    dpi: float = 100,
    bitrate: float = -1,
    outfile: str = "out.mp4",
    settings: PerformanceSettings | None = None,
    time_per_print: float = 15.0,
    logger: logging.Logger | None = None,
    dps: float | None = None,
) -> PerformanceSettings:
    """Render `frame_gen` to `outfile`, which must not exist.

    Args:
        frame_gen: what draws the frames.
        fps: frames per second.
        dpi: taken for pympanim's sake; frames have the size that `frame_gen` says.
        bitrate: kilobits per second; at or below 0: unconstrained.
        outfile: the video; missing folders are made.
        settings: of an earlier call.
        time_per_print: seconds between two lines of progress.
        logger: takes the progress; by default ``pympanim.worker``, to stderr.
        dps: what pympanim's README wrote for dpi.

    Returns:
        Settings for the next call.

    Raises:
        FileExistsError: `outfile` exists.
        panim_core.PanimError: see `panim_core.produce`.
    """
    del dpi, dps
    if os.path.exists(outfile):
        raise FileExistsError(f"{outfile} already exists")
    asked = settings if settings is not None else PerformanceSettings()
    log = logger if logger is not None else _default_logger()
    report = panim_core.produce(
        frame_gen, outfile, fps, bitrate=bitrate, workers=_workers(asked), on_event=_teller(log, time_per_print)
    )
    log.info("%s", report)
    used = copy.copy(asked)
    used.num_workers = report.settings.workers
    return used


def _default_logger() -> logging.Logger:
    logger = logging.getLogger("pympanim.worker")
    logger.setLevel(logging.DEBUG)
    logging.basicConfig(format="%(asctime)s [%(filename)s:%(lineno)d] %(message)s", datefmt="%m/%d/%Y %I:%M:%S %p")
    return logger


def _teller(log: logging.Logger, seconds: float) -> Callable[[events.RenderEvent], None]:
    told_at = time.monotonic()

    def tell(event: events.RenderEvent) -> None:
        nonlocal told_at
        match event:
            case events.RenderStarted():
                log.info(
                    "Settings: %d frames at %s fps with %d workers...", event.frame_count, event.fps, event.workers
                )
            case events.Progress() if time.monotonic() - told_at >= seconds:
                told_at = time.monotonic()
                left = f"{event.seconds_left:.0f} s left" if event.seconds_left is not None else "time left unknown"
                log.info(
                    "%d of %d frames, %.1f frames/s, %s",
                    event.frames_written,
                    event.frame_count,
                    event.frames_per_second,
                    left,
                )
            case events.WorkerOutput() | events.Note():
                log.info("%s", event.text.rstrip())
            case _:
                return

    return tell
