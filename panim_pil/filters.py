"""What mixes a pixel with its neighbours: blur, sharpen, glow, shadow, mosaic, vignette."""

from __future__ import annotations

from functools import lru_cache, partial

from PIL import Image, ImageChops, ImageFilter

from panim_core.protocols import FrameGenerator
from panim_pil import checks
from panim_pil.image_transform import Clip, ImageTransform
from panim_pil.images import opaque_as_rgb, premultiplied, through_tables

_MAX_RADIUS = 1000


def blur(source: Clip, radius: float = 4.0) -> FrameGenerator:
    """Blur every frame, as `PIL.ImageFilter.GaussianBlur` does.

    Args:
        source: whose frames to blur.
        radius: the standard deviation, in pixels.
    """
    function = partial(blurred, radius=checks.number(radius, "blur radius", 0, _MAX_RADIUS))
    return ImageTransform(source, function, rgb=True)


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """An RGBA or RGB image blurred by a Gaussian of standard deviation `radius`."""
    if radius == 0:
        return image
    return premultiplied(partial(Image.Image.filter, filter=ImageFilter.GaussianBlur(radius)), opaque_as_rgb(image))


def sharpen(source: Clip, percent: int = 150, radius: float = 2.0, threshold: int = 3) -> FrameGenerator:
    """Sharpen every frame, as `PIL.ImageFilter.UnsharpMask` does.

    Args:
        source: whose frames to sharpen.
        percent: strength.
        radius: of the blur whose difference is added, in pixels.
        threshold: the least difference that counts, 0..255.
    """
    return ImageTransform(
        source,
        partial(
            _sharpened,
            percent=checks.whole(percent, "sharpen percent", 0, 1000),
            radius=checks.number(radius, "sharpen radius", 0, _MAX_RADIUS),
            threshold=checks.whole(threshold, "sharpen threshold", 0, 255),
        ),
        rgb=True,
    )


def _sharpened(image: Image.Image, percent: int, radius: float, threshold: int) -> Image.Image:
    image = opaque_as_rgb(image)
    if image.mode == "RGB":
        return image.filter(ImageFilter.UnsharpMask(radius, percent, threshold))
    # Away from the blur's straight colour: premultiplied ones change wherever alpha does, which is no detail.
    soft = blurred(image, radius)
    sharp = Image.blend(image, soft, -percent / 100)
    counts = ImageChops.difference(image, soft).point([255 if value > threshold else 0 for value in range(256)] * 4)
    bands = zip(sharp.split(), image.split(), counts.split(), strict=True)
    red, green, blue, _ = (Image.composite(new, old, where) for new, old, where in bands)
    return Image.merge("RGBA", (red, green, blue, image.getchannel("A")))


def glow(source: Clip, radius: float = 12.0, strength: float = 0.6) -> FrameGenerator:
    """Let bright parts shine over what surrounds them, also over what is transparent.

    Args:
        source: whose frames shall glow.
        radius: of the shine, in pixels.
        strength: of the shine, 0..1.
    """
    return ImageTransform(
        source,
        partial(
            _glowing,
            radius=checks.number(radius, "glow radius", 0, _MAX_RADIUS),
            strength=checks.number(strength, "glow strength", 0, 1),
        ),
        rgb=True,
    )


def _glowing(image: Image.Image, radius: float, strength: float) -> Image.Image:
    return premultiplied(partial(_shine, radius=radius, strength=strength), opaque_as_rgb(image))


def _shine(image: Image.Image, radius: float, strength: float) -> Image.Image:
    # Screen keeps premultiplied colours at or below their alpha, since it grows with both of its operands.
    light = through_tables(
        image.filter(ImageFilter.GaussianBlur(radius)), [round(v * strength) for v in range(256)] * 4
    )
    return ImageChops.screen(image, light)


def drop_shadow(
    source: Clip,
    offset: tuple[int, int] = (6, 6),
    radius: float = 6.0,
    color: object = "black",
    opacity: float = 0.6,
) -> FrameGenerator:
    """Put a shadow behind what is not transparent. The frame keeps its size: give it a transparent margin first.

    Args:
        source: what throws the shadow.
        offset: of the shadow, (right, down) in pixels.
        radius: of its blur, in pixels.
        color: of the shadow.
        opacity: of the shadow, 0..1.
    """
    right, down = checks.numbers(offset, "offset", 2)
    red, green, blue, alpha = checks.color(color)
    opaque = alpha * checks.number(opacity, "shadow opacity", 0, 1) / 255
    return ImageTransform(
        source,
        partial(
            _shadowed,
            offset=(checks.whole(right, "offset", -32768, 32767), checks.whole(down, "offset", -32768, 32767)),
            radius=checks.number(radius, "shadow radius", 0, _MAX_RADIUS),
            color=(red, green, blue),
            opacity=opaque,
        ),
    )


def _shadowed(
    image: Image.Image, offset: tuple[int, int], radius: float, color: tuple[int, int, int], opacity: float
) -> Image.Image:
    # With room around it: Pillow's blur repeats the border pixels, which would thicken a shadow that leaves the frame.
    room = round(3 * radius)
    wide = Image.new("L", (image.width + 2 * room, image.height + 2 * room))
    wide.paste(image.getchannel("A"), (room + offset[0], room + offset[1]))
    shade = wide.filter(ImageFilter.GaussianBlur(radius)).crop((room, room, room + image.width, room + image.height))
    shadow = Image.new("RGBA", image.size, color)
    shadow.putalpha(shade.point([round(v * opacity) for v in range(256)]))
    return Image.alpha_composite(shadow, image)


def pixelate(source: Clip, size: int = 8) -> FrameGenerator:
    """Show the mean of each block of `size` x `size` pixels, from the top left; blocks at the edges may be smaller."""
    return ImageTransform(source, partial(pixelated, size=checks.whole(size, "pixelate size", 1, 4096)), rgb=True)


def pixelated(image: Image.Image, size: int) -> Image.Image:
    """An RGBA or RGB image in blocks of `size` pixels."""
    if size == 1:
        return image
    small = opaque_as_rgb(image).reduce(size)
    large = small.resize((small.width * size, small.height * size), Image.Resampling.NEAREST)
    return large.crop((0, 0, *image.size))


def vignette(source: Clip, strength: float = 0.6, radius: float = 0.5) -> FrameGenerator:
    """Darken the corners.

    Args:
        source: whose frames to darken.
        strength: how much light the very corners lose, 0..1.
        radius: where it begins: 0 at the centre, 1 in the corners.
    """
    return ImageTransform(
        source,
        partial(
            _vignetted,
            strength=checks.number(strength, "vignette strength", 0, 1),
            radius=checks.number(radius, "vignette radius", 0, 0.999),
        ),
        rgb=True,
    )


def _vignetted(image: Image.Image, strength: float, radius: float) -> Image.Image:
    return ImageChops.multiply(image, _light(image.mode, image.size, strength, radius))


@lru_cache(maxsize=4)
def _light(mode: str, size: tuple[int, int], strength: float, radius: float) -> Image.Image:
    """What is left of the light, gray; falls by ``3 s^2 - 2 s^3`` from `radius` to the corners."""
    import numpy as np

    x, y = ((np.arange(n) + 0.5) / n * 2 - 1 for n in size)
    distance = np.hypot(x[None, :], y[:, None]) / np.sqrt(2)
    s = np.clip((distance - radius) / (1 - radius), 0, 1)
    left = np.rint(255 * (1 - strength * s * s * (3 - 2 * s))).astype(np.uint8)
    gray = Image.fromarray(left)
    return gray.convert(mode)
