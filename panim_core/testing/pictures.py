"""The pictures that encoders are tried with, and how to tell whether what is read back shows them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from panim_core.protocols import FrameArray

COLOURS = ((200, 30, 30), (30, 160, 60), (40, 60, 220), (230, 220, 40), (20, 20, 20), (240, 240, 240))
_EDGE_PIXELS = 4
_NARROW_PIXELS, _NARROW_TOLERANCE = 16, 40  # lossy encoders let colours run into each other; these are still told apart


def pictures(size: tuple[int, int]) -> list[FrameArray]:
    """As many opaque pictures of `size` (width, height) as `COLOURS`, each with another colour in each quarter."""
    made = []
    for number in range(len(COLOURS)):
        picture = np.full((size[1], size[0], 4), 255, np.uint8)
        for place, (rows, columns) in enumerate(_quarters(size)):
            picture[rows, columns, :3] = COLOURS[(number + place) % len(COLOURS)]
        made.append(picture)
    return made


def check_frames(found: Sequence[FrameArray], expected: Sequence[FrameArray], tolerance: int, larger: bool) -> None:
    """Complain unless `found`, of 3 or 4 channels, are the `expected` of `pictures`.

    Args:
        tolerance: how far a channel may be off inside a quarter that is not narrow; 0 means every pixel, everywhere.
        larger: whether a frame may have more on its sides than its picture.
    """
    assert len(found) == len(expected), f"{len(expected)} frames were written, {len(found)} can be read"
    for number, (frame, picture) in enumerate(zip(found, expected, strict=True)):
        (height, width), (tall, wide) = picture.shape[:2], frame.shape[:2]
        came = f"frame {number} of {width}x{height} pixels came back as {wide}x{tall}"
        whole = wide >= width and tall >= height
        assert whole, f"{came}; none may be lost: pad it and say so in the notes of EncodeFacts, or refuse it in open()"
        assert larger or (wide, tall) == (width, height), f"{came}; say so in the notes of EncodeFacts"
        places = product(range(tall - height + 1), range(wide - width + 1))
        found_there = any(_off(frame[y : y + height, x : x + width], picture, tolerance) <= 0 for y, x in places)
        assert found_there, f"frame {number} shows other colours than were written, or has them elsewhere"


def _off(frame: FrameArray, picture: FrameArray, tolerance: int) -> int:
    """By how much more than it may the worst channel differs."""
    off = np.abs(frame[..., :3].astype(int) - picture[..., :3])
    if tolerance == 0:
        return int(off.max())
    worst = 0
    for rows, columns in _quarters((picture.shape[1], picture.shape[0])):
        area = off[rows, columns]
        if area.size:
            y, x = (min(_EDGE_PIXELS, (side - 1) // 2) for side in area.shape[:2])
            inside = area[y : area.shape[0] - y, x : area.shape[1] - x]
            allowed = tolerance if min(area.shape[:2]) >= _NARROW_PIXELS else max(tolerance, _NARROW_TOLERANCE)
            worst = max(worst, int(np.median(inside, axis=(0, 1)).max()) - allowed)
    return worst


def _quarters(size: tuple[int, int]) -> list[tuple[slice, slice]]:
    width, height = size
    columns = slice(0, width // 2), slice(width // 2, width)
    return [(rows, side) for rows in (slice(0, height // 2), slice(height // 2, height)) for side in columns]
