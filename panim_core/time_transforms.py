"""What can be done to a clip's time, under the names by which it is registered: ``FluentFG(clip).apply("loop", 3)``.

Times are in milliseconds unless a `unit` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from panim_core import frame_gen
from panim_core.errors import SettingsError
from panim_core.frame_gen import FluentFG, FrameGenerator, TimeFrameGenerator
from panim_core.protocols import Easing, FrameTransform
from panim_core.time_maps import FreezeFrame, Loop, PingPong, check_duration
from panim_core.units import positive, to_ms

Clip = FrameGenerator | FluentFG


def speed(source: Clip, rate: float) -> FrameGenerator:
    """Play `source` at `rate` times its speed."""
    return frame_gen.TimeRescaleFrameGenerator(source, rate)


def exact_duration(source: Clip, duration: float, unit: str = "ms") -> FrameGenerator:
    """Play the whole of `source` in exactly `duration`."""
    return frame_gen.TimeRescaleExactDurationFrameGenerator(source, to_ms(duration, unit))


def reverse(source: Clip) -> FrameGenerator:
    """Play `source` backwards."""
    return frame_gen.TimeReverseFrameGenerator(source)


def trim(source: Clip, start: float = 0.0, end: float | None = None, unit: str = "ms") -> FrameGenerator:
    """Keep `source` from `start` to `end`, by default its end."""
    source = frame_gen.as_generator(source)
    stop = check_duration(source) if end is None else to_ms(end, unit)
    return frame_gen.CroppedFrameGenerator(source, to_ms(start, unit), stop)


def dilate(source: Clip, easing: str | Easing, **params: Any) -> FrameGenerator:
    """Ease the progress of `source`; `params` are the easing's."""
    return frame_gen.TimeDilateFrameGenerator(source, easing, params)


def freeze_frame(source: Clip, at: float, duration: float, unit: str = "ms") -> FrameGenerator:
    """Stop `source` at the time `at` for `duration`, then go on."""
    return TimeFrameGenerator(source, FreezeFrame, to_ms(at, unit), to_ms(duration, unit))


def hold(source: Clip, duration: float, unit: str = "ms") -> FrameGenerator:
    """Hold the last frame of `source` for `duration` more."""
    return TimeFrameGenerator(source, _hold, to_ms(duration, unit))


def delay(source: Clip, duration: float, unit: str = "ms") -> FrameGenerator:
    """Show the first frame of `source` for `duration` before it plays."""
    return TimeFrameGenerator(source, FreezeFrame, 0.0, to_ms(duration, unit))


def loop(source: Clip, count: int | None = None, duration: float | None = None, unit: str = "ms") -> FrameGenerator:
    """Play `source` `count` times, or again and again for `duration`.

    Raises:
        SettingsError: not exactly one of both is given, or it is not above 0.
    """
    if (count is None) == (duration is None):
        raise SettingsError("loop needs either a count or a duration")
    lasting = to_ms(duration or 0.0, unit)
    if count is None:
        return TimeFrameGenerator(source, Loop, positive(lasting, "duration of the loop"))
    if isinstance(count, bool) or int(positive(count, "loop count")) != count:
        raise SettingsError(f"loop count = {count!r}: need a whole number from 1, or write duration=")
    return TimeFrameGenerator(source, _loop_count, int(count))


def ping_pong(source: Clip) -> FrameGenerator:
    """Play `source` forwards, then backwards."""
    return TimeFrameGenerator(source, PingPong)


def sequence(source: Clip, *others: Clip) -> FrameGenerator:
    """Play `source`, then each of `others`."""
    return frame_gen.SequenceFrameGenerator([source, *others])


def _hold(child_duration: float, duration: float) -> FreezeFrame:
    return FreezeFrame(child_duration, child_duration, duration)


def _loop_count(child_duration: float, count: int) -> Loop:
    return Loop(child_duration, count * child_duration)


TRANSFORMS: Mapping[str, FrameTransform] = MappingProxyType(
    {
        transform.__name__: transform
        for transform in (
            delay,
            dilate,
            exact_duration,
            freeze_frame,
            hold,
            loop,
            ping_pong,
            reverse,
            sequence,
            speed,
            trim,
        )
    }
)
"""The core's transforms by the names under which they are registered."""
