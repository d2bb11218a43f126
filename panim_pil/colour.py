"""What colour the pixels have, and how opaque they are.

Values are those of the frame, 0..255, without linearising; alpha stays as it is unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PIL import Image, ImageEnhance, ImageOps

from panim_core.easing import evaluate, linear
from panim_core.errors import SettingsError
from panim_core.frame_gen import as_generator
from panim_core.protocols import Easing, FrameGenerator
from panim_core.time_maps import up_to
from panim_core.units import positive
from panim_pil import checks
from panim_pil.image_transform import Clip, ImageTransform, TimedImageTransform
from panim_pil.images import canvas, crossfaded, opaque_as_rgb, scale_alpha, through_tables

_SAME = tuple(range(256))


def _table(function: Callable[[float], float]) -> tuple[int, ...]:
    """`function` of 0..255 as a lookup table, rounded and clipped."""
    return tuple(min(255, max(0, round(function(value)))) for value in range(256))


def _by_table(
    source: Clip, red: Sequence[int], green: Sequence[int] | None = None, blue: Sequence[int] | None = None
) -> FrameGenerator:
    green, blue = green or red, blue or red
    return ImageTransform(source, partial(through_tables, tables=[*red, *green, *blue, *_SAME]), rgb=True)


def invert(source: Clip) -> FrameGenerator:
    """Turn every colour into its negative."""
    return _by_table(source, _table(lambda value: 255 - value))


def gamma(source: Clip, gamma: float) -> FrameGenerator:
    """Brighten (`gamma` above 1) or darken the middle tones: ``255 * (value / 255) ** (1 / gamma)``."""
    power = 1 / checks.number(gamma, "gamma", 0.01, 100)
    return _by_table(source, _table(lambda value: 255 * (value / 255) ** power))


def brightness(source: Clip, factor: float) -> FrameGenerator:
    """Multiply every colour by `factor`: 0 is black, 1 changes nothing."""
    factor = checks.number(factor, "brightness factor", 0, 255)
    return _by_table(source, _table(lambda value: value * factor))


def contrast(source: Clip, factor: float) -> FrameGenerator:
    """Move every colour away from middle gray (`factor` above 1) or towards it: ``127.5 + (value - 127.5) * factor``.

    The pivot is fixed: one that followed each frame's own mean would flicker.
    """
    factor = checks.number(factor, "contrast factor", 0, 255)
    return _by_table(source, _table(lambda value: 127.5 + (value - 127.5) * factor))


def posterise(source: Clip, bits: int = 3) -> FrameGenerator:
    """Keep the upper `bits`, 1 to 8, of every channel, as `PIL.ImageOps.posterize` does."""
    kept = checks.whole(bits, "bits", 1, 8)
    return _by_table(source, [value & (0xFF << (8 - kept)) & 0xFF for value in range(256)])


def solarise(source: Clip, threshold: int = 128) -> FrameGenerator:
    """Invert what is as bright as `threshold`, 0 to 256, or brighter, as `PIL.ImageOps.solarize` does."""
    level = checks.whole(threshold, "threshold", 0, 256)
    return _by_table(source, [value if value < level else 255 - value for value in range(256)])


def multiply(source: Clip, color: object) -> FrameGenerator:
    """Multiply every pixel by `color`, also the alpha by its alpha: light through a coloured glass."""
    channels = checks.color(color)
    tables = [_table(lambda value, c=channel: value * c / 255) for channel in channels]  # type: ignore[misc]
    function = partial(through_tables, tables=[value for table in tables for value in table])
    return ImageTransform(source, function, rgb=channels[3] == 255)


def grayscale(source: Clip) -> FrameGenerator:
    """Show luminance only (ITU-R 601-2, as Pillow's mode L has it)."""
    return ImageTransform(source, _grayscale, rgb=True)


def _grayscale(image: Image.Image) -> Image.Image:
    return image.convert("L" if image.mode == "RGB" else "LA").convert(image.mode)


def threshold(source: Clip, level: int = 128) -> FrameGenerator:
    """Show white where luminance is `level`, 0 to 256, or brighter, and black elsewhere."""
    bound = checks.whole(level, "level", 0, 256)
    lut = [255 if value >= bound else 0 for value in range(256)]
    return ImageTransform(source, partial(_threshold, lut=lut), rgb=True)


def _threshold(image: Image.Image, lut: list[int]) -> Image.Image:
    gray = image.convert("L" if image.mode == "RGB" else "LA")
    return through_tables(gray, [*lut, *_SAME]).convert(image.mode)


def saturation(source: Clip, factor: float) -> FrameGenerator:
    """Make colours more vivid (`factor` above 1) or paler; 0 is gray. See `PIL.ImageEnhance.Color`."""
    function = partial(_saturate, factor=checks.number(factor, "saturation factor", 0, 255))
    return ImageTransform(source, function, rgb=True)


def _saturate(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Color(image).enhance(factor)


def hue(source: Clip, degrees: float) -> FrameGenerator:
    """Turn every colour around the colour wheel: 120 makes red green. In steps of 360 / 256 degrees."""
    step = round(checks.number(degrees, "degrees", -1e6, 1e6) % 360 / 360 * 256) % 256
    return ImageTransform(source, partial(_turn_hue, step=step), rgb=True)


def _turn_hue(image: Image.Image, step: int) -> Image.Image:
    lut = [(value + step) % 256 for value in range(256)]
    return _with_alpha_of(image, image.convert("HSV").point([*lut, *_SAME, *_SAME]).convert("RGB"))


def _with_alpha_of(image: Image.Image, changed: Image.Image) -> Image.Image:
    """`changed`, which is RGB, in the mode and with the alpha of `image`, from which it was made."""
    if image.mode == "RGB":
        return changed
    changed.putalpha(image.getchannel("A"))
    return changed


def tint(source: Clip, color: object, amount: float = 1.0) -> FrameGenerator:
    """Show luminance as shades from black by `color` to white, e.g. "#b08050" for sepia.

    Args:
        source: whose frames to tint.
        color: of middle gray.
        amount: from 0 (nothing changes) to 1.
    """
    function = partial(_tint, color=checks.color(color)[:3], amount=checks.number(amount, "amount", 0, 1))
    return ImageTransform(source, function, rgb=True)


def _tint(image: Image.Image, color: tuple[int, int, int], amount: float) -> Image.Image:
    tinted = _with_alpha_of(image, ImageOps.colorize(image.convert("L"), "black", "white", color))
    return tinted if amount == 1 else Image.blend(image, tinted, amount)


def opacity(source: Clip, amount: float) -> FrameGenerator:
    """Multiply alpha by `amount`, from 0 (invisible) to 1."""
    return ImageTransform(source, partial(scale_alpha, factor=checks.number(amount, "opacity", 0, 1)), rgb=True)


def fade_in(
    source: Clip, duration: float, color: object | None = None, easing: str | Easing = linear
) -> FrameGenerator:
    """Let the picture appear.

    Args:
        source: what appears.
        duration: how long that takes, in milliseconds, at most the clip's duration.
        color: what it appears from, `"#00000000"` for nothing; by default black for pictures that are opaque, nothing
            for others.
        easing: of the fade.
    """
    return _fading(source, _fade_in, duration, color, easing)


def fade_out(
    source: Clip, duration: float, color: object | None = None, easing: str | Easing = linear
) -> FrameGenerator:
    """Let the picture disappear.

    Args:
        source: what disappears.
        duration: how long that takes, in milliseconds, at most the clip's duration.
        color: what it disappears into, `"#00000000"` for nothing; by default black for pictures that are opaque,
            nothing for others.
        easing: of the fade.
    """
    return _fading(source, _fade_out, duration, color, easing)


def _fading(
    source: Clip, function: Callable[..., Image.Image], duration: float, color: object | None, easing: str | Easing
) -> FrameGenerator:
    clip = as_generator(source)
    lasting = up_to(clip.duration, positive(duration, "duration of the fade in milliseconds"))
    if lasting > clip.duration:
        raise SettingsError(f"a fade of {lasting:g} ms is longer than the clip, which lasts {clip.duration:g} ms")
    wanted = None if color is None else checks.color(color)
    mix = partial(function, lasting=lasting, color=wanted, easing=checks.easing(easing))
    return TimedImageTransform(clip, mix, rgb=True)


def _fade_in(
    image: Image.Image, time_ms: float, duration_ms: float, lasting: float, color: checks.Color | None, easing: Easing
) -> Image.Image:
    if time_ms >= lasting:
        return image
    return _faded(image, 1 - evaluate(easing, time_ms / lasting, {}, time_ms), color)


def _fade_out(
    image: Image.Image, time_ms: float, duration_ms: float, lasting: float, color: checks.Color | None, easing: Easing
) -> Image.Image:
    gone = time_ms - (duration_ms - lasting)
    if gone <= 0:
        return image
    return _faded(image, evaluate(easing, min(1.0, gone / lasting), {}, time_ms), color)


def _faded(image: Image.Image, gone: float, color: checks.Color | None) -> Image.Image:
    gone = min(1.0, max(0.0, gone))
    if color is None:
        image = opaque_as_rgb(image)
        color = (0, 0, 0, 255 if image.mode == "RGB" else 0)
    if color[3] == 0:
        return scale_alpha(image, 1 - gone)
    return crossfaded(image, canvas(image.size, color, image), gone)
