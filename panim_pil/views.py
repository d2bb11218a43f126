"""Moving views: scroll, zoom, pan, Ken Burns."""

from __future__ import annotations

from functools import partial

from PIL import Image, ImageChops

from panim_core.easing import evaluate, linear
from panim_core.frames import check_size
from panim_core.protocols import Easing, FrameGenerator
from panim_pil import checks
from panim_pil.image_transform import Clip, Size, TimedImageTransform
from panim_pil.images import resize

Box = tuple[float, float, float, float]


def scroll(source: Clip, x_speed: float = 0.0, y_speed: float = 0.0) -> FrameGenerator:
    """Move the picture, in whole pixels; what leaves the frame on one side comes back on the other.

    Args:
        source: whose frames to move.
        x_speed: to the right, in pixels per second.
        y_speed: downwards, in pixels per second.
    """
    speeds = checks.number(x_speed, "x_speed", -1e6, 1e6), checks.number(y_speed, "y_speed", -1e6, 1e6)
    return TimedImageTransform(source, partial(_scroll, speeds=speeds), rgb=True)


def _scroll(image: Image.Image, time_ms: float, duration_ms: float, speeds: tuple[float, float]) -> Image.Image:
    x, y = (round(speed * time_ms / 1000) for speed in speeds)
    return ImageChops.offset(image, x % image.width, y % image.height)


def zoom(
    source: Clip,
    start: float = 1.0,
    end: float = 1.5,
    center: tuple[float, float] = (0.5, 0.5),
    easing: str | Easing = linear,
) -> FrameGenerator:
    """Magnify more and more, or less and less.

    Args:
        source: whose frames to magnify.
        start: the magnification at the beginning, from 1 (all is seen).
        end: and at the end.
        center: (across, down) of the point that stays where it is, each in 0..1.
        easing: of the magnification.
    """
    factors = checks.number(start, "zoom start", 1, 1000), checks.number(end, "zoom end", 1, 1000)
    across, down = (checks.number(c, "center", 0, 1) for c in checks.numbers(center, "center", 2))
    function = partial(_zoom, factors=factors, center=(across, down), easing=checks.easing(easing))
    return TimedImageTransform(source, function, rgb=True)


def _zoom(
    image: Image.Image,
    time_ms: float,
    duration_ms: float,
    factors: tuple[float, float],
    center: tuple[float, float],
    easing: Easing,
) -> Image.Image:
    progress = evaluate(easing, time_ms / duration_ms, {}, time_ms)
    return magnified(image, max(1.0, factors[0] + (factors[1] - factors[0]) * progress), center)


def magnified(image: Image.Image, factor: float, center: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """An RGBA or RGB image at `factor`, 1 or more, about `center`, in its own size."""
    if factor == 1:
        return image
    width, height = image.width / factor, image.height / factor
    left, top = (image.width - width) * center[0], (image.height - height) * center[1]
    return _view(image, (left, top, left + width, top + height), image.size)


def _view(image: Image.Image, box: Box, size: Size) -> Image.Image:
    inside = max(0.0, box[0]), max(0.0, box[1]), min(box[2], image.width), min(box[3], image.height)
    return resize(image, size, Image.Resampling.BICUBIC, inside)


def pan(
    source: Clip,
    size: Size,
    start: tuple[float, float] = (0.0, 0.0),
    end: tuple[float, float] | None = None,
    easing: str | Easing = linear,
) -> FrameGenerator:
    """Look at the picture through a smaller window that moves over it.

    Args:
        source: whose frames to look at.
        size: (width, height) of the window and of the frames, in pixels.
        start: (x, y) of the window's top left corner at the beginning, in pixels.
        end: and at the end; by default the bottom right corner of the picture.
        easing: of the movement.
    """
    width, height = check_size(size)
    left, top = checks.numbers(start, "start", 2)
    last = None
    if end is not None:
        x, y = checks.numbers(end, "end", 2)
        last = (x, y, x + width, y + height)
    return ken_burns(source, (left, top, left + width, top + height), last, (width, height), easing)


def ken_burns(
    source: Clip,
    start: Box | None = None,
    end: Box | None = None,
    size: Size | None = None,
    easing: str | Easing = linear,
) -> FrameGenerator:
    """Move and zoom over the picture, from one rectangle of it to another.

    Args:
        source: whose frames to look at.
        start: (left, top, right, bottom) of what fills the frame at the beginning, in pixels; by default all of it.
        end: and at the end; by default a rectangle of the size of `start` in the bottom right corner.
        size: (width, height) of the frames; by default the source's.
        easing: of the movement. Where it overshoots, the view stops at the picture's edges.
    """
    wanted = None if size is None else check_size(size)
    boxes = None if start is None else _four(start), None if end is None else _four(end)
    return TimedImageTransform(
        source,
        partial(_ken_burns, boxes=boxes, size=wanted, easing=checks.easing(easing)),
        partial(_ken_burns_size, boxes=boxes, wanted=wanted),
        rgb=True,
    )


def _four(box: Box) -> Box:
    left, top, right, bottom = checks.numbers(box, "the view's box", 4)
    return left, top, right, bottom


def _boxes(size: Size, boxes: tuple[Box | None, Box | None]) -> tuple[Box, Box]:
    start, end = boxes
    if start is None:
        start = (0.0, 0.0, float(size[0]), float(size[1]))
    if end is None:
        end = (size[0] - start[2] + start[0], size[1] - start[3] + start[1], float(size[0]), float(size[1]))
    return start, end


def _ken_burns_size(size: Size, boxes: tuple[Box | None, Box | None], wanted: Size | None) -> Size:
    for box in _boxes(size, boxes):
        checks.box(box, "the view's box", size)
    return wanted or size


def _ken_burns(
    image: Image.Image,
    time_ms: float,
    duration_ms: float,
    boxes: tuple[Box | None, Box | None],
    size: Size | None,
    easing: Easing,
) -> Image.Image:
    progress = evaluate(easing, time_ms / duration_ms, {}, time_ms)
    start, end = _boxes(image.size, boxes)
    left, top, right, bottom = (a + (b - a) * progress for a, b in zip(start, end, strict=True))
    width, height = min(max(right - left, 1.0), image.width), min(max(bottom - top, 1.0), image.height)
    left, top = min(max(left, 0.0), image.width - width), min(max(top, 0.0), image.height - height)
    return _view(image, (left, top, left + width, top + height), size or image.size)
