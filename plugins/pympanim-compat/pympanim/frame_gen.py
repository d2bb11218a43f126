"""Frame generators, as in pympanim 0.1.1; they are panim's, with frames as bytes where pympanim gives bytes."""

from __future__ import annotations

from PIL import Image

from panim_core import frame_gen
from panim_core.frame_gen import (
    CroppedFrameGenerator,
    FrameGenerator,
    SequenceFrameGenerator,
    TimeDilateFrameGenerator,
    TimeRescaleExactDurationFrameGenerator,
    TimeRescaleFrameGenerator,
    TimeReverseFrameGenerator,
    img_to_bytes,
)
from panim_pil import composition, geometry
from panim_pil.image_transform import Clip
from pympanim.easing import Easing

__all__ = [
    "CroppedFrameGenerator",
    "Easing",
    "FluentFG",
    "FrameGenerator",
    "OverlayFrameGenerator",
    "RescaleFrameGenerator",
    "SequenceFrameGenerator",
    "TimeDilateFrameGenerator",
    "TimeRescaleExactDurationFrameGenerator",
    "TimeRescaleFrameGenerator",
    "TimeReverseFrameGenerator",
    "img_to_bytes",
]


class RescaleFrameGenerator(geometry.RescaleFrameGenerator):
    """`child` at `new_frame_size` (width, height) in pixels; `resample` is Pillow's."""

    frame_at = geometry.RescaleFrameGenerator.frame_at  # videos need no bytes

    def generate_at(self, time_ms: float) -> bytes:
        """The frame's RGBA bytes."""
        return img_to_bytes(self.generate_at_pil(time_ms))


class OverlayFrameGenerator(composition.OverlayFrameGenerator):
    """`overlay` over `base`, with its top left corner at `pos`, (x, y) in pixels.

    Raises:
        ValueError: it does not fit, or the durations differ.
    """

    frame_at = composition.OverlayFrameGenerator.frame_at

    def __init__(self, base: Clip, overlay: Clip, pos: tuple[int, int]) -> None:
        super().__init__(base, overlay, pos)

    def generate_at(self, time_ms: float) -> bytes:
        """The frame's RGBA bytes."""
        return img_to_bytes(self.generate_at_pil(time_ms))


class FluentFG(frame_gen.FluentFG):
    """panim's chain, with the two classes above."""

    def rescale(self, new_width: int, new_height: int, resample: int | None = None) -> FluentFG:
        """Resize every frame; `resample` is Pillow's, by default Lanczos."""
        chosen = Image.Resampling.LANCZOS if resample is None else resample
        self.apply(RescaleFrameGenerator, (new_width, new_height), chosen)
        return self

    def overlay(self, overlay: Clip, pos: tuple[int, int]) -> FluentFG:
        """Put `overlay` over the clip so far, its top left corner at `pos`."""
        self.apply(OverlayFrameGenerator, overlay, pos)
        return self
