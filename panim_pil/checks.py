"""What parameters may be: each function returns the value in one exact type, or raises `SettingsError`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from PIL import Image, ImageColor

from panim_core import plugins
from panim_core.errors import SettingsError
from panim_core.protocols import Easing
from panim_core.units import as_number

Color = tuple[int, int, int, int]
"""Red, green, blue, alpha, 0..255, straight."""


def number(value: object, what: str, low: float, high: float) -> float:
    """`value` as a float in [low, high]."""
    checked = as_number(value, what)
    if not low <= checked <= high:
        raise SettingsError(f"{what} = {value!r}: need a number from {low:g} to {high:g}")
    return checked


def whole(value: object, what: str, low: int, high: int) -> int:
    """`value` as an int in [low, high]."""
    checked = as_number(value, what)
    if checked != int(checked) or not low <= checked <= high:
        raise SettingsError(f"{what} = {value!r}: need a whole number from {low} to {high}")
    return int(checked)


def flag(value: object, what: str) -> bool:
    """`value` as True or False."""
    if isinstance(value, (str, bytes)) or value not in (True, False):
        raise SettingsError(f"{what} = {value!r}: need True or False")
    return bool(value)


def choice(value: object, what: str, known: Iterable[str]) -> str:
    """`value` if it is one of `known`."""
    names = list(known)
    if not isinstance(value, str) or value not in names:
        raise SettingsError(f"{what} = {value!r}: need one of {', '.join(names)}")
    return value


def color(value: object, what: str = "color") -> Color:
    """`value` as RGBA.

    Args:
        value: what Pillow knows ("white", "#1f77b4", "#1f77b480"), or 3 or 4 whole numbers from 0 to 255.
        what: the parameter's name, for the error.
    """
    if isinstance(value, str):
        try:
            channels: tuple[int, ...] = ImageColor.getrgb(value)
        except ValueError:
            raise SettingsError(
                f"{what} = {value!r} is no colour; write e.g. 'white', '#1f77b4' or (31, 119, 180)"
            ) from None
    else:
        try:
            channels = tuple(whole(channel, what, 0, 255) for channel in value)  # type: ignore[attr-defined]
        except TypeError:
            channels = ()
    if len(channels) not in (3, 4) or not all(0 <= channel <= 255 for channel in channels):
        raise SettingsError(f"{what} = {value!r}: need a colour's name, or 3 or 4 whole numbers from 0 to 255")
    red, green, blue, alpha = (*channels, 255)[:4]
    return red, green, blue, alpha


def numbers(value: object, what: str, count: int) -> tuple[float, ...]:
    """`value` as `count` finite floats."""
    try:
        found = tuple(as_number(item, what) for item in value)  # type: ignore[attr-defined]
    except TypeError:
        found = ()
    if len(found) != count or isinstance(value, str):
        raise SettingsError(f"{what} = {value!r}: need {count} numbers")
    return found


def box(value: object, what: str, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """`value` as (left, top, right, bottom) in pixels, not empty, within a frame of `size`."""
    left, top, right, bottom = numbers(value, what, 4)
    if not (0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]):
        raise SettingsError(
            f"{what} = {value!r}: need (left, top, right, bottom) in pixels with left < right and top < bottom, "
            f"within the frame of {size[0]}x{size[1]}"
        )
    return left, top, right, bottom


def easing(value: str | Easing) -> Easing:
    """The easing of that name, or the callable itself."""
    return plugins.easing(value)


def resampling(value: int) -> Image.Resampling:
    """`value` as a `PIL.Image.Resampling`."""
    try:
        return Image.Resampling(value)
    except ValueError:
        known = ", ".join(f"{r.name} = {r.value}" for r in Image.Resampling)
        raise SettingsError(f"resample = {value!r}: need one of PIL.Image.Resampling: {known}") from None


_PLACES = {
    "top_left": (0.0, 0.0),
    "top": (0.5, 0.0),
    "top_right": (1.0, 0.0),
    "left": (0.0, 0.5),
    "center": (0.5, 0.5),
    "right": (1.0, 0.5),
    "bottom_left": (0.0, 1.0),
    "bottom": (0.5, 1.0),
    "bottom_right": (1.0, 1.0),
}

Position = str | tuple[int, int]
"""(x, y) of a top left corner in pixels, or the name of a place: top_left, top, top_right, left, center, right,
bottom_left, bottom, bottom_right."""


def position(
    value: Position, what: str, outer: tuple[int, int], inner: tuple[int, int], margin: int = 0
) -> tuple[int, int]:
    """Where the top left corner of a box of size `inner` goes in one of size `outer`.

    Args:
        value: see `Position`.
        what: the parameter's name, for the error.
        outer: (width, height) in pixels.
        inner: (width, height) in pixels.
        margin: pixels that a named place keeps from the edges it touches.
    """
    if isinstance(value, str):
        across, down = _PLACES[choice(value, what, _PLACES)]
        free_x, free_y = outer[0] - inner[0] - 2 * margin, outer[1] - inner[1] - 2 * margin
        return margin + round(across * free_x), margin + round(down * free_y)
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        x, y = value
        if (int(x), int(y)) == (x, y):
            return int(x), int(y)
    raise SettingsError(f"{what} = {value!r}: need two whole numbers (x, y) in pixels, or one of {', '.join(_PLACES)}")
