"""`produce` with pympanim 0.1.1's signature, on panim's pipeline."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import Any

import panim_core
from panim_core import events
from panim_core.protocols import FrameGenerator

__all__ = ["PerformanceSettings", "produce"]


class PerformanceSettings:
    """How the work is spread. Give what `produce` returned to the next `produce` of the same kind.

    All attributes are plain values, so that it can be pickled or dumped as JSON by its ``__dict__``.

    Attributes:
        num_workers: processes that draw; None lets panim decide and learn.
        others: whatever else of pympanim's settings was given. panim needs none of them; they are kept.
    """

    def __init__(self, frames_per_sync: int = 10, num_workers: int | None = None, **others: Any) -> None:
        self.frames_per_sync = frames_per_sync
        self.num_workers = num_workers
        self.__dict__.update(others)

    def __repr__(self) -> str:
        return f"PerformanceSettings({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


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
    workers = asked.num_workers if asked.num_workers else None
    report = panim_core.produce(
        frame_gen, outfile, fps, bitrate=bitrate, workers=workers, on_event=_teller(log, time_per_print)
    )
    log.info("%s", report)
    used = PerformanceSettings(**vars(asked))
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
