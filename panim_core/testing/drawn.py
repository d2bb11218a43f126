"""What holds for every frame generator, whoever made it: drawn here, in any share, and in a process of its own."""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import subprocess
import sys
from collections.abc import Container, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from panim_core import drawing, frames, plugins
from panim_core.execution import source
from panim_core.protocols import FrameGenerator, Renderer

if TYPE_CHECKING:
    from panim_core.protocols import FrameArray

__panim_by_value__ = True  # so that workers need no pytest

Ask = Literal["frame_at", "generate_at", "generate_at_pil"]

_MOST_FRAMES = 12
_FRESH_SECONDS = 60.0
_FRESH = """
import pickle, sys
renderers, draw, generator, times = pickle.load(sys.stdin.buffer)
from panim_core import drawing
from panim_core.execution import source
drawing.use_renderers(lambda: renderers)
sys.stdout.buffer.write(pickle.dumps(draw(source.load(generator), times, range(len(times)))))
"""


def check_generator(generator: object) -> FrameGenerator:
    """`generator`, if it is one and tells a size and a duration that a clip can have."""
    assert isinstance(generator, FrameGenerator), f"a {type(generator).__name__} came out, which is no FrameGenerator"
    size = generator.frame_size
    assert frames.check_size(size) == tuple(size), f"frame_size is {size!r}; need (width, height)"
    assert frames.frame_count(generator.duration, Fraction(30)) >= 1
    return generator


def sample_times(generator: FrameGenerator) -> list[float]:
    """Up to a dozen times as a render asks for them, in milliseconds, and the last instant there is."""
    fps = Fraction(_MOST_FRAMES * 1000) / Fraction(float(generator.duration))
    times = [frames.frame_time_ms(i, fps) for i in range(_MOST_FRAMES)]
    return [*(t for t in times if t < generator.duration), math.nextafter(generator.duration, 0.0)]


def draw(
    generator: FrameGenerator, times: Sequence[float], share: Container[int], ask: Ask = "frame_at"
) -> dict[int, FrameArray]:
    """The frames with an index in `share`, as a worker that has this share draws them, by its method `ask`."""
    drawn: dict[int, FrameArray] = {}
    width, height = generator.frame_size
    generator.start()
    for index, time_ms in enumerate(times):
        if index in share:
            drawn[index] = drawing.to_array(getattr(generator, ask)(time_ms), (width, height))
        elif generator.sequential:
            generator.advance(time_ms)
    generator.finish()
    return drawn


def travelled(generator: FrameGenerator) -> FrameGenerator:
    """`generator` as a worker gets it."""
    return source.load(source.dump(generator))


def check_shares(generator: FrameGenerator) -> None:
    """Whoever draws which frames, they look the same; and the same again."""
    import numpy as np

    times = sample_times(generator)
    everything = range(len(times))
    whole = draw(travelled(generator), times, everything)
    parts = {
        **draw(travelled(generator), times, everything[::2]),
        **draw(travelled(generator), times, everything[1::2]),
    }
    for index in everything:
        message = f"frame {index} (at {times[index]:g} ms) looks different if another process draws those around it"
        np.testing.assert_array_equal(parts[index], whole[index], message)
    if not generator.sequential:
        backwards = [*reversed(times)]
        for index, frame in draw(travelled(generator), backwards, everything).items():
            message = f"the frame at {backwards[index]:g} ms looks different if later ones are drawn first"
            np.testing.assert_array_equal(frame, whole[len(times) - 1 - index], message)


def check_fresh_process(generator: FrameGenerator, *more: Renderer) -> None:
    """A process that knows nothing of this one draws the same, with `more` renderers than are registered."""
    import cloudpickle
    import numpy as np

    times = sample_times(generator)
    here = draw(travelled(generator), times, range(len(times)))
    with source.scripts_by_value():
        payload = cloudpickle.dumps((_with(more), draw, source.dump(generator), times))
    there: dict[int, FrameArray] = pickle.loads(fresh_python(_FRESH, payload))
    for index, frame in here.items():
        message = f"the frame at {times[index]:g} ms looks different in a worker process"
        np.testing.assert_array_equal(there[index], frame, message)


def _with(more: Sequence[Renderer]) -> Sequence[Renderer]:
    return [*more, *(known for known in plugins.renderers() if known.name not in {r.name for r in more})]


def fresh_python(code: str, stdin: bytes = b"", *arguments: str) -> bytes:
    """What `code` prints in a new Python that finds the same packages; complains with its last words if it fails."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=stdin,
        capture_output=True,
        env=environment,
        timeout=_FRESH_SECONDS,
    )
    assert done.returncode == 0, f"it failed in a process of its own:\n{done.stderr.decode(errors='replace')}"
    return done.stdout


@contextlib.contextmanager
def also_drawing_with(renderer: Renderer) -> Iterator[None]:
    """While it lasts, frames are drawn by `renderer` too, registered or not."""
    drawing.use_renderers(lambda: _with([renderer]))
    try:
        yield
    finally:
        drawing.use_renderers(None)


def describe(value: Any) -> str:
    """`value` for a message, on one line."""
    return " ".join(repr(value).split())[:80]
