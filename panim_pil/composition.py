"""Several pictures in one: overlays, masks, backgrounds, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from itertools import accumulate

from PIL import Image, ImageChops

from panim_core.errors import SettingsError
from panim_core.frame_gen import as_generator
from panim_core.protocols import FrameGenerator
from panim_pil import checks
from panim_pil.image_transform import Clip, CompositionFrameGenerator, ImageTransform, Size
from panim_pil.images import scale_alpha
from panim_pil.sources import ImageFrameGenerator

_Blend = Callable[[Image.Image, Image.Image], Image.Image]

BLEND_MODES: Mapping[str, _Blend | None] = {
    "normal": None,
    "multiply": ImageChops.multiply,
    "screen": ImageChops.screen,
    "overlay": ImageChops.overlay,
    "darken": ImageChops.darker,
    "lighten": ImageChops.lighter,
    "add": ImageChops.add,
    "subtract": ImageChops.subtract,
    "difference": ImageChops.difference,
    "hard_light": ImageChops.hard_light,
    "soft_light": ImageChops.soft_light,
}
"""Name -> function of two RGB images, what is below and what is on top. Named as in W3C Compositing and Blending."""


class OverlayFrameGenerator(CompositionFrameGenerator):
    """Play one clip on top of another, by its alpha.

    Args:
        base: what is underneath; gives the frame size.
        overlay: what is on top; it must lie wholly within the frame and last as long as `base`.
        pos: (x, y) of the overlay's top left corner in pixels from the base's, or the name of a place: see
            `panim_pil.checks.Position`.
        alpha: how much of the overlay is seen, 0..1, besides its own alpha.
        mode: how colours mix; see `BLEND_MODES`.

    Raises:
        SettingsError: it does not fit, or the durations differ.
    """

    def __init__(
        self,
        base: Clip,
        overlay: Clip,
        pos: checks.Position = (0, 0),
        alpha: float = 1.0,
        mode: str = "normal",
    ) -> None:
        self.pos = pos
        super().__init__(
            base,
            overlay,
            function=partial(
                _overlaid,
                pos=pos,
                alpha=checks.number(alpha, "alpha", 0, 1),
                mode=checks.choice(mode, "mode", BLEND_MODES),
            ),
            output_size=partial(_overlay_size, pos=pos),
        )

    def adopt(self, children: tuple[FrameGenerator, ...]) -> None:
        super().adopt(children)
        self.base, self.overlay = children


def _overlay_size(base: Size, over: Size, pos: checks.Position) -> Size:
    x, y = checks.position(pos, "pos", base, over)
    if not (0 <= x <= base[0] - over[0] and 0 <= y <= base[1] - over[1]):
        raise SettingsError(
            f"an overlay of {over[0]}x{over[1]} at {pos} does not fit into a frame of {base[0]}x{base[1]}; "
            "move it, or crop or rescale it first"
        )
    return base


def _overlaid(base: Image.Image, over: Image.Image, pos: checks.Position, alpha: float, mode: str) -> Image.Image:
    corner = checks.position(pos, "pos", base.size, over.size)
    over = scale_alpha(over, alpha)
    blend = BLEND_MODES[mode]
    if blend is not None:
        below = base.crop((*corner, corner[0] + over.width, corner[1] + over.height))
        over = _blended(below, over, blend)
    if base.size == over.size:
        return Image.alpha_composite(base, over)
    composed = base.copy()
    composed.alpha_composite(over, corner)
    return composed


def _blended(below: Image.Image, over: Image.Image, blend: _Blend) -> Image.Image:
    """`over` with its colour replaced by (1 - alpha of below) * over + (alpha of below) * blend(below, over).

    W3C Compositing and Blending Level 1, section 10: what remains to do is to composite it.
    """
    colour = over.convert("RGB")
    mixed = Image.composite(blend(below.convert("RGB"), colour), colour, below.getchannel("A"))
    mixed.putalpha(over.getchannel("A"))
    return mixed


def mask(source: Clip, mask: Clip | Image.Image) -> FrameGenerator:
    """Show `source` only where `mask` is bright: its alpha is multiplied by the mask's luminance and alpha.

    Args:
        source: what is shown.
        mask: a clip of the same size and duration, or an image of the same size.
    """
    return CompositionFrameGenerator(
        source, _clip(mask, source), function=_masked, output_size=partial(_same_size, what="a mask")
    )


def _clip(picture: Clip | Image.Image, source: Clip) -> Clip:
    if isinstance(picture, Image.Image):
        return ImageFrameGenerator(picture, as_generator(source).duration)
    return picture


def _same_size(size: Size, other: Size, what: str) -> Size:
    if size != other:
        raise SettingsError(
            f"{what} of {other[0]}x{other[1]} for a frame of {size[0]}x{size[1]}: they must be equally large; "
            "rescale or crop one"
        )
    return size


def _masked(image: Image.Image, by: Image.Image) -> Image.Image:
    shown = ImageChops.multiply(by.convert("L"), by.getchannel("A"))
    masked = image.copy()
    masked.putalpha(ImageChops.multiply(image.getchannel("A"), shown))
    return masked


def background(source: Clip, behind: Clip | Image.Image | object = "black") -> FrameGenerator:
    """Put something behind a clip that is partly transparent.

    Args:
        source: what is in front.
        behind: a colour, or a clip of the same size and duration, or an image of the same size.
    """
    if isinstance(behind, Clip | Image.Image):
        return CompositionFrameGenerator(
            _clip(behind, source),
            source,
            function=Image.alpha_composite,
            output_size=partial(_same_size, what="a background"),
        )
    return ImageTransform(source, partial(_on_color, color=checks.color(behind, "behind")), rgb=True)


def _on_color(image: Image.Image, color: checks.Color) -> Image.Image:
    if image.mode == "RGB":
        return image
    behind = Image.new("RGBA", image.size, color)
    if color[3] < 255:
        return Image.alpha_composite(behind, image)
    behind.paste(image, mask=image)  # half of what alpha_composite costs; right where what is behind is opaque
    behind.putalpha(255)
    return behind


def chroma_key(
    source: Clip, color: object = "#00ff00", tolerance: float = 0.25, softness: float = 0.1
) -> FrameGenerator:
    """Make a colour transparent, e.g. a green screen's.

    Args:
        source: whose frames to key.
        color: what disappears.
        tolerance: how far from `color` a pixel may be and vanish whole, as a share (0..1) of the distance from black to
            white in RGB.
        softness: how much further away it is seen whole; in between it is partly transparent.
    """
    function = partial(
        _keyed,
        color=checks.color(color)[:3],
        tolerance=checks.number(tolerance, "tolerance", 0, 1),
        softness=checks.number(softness, "softness", 0, 1),
    )
    return ImageTransform(source, function)


_LONGEST = 3 * 255**2
"""The square of the distance from black to white."""


@lru_cache(maxsize=8)
def _key_tables(color: tuple[int, int, int], tolerance: float, softness: float):  # type: ignore[no-untyped-def]
    import numpy as np

    squares = [((np.arange(256) - channel) ** 2).astype(np.uint32) for channel in color]
    distance = np.sqrt(np.arange(_LONGEST + 1) / _LONGEST)
    seen = (distance > tolerance) if softness == 0 else np.clip((distance - tolerance) / softness, 0, 1)
    return squares, np.rint(seen * 255).astype(np.uint8)


def _keyed(image: Image.Image, color: tuple[int, int, int], tolerance: float, softness: float) -> Image.Image:
    import numpy as np

    squares, alpha_at = _key_tables(color, tolerance, softness)
    pixels = np.asarray(image)
    distance = squares[0][pixels[..., 0]]
    distance += squares[1][pixels[..., 1]]
    distance += squares[2][pixels[..., 2]]
    keyed = image.copy()
    keyed.putalpha(ImageChops.multiply(image.getchannel("A"), Image.fromarray(alpha_at[distance])))
    return keyed


def side_by_side(source: Clip, *others: Clip, gap: int = 0, color: object = "black") -> FrameGenerator:
    """Play clips of one height and duration next to each other, from the left.

    Args:
        source: the first of them.
        others: the rest.
        gap: between two of them, in pixels.
        color: of the gap.
    """
    return _joined((source, *others), 0, gap, color)


def stacked(source: Clip, *others: Clip, gap: int = 0, color: object = "black") -> FrameGenerator:
    """Play clips of one width and duration below each other, from the top.

    Args:
        source: the first of them.
        others: the rest.
        gap: between two of them, in pixels.
        color: of the gap.
    """
    return _joined((source, *others), 1, gap, color)


def _joined(clips: tuple[Clip, ...], axis: int, gap: int, color: object) -> FrameGenerator:
    between = checks.whole(gap, "gap", 0, 4096)
    return CompositionFrameGenerator(
        *clips,
        function=partial(_join, axis=axis, gap=between, color=checks.color(color)),
        output_size=partial(_joined_size, axis=axis, gap=between),
    )


def _joined_size(*sizes: Size, axis: int, gap: int) -> Size:
    across = {size[1 - axis] for size in sizes}
    if len(across) > 1:
        side = ("heights", "widths")[axis]
        raise SettingsError(
            f"the clips have {side} {', '.join(map(str, sorted(across)))}: need one; rescale or fit them"
        )
    along = sum(size[axis] for size in sizes) + gap * (len(sizes) - 1)
    return (along, across.pop()) if axis == 0 else (across.pop(), along)


def _join(*images: Image.Image, axis: int, gap: int, color: checks.Color) -> Image.Image:
    sizes = [image.size for image in images]
    joined = Image.new("RGBA", _joined_size(*sizes, axis=axis, gap=gap), color)
    starts = accumulate((size[axis] + gap for size in sizes[:-1]), initial=0)
    for image, start in zip(images, starts, strict=True):
        joined.paste(image, (start, 0) if axis == 0 else (0, start))
    return joined
