"""An executor without worker processes, for animations that exist in the process that asks for them only."""

from __future__ import annotations

import contextlib
import hashlib
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from panim_core.errors import PanimError
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
    from panim_core import events, frames, plugins

    plan, drawn, finished = task.plan, list[float](), False
    began = last_told = time.monotonic()
    form = frames.FrameFormat(plan.format.width, plan.format.height)
    try:
        try:
            source.start()
        except PanimError:
            raise
        except (Exception, SystemExit) as error:
            raise _failure(error, task.frames.start, 0.0) from error
        with plugins.find_encoder(plan.encoder).open(task.path, form, plan.fps, plan.encoder_settings) as session:
            for pixels, seconds in _drawn(task, source):
                drawn.append(seconds)
                session.write(pixels)
                if (now := time.monotonic()) - last_told > 0.25:
                    last_told = now
                    emit(_progress(len(drawn), len(task.frames), now - began))
                for note in source.notes() if hasattr(source, "notes") else ():
                    emit(events.Note(note))
            facts = session.finish()
        finished = True
    finally:
        try:
            source.finish()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's; told, and the frames are drawn
            if finished:
                emit(events.Note(f"the source's finish() failed: {type(error).__name__}: {error}"))
    measures = {
        "draw_seconds": sum(drawn),
        "render_ms_mean": 1000 * sum(drawn) / len(drawn),
        "workers": 1,
        "target_workers": 1,
        "bottleneck": "drawing",
    }
    digest, nbytes = hashlib.sha256(), 0
    if task.path.is_file():
        with open(task.path, "rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                nbytes += len(piece)
    return SegmentResult(task.number, task.path, len(drawn), nbytes, digest.hexdigest(), facts, measures)


def _drawn(task: SegmentTask, source: Any) -> Iterator[tuple[memoryview, float]]:
    """The pixels of each frame, until the next one, and the seconds that it took."""
    import numpy as np

    from panim_core import drawing, frames

    plan, reached = task.plan, 0
    out = np.empty((plan.format.height, plan.format.width, 4), np.uint8)
    for wanted in task.frames:
        began = time.monotonic()
        for index in range(reached if source.sequential else wanted, wanted + 1):
            time_ms = frames.frame_time_ms(index, plan.fps)
            try:
                if index < wanted:
                    source.advance(time_ms)
                else:
                    drawing.place(source.frame_at(time_ms), out)
            except (Exception, SystemExit) as error:
                raise _failure(error, index, time_ms) from error
        reached = wanted + 1
        yield out.data.cast("B"), time.monotonic() - began


def _failure(error: BaseException, index: int, time_ms: float) -> PanimError:
    """What the user's code raised, as the frame's error; call it where that is handled."""
    from panim_core.errors import FrameError

    reason = f"{type(error).__name__}: {error}"
    if isinstance(error, SystemExit):
        reason = f"it called sys.exit({error.code!r}); a frame must be returned"
    way_out = {name: value for name, value in (getattr(error, "retry_with", None) or {}).items() if name != "alone"}
    if way_out:  # what was played is used up
        reason += f"; ask for {', '.join(f'{name}={value!r}' for name, value in way_out.items())}"
    return FrameError(index, time_ms, reason, traceback.format_exc())


def _progress(done: int, count: int, seconds: float) -> Any:
    from panim_core.events import Progress

    rate = done / seconds
    return Progress(done, count, seconds, rate, (count - done) / rate, 1, "drawing")
