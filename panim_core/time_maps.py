"""Maps of time: which moment of a child to show at a moment of the clip that wraps it.

One set serves frame generators and scenes. A map is made for a child's duration and is called for every frame:
it returns a time in [0, child_duration), whatever float noise says.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from panim_core import plugins
from panim_core.easing import check_params, evaluate
from panim_core.errors import SettingsError
from panim_core.protocols import Easing
from panim_core.units import as_number, positive

_NOISE = 1e-12
"""Relative error that sums and products of a few thousand floats stay below."""


def last_instant(duration: float) -> float:
    """The largest time below `duration`: a clip's last, since times lie in [0, duration)."""
    return math.nextafter(duration, 0.0)


def up_to(limit: float, value: float) -> float:
    """`value`, but `limit` where it lies above that only by what sums of floats are off by."""
    return limit if limit < value <= limit * (1 + _NOISE) else value


def check_duration(clip: Any) -> float:
    """The duration of a generator or scene in milliseconds; raises `SettingsError` if no clip can have it."""
    return positive(clip.duration, f"duration of {type(clip).__name__} in milliseconds")


class TimeMap:
    """From a time of the wrapper to a time of its child.

    Attributes:
        child_duration: milliseconds.
        duration: of the wrapper, in milliseconds.
    """

    __slots__ = ("child_duration", "duration", "last")

    def __init__(self, child_duration: float, duration: float | None = None) -> None:
        self.child_duration = child_duration
        self.duration = child_duration if duration is None else positive(duration, "duration in milliseconds")
        self.last = last_instant(child_duration)

    def __call__(self, time_ms: float) -> float:
        """The child's time, in [0, child_duration)."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__")

    def goes_back(self) -> bool:
        """Whether the child's time ever runs backwards, which a sequential child cannot do."""
        return False

    def within(self, time_ms: float) -> float:
        """The nearest time to `time_ms` that the child has."""
        return 0.0 if time_ms < 0 else min(time_ms, self.last)


class Speed(TimeMap):
    """`rate` milliseconds of the child in each millisecond."""

    __slots__ = ("rate",)

    def __init__(self, child_duration: float, rate: float) -> None:
        self.rate = positive(rate, "playback rate")
        super().__init__(child_duration, child_duration / self.rate)

    def __call__(self, time_ms: float) -> float:
        return self.within(time_ms * self.rate)


class ExactDuration(TimeMap):
    """The whole child in exactly `duration` milliseconds; the rounding is the playback rate's."""

    __slots__ = ("rate",)

    def __init__(self, child_duration: float, duration: float) -> None:
        super().__init__(child_duration, positive(duration, "new duration in milliseconds"))
        self.rate = child_duration / self.duration

    def __call__(self, time_ms: float) -> float:
        return self.within(time_ms * self.rate)


class Reverse(TimeMap):
    """``duration - time``. It starts with the child's last instant, and an instant before its end shows the first."""

    __slots__ = ()

    def __call__(self, time_ms: float) -> float:
        return self.within(self.duration - time_ms)

    def goes_back(self) -> bool:
        return True


class Crop(TimeMap):
    """The child from `start` to `end`, in milliseconds. `end` may be the child's end."""

    __slots__ = ("start",)

    def __init__(self, child_duration: float, start: float, end: float) -> None:
        start, end = as_number(start, "crop start"), as_number(end, "crop end")
        end = up_to(child_duration, end)
        if not 0 <= start < end <= child_duration:
            raise SettingsError(
                f"crop from {start:g} to {end:g} ms: need 0 <= start < end <= {child_duration:g}, the clip's duration"
            )
        super().__init__(child_duration, end - start)
        self.start = start
        self.last = last_instant(end)

    def __call__(self, time_ms: float) -> float:
        return self.within(time_ms + self.start)


class Dilate(TimeMap):
    """Progress eased by `easing`, a callable or a registered name. Overshoot holds the first or last instant."""

    __slots__ = ("easing", "params")

    def __init__(self, child_duration: float, easing: str | Easing, params: Mapping[str, Any]) -> None:
        super().__init__(child_duration)
        self.easing = plugins.easing(easing)
        self.params = dict(params)
        check_params(self.easing, self.params)

    def __call__(self, time_ms: float) -> float:
        n = time_ms / self.duration
        return self.within(self.duration * evaluate(self.easing, n, self.params, time_ms))

    def goes_back(self) -> bool:
        """As far as 256 samples tell."""
        times = [self(self.duration * i / 256) for i in range(256)]
        return any(later < earlier for earlier, later in pairwise(times))


class FreezeFrame(TimeMap):
    """The child to `at`, then that instant for `hold` milliseconds, then the rest.

    `at` may be the child's end, where its last instant is held.
    """

    __slots__ = ("at", "hold")

    def __init__(self, child_duration: float, at: float, hold: float) -> None:
        self.at = up_to(child_duration, as_number(at, "time of the frame to freeze"))
        self.hold = positive(hold, "time to hold")
        if not 0 <= self.at <= child_duration:
            raise SettingsError(f"frame to freeze at {self.at:g} ms: need 0 to {child_duration:g}, the clip's duration")
        super().__init__(child_duration, child_duration + self.hold)

    def __call__(self, time_ms: float) -> float:
        return self.within(time_ms if time_ms < self.at else max(self.at, time_ms - self.hold))


class Loop(TimeMap):
    """The child again and again, for `duration` milliseconds."""

    __slots__ = ("_noise",)

    def __init__(self, child_duration: float, duration: float) -> None:
        super().__init__(child_duration, duration)
        self._noise = self.duration / child_duration * _NOISE

    def __call__(self, time_ms: float) -> float:
        return self.within(time_ms - math.floor(time_ms / self.child_duration + self._noise) * self.child_duration)

    def goes_back(self) -> bool:
        return self.duration > self.child_duration * (1 + _NOISE)


class PingPong(TimeMap):
    """The child forwards, then backwards, in twice its time."""

    __slots__ = ()

    def __init__(self, child_duration: float) -> None:
        super().__init__(child_duration, 2 * child_duration)

    def __call__(self, time_ms: float) -> float:
        return self.within(min(time_ms, self.duration - time_ms))

    def goes_back(self) -> bool:
        return True


class Timeline:
    """Clips one after another: which shows at a time, and at which time of its own.

    Where two clips meet, the later one shows; a time at or past the end is the last clip's last instant.

    Attributes:
        ends: when each clip ends, in milliseconds.
    """

    __slots__ = ("_lasts", "_seams", "_starts", "ends")

    def __init__(self, clips: Sequence[Any]) -> None:
        if not clips:
            raise SettingsError("a sequence needs at least one clip")
        durations = [check_duration(clip) for clip in clips]
        self.ends = tuple(float(end) for end in accumulate(map(Fraction, durations)))
        self._starts = (0.0, *self.ends[:-1])
        self._lasts = tuple(map(last_instant, durations))
        noise = self.ends[-1] * _NOISE
        self._seams = tuple(end - noise for end in self.ends[:-1])

    @property
    def duration(self) -> float:
        """Of all clips together, in milliseconds."""
        return self.ends[-1]

    def at(self, time_ms: float) -> tuple[int, float]:
        """(index of the clip that shows, time within it)."""
        index = bisect_right(self._seams, time_ms)
        time = time_ms - self._starts[index]
        return index, 0.0 if time < 0 else min(time, self._lasts[index])
