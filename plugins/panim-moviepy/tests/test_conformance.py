import numpy as np
from moviepy import VideoClip

from panim_core.testing import RendererConformance


def picture(t):
    return np.full((9, 17, 3), (int(250 * t), 100, 50), np.uint8)


class TestMoviepy(RendererConformance):
    name = "moviepy"
    lazy_modules = ("moviepy", "numpy")

    def targets(self):
        yield VideoClip(picture, duration=1)
