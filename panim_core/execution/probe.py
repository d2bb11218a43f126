"""Draws single frames again, to see whether they still look as they did."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from panim_core.execution.loop import Pipeline
from panim_core.frames import FrameFormat, FrameRange
from panim_core.job import RenderPlan
from panim_core.protocols import EncodeFacts, EncoderSettings, SegmentTask


class _Nothing:
    """An encoder, and its session, that only counts; the pipeline itself makes the digests of first frames."""

    name = "nothing"
    extensions = ()
    pixel_formats = ()

    def __init__(self) -> None:
        self._count = 0

    def check_available(self) -> None:
        """It always is."""

    def open(self, path: Path, format: FrameFormat, fps: Fraction, settings: EncoderSettings) -> _Nothing:
        """A session of its own."""
        path.touch()
        return _Nothing()

    def concat(self, segments: Sequence[Path], path: Path, audio: Path | None = None) -> None:
        """Nothing to do."""

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.abort()

    def write(self, buffer: memoryview) -> None:
        """Count it."""
        self._count += 1

    def finish(self) -> EncodeFacts:
        """The count."""
        return EncodeFacts(self._count)

    def abort(self) -> None:
        """Nothing to do."""


def first_frames(source: bytes, plan: RenderPlan, indices: Sequence[int], folder: Path) -> list[str]:
    """The SHA-256 of the pixels of some frames, in ascending order, drawn by one worker.

    Args:
        source: as in `SegmentTask`.
        folder: for what is written on the way; exists.

    Raises:
        RenderError: drawing failed.
    """
    alone = dataclasses.replace(plan, workers=1, tune=False)
    tasks = [
        SegmentTask(number, source, FrameRange(index, index + 1), folder / f"probe-{index}" / "frame", alone)
        for number, index in enumerate(indices)
    ]
    results = sorted(Pipeline(tasks, lambda event: None, _Nothing()).run(), key=lambda result: result.number)
    return [result.first_frame_sha256 for result in results]
