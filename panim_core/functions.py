"""A function of the time as a source."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from panim_core.errors import SettingsError
from panim_core.frames import check_size, exact_fps
from panim_core.protocols import FrameGenerator
from panim_core.units import positive

if TYPE_CHECKING:
    from fractions import Fraction


class FunctionFrameGenerator(FrameGenerator):
    """Draws with a function of the time in milliseconds; calling it calls that function.

    Args:
        function: takes `time_ms`, returns any frame.
        duration: milliseconds.
        frame_size: (width, height) in pixels.
        fps: the frame rate used where none is asked for.
    """

    def __init__(
        self,
        function: Callable[[float], Any],
        duration: float,
        frame_size: tuple[int, int],
        fps: float | Fraction | None = None,
    ) -> None:
        if not callable(function):
            raise SettingsError(f"{function!r:.80} is no function of time_ms; write @animation(duration=..., ...)")
        functools.update_wrapper(self, function)
        self.function = function
        self._duration = positive(duration, "duration in milliseconds")
        self._frame_size = check_size(frame_size)
        self.fps = None if fps is None else exact_fps(fps)

    @property
    def duration(self) -> float:
        return self._duration

    @property
    def frame_size(self) -> tuple[int, int]:
        return self._frame_size

    def generate_at(self, time_ms: float) -> Any:
        return self.function(time_ms)

    def __call__(self, time_ms: float) -> Any:
        return self.function(time_ms)


def animation(
    *, duration: float, frame_size: tuple[int, int], fps: float | Fraction | None = None
) -> Callable[[Callable[[float], Any]], FunctionFrameGenerator]:
    """Make a function of `time_ms` a `FrameGenerator`; it stays callable.

    Args:
        duration: milliseconds.
        frame_size: (width, height) in pixels.
        fps: the frame rate used where none is asked for.
    """
    return functools.partial(FunctionFrameGenerator, duration=duration, frame_size=frame_size, fps=fps)
