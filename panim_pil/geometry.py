"""Where the pixels go: size, crop, turn, mirror, margins."""

from __future__ import annotations

import math
from functools import lru_cache, partial

from PIL import Image, ImageChops, ImageOps

from panim_core.errors import SettingsError
from panim_core.frames import MAX_SIDE, check_size
from panim_core.protocols import FrameGenerator
from panim_pil import checks
from panim_pil.image_transform import Clip, ImageTransform, Size
from panim_pil.images import canvas, resize, to_rgba

Sides = tuple[int, int, int, int]


def _sides(what: str, *sides: int) -> Sides:
    names = ("left", "top", "right", "bottom")
    left, top, right, bottom = (
        checks.whole(side, f"{what} {name}", 0, MAX_SIDE) for name, side in zip(names, sides, strict=True)
    )
    return left, top, right, bottom


def _fixed(size: Size, wanted: Size) -> Size:
    return wanted


class RescaleFrameGenerator(ImageTransform):
    """Scale every frame to another size, whatever its proportions; see `fit` to keep them.

    Args:
        child: whose frames to scale.
        new_frame_size: (width, height) in pixels.
        resample: a `PIL.Image.Resampling`, or its number.

    Raises:
        SettingsError: no such size or resampling.
    """

    def __init__(
        self,
        child: Clip,
        new_frame_size: Size,
        resample: int = Image.Resampling.LANCZOS,
    ) -> None:
        self.new_frame_size = check_size(new_frame_size)
        self.resample = checks.resampling(resample)
        function = partial(resize, size=self.new_frame_size, resample=self.resample)
        super().__init__(child, function, partial(_fixed, wanted=self.new_frame_size), rgb=True)


def fit(source: Clip, size: Size, color: object = "black", resample: int = Image.Resampling.LANCZOS) -> FrameGenerator:
    """Scale every frame to the largest that fits into `size`, centred, with bars of `color` around it.

    Args:
        source: whose frames to scale.
        size: (width, height) in pixels.
        color: of the bars.
        resample: a `PIL.Image.Resampling`, or its number.
    """
    wanted = check_size(size)
    function = partial(_fit, size=wanted, color=checks.color(color), resample=checks.resampling(resample))
    return ImageTransform(source, function, partial(_fixed, wanted=wanted), rgb=True)


def _fit(image: Image.Image, size: Size, color: checks.Color, resample: Image.Resampling) -> Image.Image:
    scale = min(size[0] / image.width, size[1] / image.height)
    inner = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    scaled = resize(image, inner, resample)
    if inner == size:
        return scaled
    padded = canvas(size, color, scaled)
    padded.paste(scaled, checks.position("center", "", size, inner))
    return padded


def crop_pixels(source: Clip, left: int, top: int, right: int, bottom: int) -> FrameGenerator:
    """Keep a rectangle of every frame. (FluentFG's own ``crop`` is of time.)

    Args:
        source: whose frames to crop.
        left: of the rectangle's first column, in pixels.
        top: of its first row.
        right: of the first column behind it.
        bottom: of the first row below it.
    """
    box = _sides("crop_pixels", left, top, right, bottom)
    return ImageTransform(source, partial(Image.Image.crop, box=box), partial(_cropped_size, box=box), rgb=True)


def _cropped_size(size: Size, box: Sides) -> Size:
    left, top, right, bottom = checks.box(box, "crop_pixels", size)
    return int(right - left), int(bottom - top)


def rotate(
    source: Clip, degrees: float, expand: bool = False, resample: int = Image.Resampling.BICUBIC
) -> FrameGenerator:
    """Turn every frame about its centre. What the picture no longer covers is transparent; see `background`.

    Args:
        source: whose frames to turn.
        degrees: counter-clockwise.
        expand: make the frame as large as the turned picture; otherwise its corners are cut off.
        resample: NEAREST, BILINEAR or BICUBIC of `PIL.Image.Resampling`.
    """
    angle = checks.number(degrees, "degrees", -1e6, 1e6) % 360
    resampling = checks.resampling(resample)
    if resampling not in (Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC):
        raise SettingsError(f"resample = {resampling.name}: rotate takes NEAREST, BILINEAR or BICUBIC")
    grown = checks.flag(expand, "expand")
    function = partial(_rotate, degrees=angle, expand=grown, resample=resampling)
    return ImageTransform(source, function, partial(_rotated_size, degrees=angle) if grown else None, rgb=True)


def _rotate(image: Image.Image, degrees: float, expand: bool, resample: Image.Resampling) -> Image.Image:
    if degrees % 180 == 0 or (degrees % 90 == 0 and (expand or image.width == image.height)):
        return image.rotate(degrees, expand=True)
    size = _rotated_size(image.size, degrees) if expand else image.size
    # Pillow cuts off what it turns like a staircase. Hence a border, to have colours there, and the smooth outline from
    # a mask.
    turned = _turn(_bordered(to_rgba(image)), size, degrees, resample)
    turned.putalpha(ImageChops.multiply(turned.getchannel("A"), _outline(image.size, size, degrees)))
    return turned


_BORDER = 3


def _bordered(image: Image.Image) -> Image.Image:
    """`image` with a border of `_BORDER` pixels that repeats the outermost ones."""
    right, bottom = _BORDER + image.width, _BORDER + image.height
    wide = Image.new(image.mode, (right + _BORDER, bottom + _BORDER))
    wide.paste(image, (_BORDER, _BORDER))
    for x, edge in ((0, _BORDER), (right, right - 1)):
        column = wide.crop((edge, 0, edge + 1, wide.height))
        wide.paste(column.resize((_BORDER, wide.height), Image.Resampling.NEAREST), (x, 0))
    for y, edge in ((0, _BORDER), (bottom, bottom - 1)):
        row = wide.crop((0, edge, wide.width, edge + 1))
        wide.paste(row.resize((wide.width, _BORDER), Image.Resampling.NEAREST), (0, y))
    return wide


def _turn(image: Image.Image, size: Size, degrees: float, resample: Image.Resampling) -> Image.Image:
    """`image` turned about its centre, which becomes that of a frame of `size`."""
    (width, height), cosine, sine = size, math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x = image.width / 2 - cosine * width / 2 + sine * height / 2
    y = image.height / 2 - sine * width / 2 - cosine * height / 2
    return image.transform(size, Image.Transform.AFFINE, (cosine, -sine, x, sine, cosine, y), resample)


@lru_cache(maxsize=4)
def _outline(inner: Size, size: Size, degrees: float) -> Image.Image:
    """How much of each pixel of a frame of `size` a turned picture of size `inner` covers."""
    shape = ImageOps.expand(Image.new("L", inner, 255), _BORDER, 0)
    return _turn(shape, size, degrees, Image.Resampling.BILINEAR)


def _rotated_size(size: Size, degrees: float) -> Size:
    return Image.new("1", size).rotate(degrees, expand=True).size


def mirror_x(source: Clip) -> FrameGenerator:
    """Swap left and right."""
    return ImageTransform(source, partial(Image.Image.transpose, method=Image.Transpose.FLIP_LEFT_RIGHT), rgb=True)


def mirror_y(source: Clip) -> FrameGenerator:
    """Swap top and bottom."""
    return ImageTransform(source, partial(Image.Image.transpose, method=Image.Transpose.FLIP_TOP_BOTTOM), rgb=True)


def margin(
    source: Clip,
    width: int = 0,
    *,
    left: int | None = None,
    top: int | None = None,
    right: int | None = None,
    bottom: int | None = None,
    color: object = "black",
) -> FrameGenerator:
    """Enlarge the frame by a margin.

    Args:
        source: whose frames to enlarge.
        width: of the margin on every side that is not given by itself, in pixels.
        left: its width on the left; likewise `top`, `right` and `bottom`.
        color: of the margin.
    """
    border = _sides("margin", *(width if side is None else side for side in (left, top, right, bottom)))
    function = partial(_surrounded, border=border, color=checks.color(color))
    return ImageTransform(source, function, partial(_with_margin, border=border), rgb=True)


def _surrounded(image: Image.Image, border: Sides, color: checks.Color) -> Image.Image:
    surrounded = canvas(_with_margin(image.size, border), color, image)
    surrounded.paste(image, border[:2])
    return surrounded


def _with_margin(size: Size, border: Sides) -> Size:
    left, top, right, bottom = border
    return size[0] + left + right, size[1] + top + bottom


def pad_even(source: Clip, color: object = "black") -> FrameGenerator:
    """Add a column of `color` on the right, or a row below, where width or height is odd, as many codecs need it."""
    return ImageTransform(source, partial(_pad_even, color=checks.color(color)), _even, rgb=True)


def _even(size: Size) -> Size:
    return size[0] + size[0] % 2, size[1] + size[1] % 2


def _pad_even(image: Image.Image, color: checks.Color) -> Image.Image:
    if image.size == _even(image.size):
        return image
    padded = canvas(_even(image.size), color, image)
    padded.paste(image)
    return padded
