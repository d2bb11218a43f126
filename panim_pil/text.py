"""Words over the picture: captions and titles."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from panim_core.errors import SettingsError
from panim_core.frame_gen import as_generator
from panim_core.protocols import FrameGenerator
from panim_core.time_maps import up_to
from panim_core.units import as_number
from panim_pil import checks
from panim_pil.image_transform import Clip, TimedImageTransform
from panim_pil.images import scale_alpha, to_rgba


@dataclass(frozen=True)
class Style:
    """How words look. Lengths in pixels; colours as RGBA."""

    font: str | None
    size: float
    color: checks.Color
    outline: int
    outline_color: checks.Color
    box: checks.Color | None
    align: str


def caption(
    source: Clip,
    text: str,
    *,
    font: str | Path | None = None,
    size: float | None = None,
    color: object = "white",
    outline: int | None = None,
    outline_color: object = "black",
    box: object | None = None,
    align: str = "center",
    position: checks.Position = "bottom",
    margin: int | None = None,
    start: float = 0.0,
    end: float | None = None,
    fade: float = 0.0,
) -> FrameGenerator:
    """Write text over a clip.

    Args:
        source: what is written over.
        text: what is written. Lines break where it says so, and where they would leave the frame.
        font: path or name of a TrueType or OpenType font; by default the one that Pillow brings.
        size: of the font in pixels; by default a 16th of the frame's height.
        color: of the letters.
        outline: width of a line around the letters, in pixels; by default a 20th of `size`.
        outline_color: of that line.
        box: colour of a rectangle behind the text, e.g. "#00000080"; by default none.
        align: of the lines: left, center or right.
        position: of the text: see `panim_pil.checks.Position`.
        margin: what it keeps from the frame's edges, in pixels; by default a 20th of the frame's height.
        start: when it appears, in milliseconds.
        end: when it is gone; by default at the clip's end.
        fade: how long it takes to appear, and to go, in milliseconds.

    Raises:
        SettingsError: among others, the font cannot be read.
    """
    clip = as_generator(source)
    width, height = clip.frame_size
    pixels = checks.number(max(8.0, height / 16) if size is None else size, "text size", 1, 4096)
    style = Style(
        None if font is None else str(font),
        pixels,
        checks.color(color),
        checks.whole(round(pixels / 20) if outline is None else outline, "outline", 0, 256),
        checks.color(outline_color, "outline_color"),
        None if box is None else checks.color(box, "box"),
        checks.choice(align, "align", ("left", "center", "right")),
    )
    _font(style.font, style.size)
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(f"text = {text!r}: need at least one letter")
    keep = checks.whole(round(height / 20) if margin is None else margin, "margin", 0, max(width, height))
    checks.position(position, "position", (width, height), (1, 1))
    begin = checks.number(start, "start", 0, clip.duration)
    stop = clip.duration if end is None else up_to(clip.duration, as_number(end, "end"))
    stop = checks.number(stop, "end", begin, clip.duration)
    fading = checks.number(fade, "fade", 0, (stop - begin) / 2)
    return TimedImageTransform(
        clip,
        partial(
            _captioned, text=text, style=style, position=position, margin=keep, begin=begin, stop=stop, fade=fading
        ),
        rgb=True,
    )


def title(
    source: Clip, text: str, *, size: float | None = None, fade: float = 0.0, **caption_params: object
) -> FrameGenerator:
    """Write large in the middle of a clip.

    Args:
        source: what is written over.
        text: what is written.
        size: of the font in pixels; by default an 8th of the frame's height.
        fade: how long it takes to appear, and to go, in milliseconds.
        caption_params: whatever else `caption` takes.
    """
    unknown = caption_params.keys() - inspect.signature(caption).parameters.keys()
    if unknown:
        raise SettingsError(f"title takes no {', '.join(sorted(unknown))}; it takes what caption does")
    large = max(8.0, as_generator(source).frame_size[1] / 8) if size is None else size
    params: dict[str, object] = {"position": "center", **caption_params}
    return caption(source, text, size=large, fade=fade, **params)  # type: ignore[arg-type]


def _captioned(
    image: Image.Image,
    time_ms: float,
    duration_ms: float,
    text: str,
    style: Style,
    position: checks.Position,
    margin: int,
    begin: float,
    stop: float,
    fade: float,
) -> Image.Image:
    if not begin <= time_ms < stop:
        return image
    words = written(text, style, image.width - 2 * margin)
    if fade > 0:
        words = scale_alpha(words, min(1.0, (time_ms - begin) / fade, (stop - time_ms) / fade))
    x, y = checks.position(position, "position", image.size, words.size, margin)
    if not (-words.width < x < image.width and -words.height < y < image.height):
        return image
    left, top = max(0, x), max(0, y)
    behind = to_rgba(image.crop((left, top, min(image.width, x + words.width), min(image.height, y + words.height))))
    seen = words.crop((left - x, top - y, left - x + behind.width, top - y + behind.height))
    captioned = image.copy()
    captioned.paste(Image.alpha_composite(behind, seen), (left, top))
    return captioned


@lru_cache(maxsize=32)
def _font(font: str | None, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.load_default(size) if font is None else ImageFont.truetype(font, size)
    except OSError as error:
        raise SettingsError(f"font {font!r} cannot be read ({error}); give the path of a .ttf or .otf file") from None


@lru_cache(maxsize=32)
def written(text: str, style: Style, width: int) -> Image.Image:
    """`text` as an RGBA image just large enough, with lines of at most `width` pixels where words allow it."""
    font = _font(style.font, style.size)
    measure = ImageDraw.Draw(Image.new("L", (1, 1)))
    spacing = style.size / 4
    pad = round(style.size / 3) if style.box is not None else 0

    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and measure.textlength(longer, font) + 2 * (style.outline + pad) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    wrapped = "\n".join(lines)

    def extent(text: str) -> tuple[float, float, float, float]:
        return measure.multiline_textbbox(
            (0, 0), text, font, spacing=spacing, align=style.align, stroke_width=style.outline
        )

    # As high as lines with a capital, an ascender and a descender: words that change keep their line.
    left, high, right, low = extent(wrapped)
    _, top, _, bottom = extent("\n".join(["Hlg"] * len(lines)))
    top, bottom = min(top, high), max(bottom, low)
    size = max(1, math.ceil(right - left) + 2 * pad), max(1, math.ceil(bottom - top) + 2 * pad)

    def letters(color: checks.Color, stroke: int) -> Image.Image:
        # As a mask: on a transparent picture, the letters' soft edges would mix with its black.
        shape = Image.new("L", size)
        ImageDraw.Draw(shape).multiline_text(
            (pad - left, pad - top), wrapped, 255, font, spacing=spacing, align=style.align, stroke_width=stroke
        )
        coloured = Image.new("RGBA", size, color)
        coloured.putalpha(shape.point([round(value * color[3] / 255) for value in range(256)]))
        return coloured

    picture = Image.new("RGBA", size, style.box or (0, 0, 0, 0))
    if style.outline:
        picture.alpha_composite(letters(style.outline_color, style.outline))
    picture.alpha_composite(letters(style.color, 0))
    return picture
