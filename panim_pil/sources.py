"""Images as sources: one that stands still, and animated files."""

from __future__ import annotations

import bisect
import io
import itertools

from PIL import Image, ImageSequence

from panim_core.errors import SettingsError
from panim_core.protocols import FrameGenerator
from panim_core.units import positive
from panim_pil.images import to_rgba

_UNSAID_MS = 100.0
"""How long a frame lasts that says nothing, or 0 ms, as browsers have it."""


class ImageFrameGenerator(FrameGenerator):
    """Shows one image all the time.

    Args:
        image: of any mode.
        duration: milliseconds.
    """

    def __init__(self, image: Image.Image, duration: float) -> None:
        if not isinstance(image, Image.Image):
            raise SettingsError(f"{image!r:.80} is a {type(image).__name__}; need a PIL image")
        self.image = to_rgba(image).copy()
        self._duration = positive(duration, "duration in milliseconds")

    @property
    def duration(self) -> float:
        return self._duration

    @property
    def frame_size(self) -> tuple[int, int]:
        return self.image.size

    def generate_at_pil(self, time_ms: float) -> Image.Image:
        return self.image


class AnimatedImageFrameGenerator(FrameGenerator):
    """Plays an opened GIF, APNG or WebP once, each frame for as long as its file says.

    Args:
        image: as `PIL.Image.open` gives it. It is read once, here, and left at the frame at which it stood.
    """

    def __init__(self, image: Image.Image) -> None:
        standing = image.tell()
        self._frame_size = image.size
        self._frames: list[bytes] = []  # PNG: lossless, and far less than pixels on the way to workers
        lasting = []
        for frame in ImageSequence.Iterator(image):
            frame.load()
            lasting.append(float(frame.info.get("duration") or _UNSAID_MS))
            encoded = io.BytesIO()
            to_rgba(frame).save(encoded, "PNG", compress_level=1)
            self._frames.append(encoded.getvalue())
        self._ends = list(itertools.accumulate(lasting))
        image.seek(standing)

    @property
    def duration(self) -> float:
        return self._ends[-1]

    @property
    def frame_size(self) -> tuple[int, int]:
        return self._frame_size

    def generate_at_pil(self, time_ms: float) -> Image.Image:
        index = min(bisect.bisect_right(self._ends, time_ms), len(self._ends) - 1)
        with Image.open(io.BytesIO(self._frames[index])) as frame:
            return to_rgba(frame).copy()
