"""From one clip to the next: every transition is ``(a, b, overlap, **params) -> FrameGenerator``.

`overlap` is how long both clips play, in milliseconds; the result lasts ``a + b - overlap``. `easing` is the
easing, by name or as a callable, of the way from `a` to `b`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image

from panim_core.easing import linear
from panim_core.protocols import Easing, FrameGenerator
from panim_pil import checks
from panim_pil.filters import blurred, pixelated
from panim_pil.image_transform import Clip
from panim_pil.images import crossfaded, premultiplied
from panim_pil.transition import transition
from panim_pil.views import magnified

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pace = str | Easing

DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
"""Which way things move: (across, down)."""


def _direction(value: str) -> tuple[int, int]:
    return DIRECTIONS[checks.choice(value, "direction", DIRECTIONS)]


def cut(a: Clip, b: Clip, overlap: float = 0.0) -> FrameGenerator:
    """Change at once, in the middle of the overlap."""
    return transition(a, b, overlap, linear, _cut)


def _cut(a: Image.Image, b: Image.Image, n: float) -> Image.Image:
    return a if n < 0.5 else b


def crossfade(a: Clip, b: Clip, overlap: float, easing: Pace = linear) -> FrameGenerator:
    """Let `a` vanish while `b` appears."""
    return transition(a, b, overlap, easing, crossfaded)


def fade_through_color(
    a: Clip, b: Clip, overlap: float, color: object = "black", easing: Pace = linear
) -> FrameGenerator:
    """Fade `a` into `color`, then `color` into `b`."""
    return transition(a, b, overlap, easing, _through_color, color=checks.color(color))


def _through_color(a: Image.Image, b: Image.Image, n: float, color: checks.Color) -> Image.Image:
    between = Image.new("RGBA", a.size, color)
    return crossfaded(a, between, 2 * n) if n < 0.5 else crossfaded(between, b, 2 * n - 1)


def wipe(
    a: Clip, b: Clip, overlap: float, direction: str = "right", softness: float = 0.0, easing: Pace = linear
) -> FrameGenerator:
    """Uncover `b` along an edge that moves over the frame.

    Args:
        a: what is left.
        b: what is entered.
        overlap: milliseconds in which both play.
        direction: in which the edge moves: left, right, up or down.
        softness: width of the edge, as a share (0..1) of the frame.
        easing: of the movement.
    """
    return transition(
        a,
        b,
        overlap,
        easing,
        _wipe,
        direction=_direction(direction),
        softness=checks.number(softness, "softness", 0, 1),
    )


def _wipe(a: Image.Image, b: Image.Image, n: float, direction: tuple[int, int], softness: float) -> Image.Image:
    import numpy as np

    axis = 0 if direction[0] else 1
    length = a.size[axis]
    soft = max(1.0, softness * length)  # at least one pixel, so that a slow edge moves smoothly
    within = n * (length + soft - 1) - np.arange(length)
    return _mixed_along(a, b, within[:: direction[axis]] / soft, axis)


def _mixed_along(a: Image.Image, b: Image.Image, shares: NDArray[np.floating], axis: int) -> Image.Image:
    """`a` and `b` mixed by one share, clipped to 0..1, for each column (axis 0) or row (axis 1)."""
    import numpy as np

    line = np.rint(np.clip(shares, 0, 1) * 255).astype(np.uint8)
    strip = Image.fromarray(line[None, :] if axis == 0 else line[:, None])
    return mixed(a, b, strip.resize(a.size, Image.Resampling.NEAREST))


def mixed(a: Image.Image, b: Image.Image, share: Image.Image) -> Image.Image:
    """`b` where `share` (mode L) is 255, `a` where it is 0, and between what lies between."""
    frame = Image.composite(b, a, share)
    edge = share.point([0, *[255] * 254, 0])
    box = edge.getbbox()
    if box is not None:  # premultiplied only where it matters: elsewhere it takes time and loses bits
        parts = [picture.crop(box) for picture in (a, b, share)]
        frame.paste(_mixed_premultiplied(*parts), box, edge.crop(box))
    return frame


def _mixed_premultiplied(a: Image.Image, b: Image.Image, share: Image.Image) -> Image.Image:
    def mix(first: Image.Image, second: Image.Image) -> Image.Image:
        return Image.composite(second, first, share)

    return premultiplied(mix, a, b)


def slide(a: Clip, b: Clip, overlap: float, direction: str = "left", easing: Pace = linear) -> FrameGenerator:
    """Let `a` slide away, off `b`, which lies still; `direction` is left, right, up or down."""
    return transition(a, b, overlap, easing, _slide, direction=_direction(direction))


def _shift(size: tuple[int, int], share: float, direction: tuple[int, int]) -> tuple[int, int]:
    return round(size[0] * share) * direction[0], round(size[1] * share) * direction[1]


def _slide(a: Image.Image, b: Image.Image, n: float, direction: tuple[int, int]) -> Image.Image:
    frame = b.copy()
    frame.paste(a, _shift(a.size, n, direction))
    return frame


def cover(a: Clip, b: Clip, overlap: float, direction: str = "left", easing: Pace = linear) -> FrameGenerator:
    """Let `b` slide over `a`, which lies still; `direction` is left, right, up or down."""
    return transition(a, b, overlap, easing, _cover, direction=_direction(direction))


def _cover(a: Image.Image, b: Image.Image, n: float, direction: tuple[int, int]) -> Image.Image:
    return _slide(b, a, 1 - n, (-direction[0], -direction[1]))


def push(a: Clip, b: Clip, overlap: float, direction: str = "left", easing: Pace = linear) -> FrameGenerator:
    """Let `b` push `a` out of the frame; `direction` is left, right, up or down."""
    return transition(a, b, overlap, easing, _push, direction=_direction(direction))


def _push(a: Image.Image, b: Image.Image, n: float, direction: tuple[int, int]) -> Image.Image:
    x, y = _shift(a.size, n, direction)
    frame = Image.new("RGBA", a.size)
    frame.paste(a, (x, y))
    frame.paste(b, (x - a.width * direction[0], y - a.height * direction[1]))
    return frame


def iris(
    a: Clip,
    b: Clip,
    overlap: float,
    center: tuple[float, float] = (0.5, 0.5),
    closing: bool = False,
    easing: Pace = linear,
) -> FrameGenerator:
    """Show `b` in a growing circle, or `a` in a shrinking one.

    Args:
        a: what is left.
        b: what is entered.
        overlap: milliseconds in which both play.
        center: (across, down) of the circle, each in 0..1.
        closing: whether `a` closes instead of `b` opening.
        easing: of the radius.
    """
    across, down = (checks.number(c, "center", 0, 1) for c in checks.numbers(center, "center", 2))
    return transition(a, b, overlap, easing, _iris, center=(across, down), closing=checks.flag(closing, "closing"))


def _iris(a: Image.Image, b: Image.Image, n: float, center: tuple[float, float], closing: bool) -> Image.Image:
    import numpy as np

    if closing:
        return _iris(b, a, 1 - n, center, False)
    distances, longest = _distances(a.size, center)
    return mixed(a, b, _mask(np.float32(n * (longest + 1)) - distances))


def _mask(pixels_within: NDArray[np.float32]) -> Image.Image:
    """A mask with an edge one pixel wide, from how many pixels each one lies behind the edge's front."""
    import numpy as np

    return Image.fromarray(np.rint(np.clip(pixels_within, 0, 1) * 255).astype(np.uint8))


@lru_cache(maxsize=4)
def _distances(size: tuple[int, int], center: tuple[float, float]) -> tuple[NDArray[np.float32], float]:
    """Of every pixel from `center`, in pixels, and the longest."""
    import numpy as np

    x, y = (np.arange(n, dtype=np.float32) + 0.5 - np.float32(n * c) for n, c in zip(size, center, strict=True))
    distances = np.hypot(x[None, :], y[:, None])
    return distances, float(distances.max())


def clock_wipe(a: Clip, b: Clip, overlap: float, clockwise: bool = True, easing: Pace = linear) -> FrameGenerator:
    """Uncover `b` along a hand that turns once around the centre, from 12 o'clock; `clockwise`, or the other way."""
    return transition(a, b, overlap, easing, _clock_wipe, clockwise=checks.flag(clockwise, "clockwise"))


def _clock_wipe(a: Image.Image, b: Image.Image, n: float, clockwise: bool) -> Image.Image:
    import numpy as np

    if not clockwise:
        return _clock_wipe(b, a, 1 - n, True)
    distances, _ = _distances(a.size, (0.5, 0.5))
    ahead = (np.float32(n) - _turns(a.size)) * distances * np.float32(2 * np.pi)
    return mixed(a, b, _mask(ahead + np.float32(n)))


@lru_cache(maxsize=4)
def _turns(size: tuple[int, int]) -> NDArray[np.float32]:
    """How far a clock's hand has turned, 0..1, when it reaches each pixel."""
    import numpy as np

    x, y = (np.arange(n) + 0.5 - n / 2 for n in size)
    turns: NDArray[np.float32] = (np.arctan2(-x[None, :], y[:, None]) / (2 * np.pi) + 0.5).astype(np.float32)
    return turns


def cross_zoom(a: Clip, b: Clip, overlap: float, factor: float = 4.0, easing: Pace = linear) -> FrameGenerator:
    """Fly into `a` and out of `b`: both are magnified up to `factor` in the middle, where one fades into the other."""
    return transition(a, b, overlap, easing, _cross_zoom, factor=checks.number(factor, "factor", 1, 100))


def _cross_zoom(a: Image.Image, b: Image.Image, n: float, factor: float) -> Image.Image:
    share = min(1.0, max(0.0, 2 * n - 0.5))
    near = magnified(a, factor ** min(1.0, 2 * n)) if share < 1 else a
    far = magnified(b, factor ** min(1.0, 2 - 2 * n)) if share > 0 else b
    return crossfaded(near, far, share)


def dissolve(a: Clip, b: Clip, overlap: float, grain: int = 1, seed: int = 0, easing: Pace = linear) -> FrameGenerator:
    """Replace `a` by `b` grain by grain, in a random order.

    Args:
        a: what is left.
        b: what is entered.
        overlap: milliseconds in which both play.
        grain: side of a grain, in pixels.
        seed: of the order, which is the same for the same seed wherever it is drawn.
        easing: of the share that is replaced.
    """
    return transition(
        a,
        b,
        overlap,
        easing,
        _dissolve,
        grain=checks.whole(grain, "grain", 1, 4096),
        seed=checks.whole(seed, "seed", 0, 2**32 - 1),
    )


def _dissolve(a: Image.Image, b: Image.Image, n: float, grain: int, seed: int) -> Image.Image:
    return Image.composite(b, a, Image.fromarray(_order(a.size, grain, seed) < n))


@lru_cache(maxsize=4)
def _order(size: tuple[int, int], grain: int, seed: int) -> NDArray[np.float32]:
    """When each pixel is replaced, in [0, 1)."""
    import numpy as np

    columns, rows = (-(-n // grain) for n in size)
    # RandomState's stream is frozen (NEP 19): the same video in years to come.
    grains = np.random.RandomState(seed).random_sample((rows, columns)).astype(np.float32)
    np.minimum(grains, np.nextafter(np.float32(1), np.float32(0)), out=grains)
    order: NDArray[np.float32] = grains.repeat(grain, 0).repeat(grain, 1)[: size[1], : size[0]]
    return order


def pixelise(a: Clip, b: Clip, overlap: float, size: int = 32, easing: Pace = linear) -> FrameGenerator:
    """Coarsen `a` into a mosaic that refines into `b`; `size` is that of its largest blocks, in pixels."""
    return transition(a, b, overlap, easing, _pixelise, largest=checks.whole(size, "size", 2, 4096))


def _peak(n: float) -> float:
    return 1 - abs(2 * n - 1)


def _pixelise(a: Image.Image, b: Image.Image, n: float, largest: int) -> Image.Image:
    return pixelated(crossfaded(a, b, n), 1 + round((largest - 1) * _peak(n)))


def cross_blur(a: Clip, b: Clip, overlap: float, radius: float = 24.0, easing: Pace = linear) -> FrameGenerator:
    """Blur `a` until it becomes `b`, which gets sharp; `radius` is that of the strongest blur, in pixels."""
    return transition(a, b, overlap, easing, _cross_blur, radius=checks.number(radius, "radius", 0, 1000))


def _cross_blur(a: Image.Image, b: Image.Image, n: float, radius: float) -> Image.Image:
    return blurred(crossfaded(a, b, n), radius * _peak(n))


def blinds(
    a: Clip, b: Clip, overlap: float, count: int = 8, vertical: bool = False, easing: Pace = linear
) -> FrameGenerator:
    """Turn `count` slats of `a` over to show `b`; `vertical` slats stand upright."""
    axis = 0 if checks.flag(vertical, "vertical") else 1
    return transition(a, b, overlap, easing, _blinds, count=checks.whole(count, "count", 1, 1000), axis=axis)


def _blinds(a: Image.Image, b: Image.Image, n: float, count: int, axis: int) -> Image.Image:
    import numpy as np

    length = a.size[axis]
    slat = length / count
    edges = np.arange(length + 1)
    covered = edges // slat * (n * slat) + np.minimum(edges % slat, n * slat)  # from the first edge up to each
    return _mixed_along(a, b, np.diff(covered), axis)
