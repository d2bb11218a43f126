"""What a frame is and when it is shown: pixel formats, frame ranges and the exact frame clock."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from panim_core.errors import SettingsError

MAX_FPS = 1000
MAX_FRAMES = 100_000_000
MAX_SIDE = 32_768

# A clip's duration is a float, often a sum of floats. An end within a millionth of a frame of a frame
# boundary is that boundary.
_NOISE_FRAMES = Fraction(1, 1_000_000)


class PixelFormat(str, Enum):
    """How a frame lies in memory, by ffmpeg's names. Rows from the top, no padding."""

    RGBA = "rgba"
    RGB24 = "rgb24"
    GRAY = "gray"
    YUV420P = "yuv420p"
    YUV444P = "yuv444p"

    def nbytes(self, width: int, height: int) -> int:
        """Bytes of one frame of `width` x `height` pixels."""
        if self is PixelFormat.YUV420P:
            return width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
        per_pixel = {PixelFormat.RGBA: 4, PixelFormat.RGB24: 3, PixelFormat.GRAY: 1, PixelFormat.YUV444P: 3}
        return width * height * per_pixel[self]


@dataclass(frozen=True)
class FrameFormat:
    """Size and pixel format of the frames that travel to an encoder."""

    width: int
    height: int
    pixel_format: PixelFormat = PixelFormat.RGBA

    def __post_init__(self) -> None:
        width, height = check_size((self.width, self.height))
        object.__setattr__(self, "width", width)  # numpy's whole numbers, or 640.0, become ints
        object.__setattr__(self, "height", height)

    @property
    def nbytes(self) -> int:
        """Bytes of one frame."""
        return self.pixel_format.nbytes(self.width, self.height)


@dataclass(frozen=True)
class FrameRange:
    """The frames ``start, start + step, ...`` below `stop`, like `range`."""

    start: int
    stop: int
    step: int = 1

    def __post_init__(self) -> None:
        if self.start < 0 or self.step < 1 or self.stop < self.start:
            raise SettingsError(f"frames {self.start}:{self.stop}:{self.step}: need 0 <= start <= stop and step >= 1")

    def __len__(self) -> int:
        return len(range(self.start, self.stop, self.step))

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.stop, self.step))

    def __getitem__(self, position: int) -> int:
        return range(self.start, self.stop, self.step)[position]

    @classmethod
    def parse(cls, text: str, frame_count: int) -> FrameRange:
        """Read ``A:B`` or ``A:B:STEP`` as a slice of `frame_count` frames; ``A`` alone is one frame.

        Raises:
            SettingsError: the text is no range, or it selects no frame.
        """
        parts = text.split(":")
        way_out = f"write --frames A:B or A:B:STEP with whole numbers; the clip has frames 0 to {frame_count - 1}"
        try:
            numbers = [int(part) if part.strip() else None for part in parts]
        except ValueError:
            raise SettingsError(f"frames {text!r} is no frame range; {way_out}") from None
        if len(numbers) == 1 and numbers[0] is not None:
            first = numbers[0] if numbers[0] >= 0 else numbers[0] + frame_count
            numbers = [first, first + 1]
        if not 2 <= len(numbers) <= 3 or (len(numbers) == 3 and numbers[2] is not None and numbers[2] < 1):
            raise SettingsError(f"frames {text!r} is no frame range; {way_out}")
        chosen = range(frame_count)[slice(*numbers)]
        if len(chosen) == 0:
            raise SettingsError(f"frames {text!r} selects no frame; {way_out}")
        return cls(chosen.start, chosen.stop, chosen.step)


def check_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return `size` as two ints, or raise `SettingsError` if no frame can have it."""
    try:
        width, height = size
        if int(width) != width or int(height) != height:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise SettingsError(f"frame size {size!r}: need two whole numbers (width, height) in pixels") from None
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise SettingsError(f"frame size {width}x{height}: each side must be from 1 to {MAX_SIDE} pixels")
    return int(width), int(height)


def plain_number(value: Any) -> Any:
    """A number of numpy's as one of Python's; anything else as it is."""
    return value.item() if isinstance(value, numbers.Number) and hasattr(value, "item") else value


def exact_fps(fps: object) -> Fraction:
    """The frame rate as an exact fraction.

    Takes an int, a float (the nearest simple fraction: 29.97 is 2997/100, 24000/1001 as a float is
    24000/1001), a Fraction or Decimal, or text such as ``"30"``, ``"29.97"``, ``"24000/1001"``.

    Raises:
        SettingsError: not a number, or not in (0, `MAX_FPS`].
    """
    fps = plain_number(fps)
    try:
        if isinstance(fps, bool):
            raise TypeError
        if not isinstance(fps, (int, float, str, Fraction, Decimal)):
            raise TypeError
        # As fractions, 1e999999999 and 1e-999999999 have that many digits.
        if isinstance(fps, (str, Decimal)) and "/" not in str(fps) and not 1e-9 < abs(float(fps)) < 1e9:
            value = Fraction(float(fps))
        else:
            value = Fraction(fps)
        value = value.limit_denominator(1_001_000)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise SettingsError(f"fps {fps!r} is no frame rate; write a number such as 60, 29.97 or 24000/1001") from None
    if not 0 < value <= MAX_FPS:
        raise SettingsError(f"fps {fps} is out of range; it must be above 0 and at most {MAX_FPS}")
    return value


def frame_count(duration_ms: float, fps: Fraction) -> int:
    """How many frames a clip has: ``ceil(duration_ms * fps / 1000)``, with float noise ignored.

    Raises:
        SettingsError: the duration is not positive and finite, or gives more than `MAX_FRAMES` frames.
    """
    try:
        finite = math.isfinite(duration_ms)
    except (TypeError, ValueError, OverflowError):
        finite = False
    if not finite or duration_ms <= 0:
        raise SettingsError(f"duration {duration_ms!r}: a clip must last longer than 0 ms, and end")
    exact = Fraction(float(duration_ms)) * fps / 1000
    nearest = round(exact)
    count = nearest if abs(exact - nearest) <= _NOISE_FRAMES else math.ceil(exact)
    if count > MAX_FRAMES:
        raise SettingsError(
            f"{duration_ms:g} ms at {float(fps):g} fps are {count:.3g} frames; panim renders at most {MAX_FRAMES}"
        )
    return max(1, count)


def frame_time_ms(index: int, fps: Fraction) -> float:
    """When frame `index` is shown, in milliseconds: ``index * 1000 / fps``, rounded once."""
    return float(Fraction(index * 1000) / fps)


def parse_time_ms(text: str, fps: Fraction) -> float:
    """Read a time written ``1.5s``, ``1500ms`` or ``90f`` (a frame index) as milliseconds.

    Raises:
        SettingsError: written in another way, negative or not finite.
    """
    stripped = text.strip()
    for suffix, factor in (("ms", 1.0), ("s", 1000.0), ("f", None)):
        number = stripped.removesuffix(suffix)
        if number == stripped:
            continue
        try:
            value = frame_time_ms(int(number), fps) if factor is None else float(number) * factor
        except (ValueError, OverflowError):
            break
        if math.isfinite(value) and value >= 0:
            return value
        break
    raise SettingsError(f"time {text!r}: write it as 1.5s, 1500ms or 90f (frames)")
