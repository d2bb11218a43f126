"""What needs the pixels of several moments."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PIL import Image

from panim_core.frame_gen import WrapperFrameGenerator
from panim_core.protocols import FrameGenerator
from panim_core.units import positive
from panim_pil import checks
from panim_pil.image_transform import Clip
from panim_pil.images import image_at, is_opaque

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class SupersampleFrameGenerator(WrapperFrameGenerator):
    """Motion blur: show the mean of several moments, as a camera does whose shutter stays open.

    Args:
        child: what is filmed.
        exposure: how long the shutter is open, in milliseconds, from the time of the frame on. At 30 frames per second,
            1000 / 30 is a shutter that never closes, half of that the usual look of film.
        samples: how many moments to draw, 2 to 256, evenly spread over the exposure. The last instant of the clip
            stands for what lies behind its end.
    """

    def __init__(self, child: Clip, exposure: float = 1000 / 60, samples: int = 5) -> None:
        self.exposure = positive(exposure, "exposure in milliseconds")
        self.samples = checks.whole(samples, "samples", 2, 256)
        super().__init__(child)

    def adopt(self, children: tuple[FrameGenerator, ...]) -> None:
        super().adopt(children)
        self.child = children[0]

    def moments(self, time_ms: float) -> list[float]:
        """The child's times whose mean is the frame at `time_ms`, rising."""
        last = math.nextafter(self.child.duration, 0.0)
        return [min(last, time_ms + self.exposure * i / self.samples) for i in range(self.samples)]

    def advance(self, time_ms: float) -> None:
        for moment in self.moments(time_ms):
            self.child.advance(moment)

    def generate_at_pil(self, time_ms: float) -> Image.Image:
        return mean((image_at(self.child, moment) for moment in self.moments(time_ms)), self.samples)


def mean(images: Iterable[Image.Image], count: int) -> Image.Image:
    """The mean of `count` RGBA images, 1 to 256, weighted by their alpha."""
    import numpy as np

    mode = "RGBA"
    total: NDArray[np.uint16] | None = None
    for image in images:
        if not is_opaque(image):  # what is opaque is premultiplied as it is
            image, mode = image.convert("RGBa"), "RGBa"
        if total is None:
            total = np.full((image.height, image.width, 4), count // 2, np.uint16)
        total += np.asarray(image)
    if total is None:
        raise ValueError("the mean of no image")
    total //= count
    averaged = Image.frombuffer(mode, total.shape[1::-1], total.astype(np.uint8).tobytes(), "raw", mode, 0, 1)
    return averaged.convert("RGBA")
