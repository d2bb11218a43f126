"""An executor without worker processes, for animations that exist in the process that asks for them only."""

from __future__ import annotations

import contextlib
import hashlib
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from panim_core.protocols import SegmentResult, SegmentTask


class HereExecutor:
    """Draws and encodes in this process, one frame after the other."""

    name = "here"
    distributed = False

    def check_available(self) -> None:
        """It always is."""

    def run(self, tasks: Sequence[SegmentTask], emit: Callable[[Any], None]) -> Iterator[SegmentResult]:
        """See `panim_core.protocols.Executor`."""
        import pickle

        from panim_mpl.surroundings import put_back

        for task in tasks:
            source = pickle.loads(task.source)
            with put_back() if getattr(source, "travels", True) else contextlib.nullcontext():
                result = _make(task, source, emit)
            yield result


def _make(task: SegmentTask, source: Any, emit: Callable[[Any], None]) -> SegmentResult:
    import numpy as np

    from panim_core import drawing, events, frames, plugins
    from panim_core.errors import FrameError

    plan = task.plan
    out = np.empty((plan.format.height, plan.format.width, 4), np.uint8)
    form = frames.FrameFormat(plan.format.width, plan.format.height)
    drawn: list[float] = []
    began = last_told = time.monotonic()
    index, time_ms, reached = task.frames.start, 0.0, 0
    try:
        source.start()
        with plugins.find_encoder(plan.encoder).open(task.path, form, plan.fps, plan.encoder_settings) as session:
            for wanted in task.frames:
                at = time.monotonic()
                try:
                    for index in range(reached if source.sequential else wanted, wanted + 1):
                        time_ms = frames.frame_time_ms(index, plan.fps)
                        if index < wanted:
                            source.advance(time_ms)
                    reached = wanted + 1
                    drawing.place(source.frame_at(time_ms), out)
                except Exception as error:
                    reason = f"{type(error).__name__}: {error}"
                    if (way_out := getattr(error, "retry_with", None)) is not None:  # what was played is used up
                        reason += f"; ask for {', '.join(f'{name}={value!r}' for name, value in way_out.items())}"
                    raise FrameError(index, time_ms, reason, traceback.format_exc()) from error
                drawn.append(time.monotonic() - at)
                session.write(out.data.cast("B"))
                if time.monotonic() - last_told > 0.25:
                    last_told = time.monotonic()
                    rate = len(drawn) / (last_told - began)
                    left = (len(task.frames) - len(drawn)) / rate
                    emit(events.Progress(len(drawn), len(task.frames), last_told - began, rate, left, 1, "drawing"))
                for note in source.notes() if hasattr(source, "notes") else ():
                    emit(events.Note(note))
            facts = session.finish()
    finally:
        source.finish()
    content = task.path.read_bytes() if task.path.is_file() else b""
    measures = {
        "draw_seconds": sum(drawn),
        "render_ms_mean": 1000 * sum(drawn) / len(drawn),
        "workers": 1,
        "target_workers": 1,
        "bottleneck": "drawing",
    }
    digest = hashlib.sha256(content).hexdigest()
    return SegmentResult(task.number, task.path, len(drawn), len(content), digest, facts, measures)
