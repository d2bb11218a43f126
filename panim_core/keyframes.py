"""Values that change over time: ``keyframes({0: 0.0, 1500: (1.0, "ease_out_back")})``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from panim_core import plugins
from panim_core.easing import check_params, evaluate, linear
from panim_core.errors import SettingsError
from panim_core.protocols import Easing
from panim_core.units import as_number, to_ms

Point = tuple[float, ...]
Color = tuple[int, int, int, int]
"""Red, green, blue, alpha; 0..255, straight."""

_WAY_OUT = (
    'write a number, a point such as (x, y), or a colour such as "#1f77b4"; with an easing for the way to it: '
    '(value, "ease_out_back") or (value, "spring", {"damping": 5})'
)


class Keyframes:
    """The value at a time: call it with milliseconds.

    Before the first key it is the first value, after the last the last. Easings may overshoot numbers and points;
    colours stay colours.

    Attributes:
        times: of the keys, in milliseconds, in order.
        values: at those times.
    """

    __slots__ = ("_easings", "_mix", "times", "values")

    def __init__(
        self,
        times: Sequence[float],
        values: Sequence[Any],
        easings: Sequence[tuple[Easing, Mapping[str, Any]]],
        mix: Callable[[Any, Any, float], Any],
    ) -> None:
        self.times, self.values = tuple(times), tuple(values)
        self._easings, self._mix = tuple(easings), mix

    @property
    def duration(self) -> float:
        """When the last key is, in milliseconds."""
        return self.times[-1]

    def __call__(self, time_ms: float) -> Any:
        """The value at `time_ms`: a float, a tuple of floats, or a colour as (red, green, blue, alpha) in 0..255.

        Raises:
            EasingError: an easing gives no finite number.
        """
        after = bisect_right(self.times, time_ms)
        if after == 0 or after == len(self.times):
            return self.values[after and after - 1]
        start, end = self.times[after - 1], self.times[after]
        easing, params = self._easings[after]
        eased = evaluate(easing, (time_ms - start) / (end - start), params, time_ms)
        return self._mix(self.values[after - 1], self.values[after], eased)


def keyframes(keys: Mapping[float, Any], unit: str = "ms") -> Keyframes:
    """A value for every time, from values at some.

    Args:
        keys: time -> a number, a point (a tuple of any length), or a colour (``"#rgb"``, ``"#rgba"``, ``"#rrggbb"``,
            ``"#rrggbbaa"``; where one is written so, the others may also be tuples of 3 or 4 numbers in 0..255). All
            are of one kind. ``(value, easing)`` or ``(value, easing, params)`` eases the way from the key before;
            an easing is a callable or a registered name.
        unit: of the times: ms, s, min, hr.

    Raises:
        SettingsError: there is no key, or a time or value is none of these.
        PluginNotFoundError: an easing's name is unknown.
    """
    if not isinstance(keys, Mapping) or not keys:
        raise SettingsError(f"keyframes {keys!r:.80}: need at least one, as {{0: 0.0, 1500: (1.0, 'ease_out_back')}}")
    timed = sorted(((to_ms(time, unit), key) for time, key in keys.items()), key=lambda pair: pair[0])
    times = [time for time, _ in timed]
    raw, easings = zip(*(_split(key) for _, key in timed), strict=True)
    if any(isinstance(value, str) for value in raw):
        return Keyframes(times, [_color(value) for value in raw], easings, _mix_colors)
    if not any(isinstance(value, (tuple, list)) for value in raw):
        return Keyframes(times, [_number(value) for value in raw], easings, _mix_numbers)
    points = [_point(value) for value in raw]
    if len({len(point) for point in points}) != 1:
        raise SettingsError(f"keyframes {points}: all points need the same number of coordinates")
    return Keyframes(times, points, easings, _mix_points)


def _split(key: Any) -> tuple[Any, tuple[Easing, Mapping[str, Any]]]:
    if isinstance(key, (tuple, list)) and len(key) in (2, 3) and (isinstance(key[1], str) or callable(key[1])):
        params = key[2] if len(key) == 3 else {}
        if not isinstance(params, Mapping):
            raise SettingsError(f"keyframe {key!r:.80}: an easing's parameters must be a dict; {_WAY_OUT}")
        easing = plugins.easing(key[1])
        check_params(easing, params)
        return key[0], (easing, params)
    return key, (linear, {})


def _number(value: Any) -> float:
    try:
        return as_number(value, "keyframe")
    except SettingsError as error:
        raise SettingsError(f"{error}; {_WAY_OUT}") from None


def _point(value: Any) -> Point:
    if not isinstance(value, (tuple, list)) or not value:
        raise SettingsError(f"keyframe {value!r:.80} is no point, as others here are; {_WAY_OUT}")
    return tuple(_number(coordinate) for coordinate in value)


def _color(value: Any) -> Color:
    if isinstance(value, str):
        digits = value.removeprefix("#")
        if len(digits) in (3, 4):
            digits = "".join(digit * 2 for digit in digits)
        try:
            if value[:1] != "#" or len(digits) not in (6, 8):
                raise ValueError
            channels: list[float] = list(bytes.fromhex(digits))
        except ValueError:
            raise SettingsError(f"keyframe {value!r:.80} is no colour in hex; {_WAY_OUT}") from None
    else:
        channels = list(_point(value))
    if len(channels) not in (3, 4) or not all(0 <= channel <= 255 for channel in channels):
        raise SettingsError(f"keyframe {value!r:.80}: a colour has 3 or 4 numbers in 0..255; {_WAY_OUT}")
    red, green, blue, alpha = (*map(round, channels), 255)[:4]
    return red, green, blue, alpha


def _mix_numbers(a: float, b: float, part: float) -> float:
    return a * (1 - part) + b * part


def _mix_points(a: Point, b: Point, part: float) -> Point:
    return tuple(x * (1 - part) + y * part for x, y in zip(a, b, strict=True))


def _mix_colors(a: Color, b: Color, part: float) -> Color:
    """Mixed with premultiplied alpha, as CSS does, so that what fades in does not come out of the other's colour."""
    alpha = min(max(_mix_numbers(a[3], b[3], part), 0.0), 255.0)
    if alpha == 0:
        return (*(a if part < 0.5 else b)[:3], 0)
    red, green, blue = (
        round(min(max(_mix_numbers(x * a[3], y * b[3], part) / alpha, 0.0), 255.0))
        for x, y in zip(a[:3], b[:3], strict=True)
    )
    return red, green, blue, round(alpha)
