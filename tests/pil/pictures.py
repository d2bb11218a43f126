"""Sources and formulas for the tests of pixel transforms. Formulas here are numpy's own, on floats."""

import numpy as np
from PIL import Image

from panim_core.protocols import FrameGenerator


def noise(width, height, seed=0, opaque=False):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    if opaque:
        pixels[..., 3] = 255
    return pixels


class Still(FrameGenerator):
    """Shows one array, always by the same image object, which nobody may change."""

    def __init__(self, pixels, duration=1000.0):
        self.pixels, self._duration = np.ascontiguousarray(pixels, np.uint8), duration
        self.image = Image.fromarray(self.pixels)

    @property
    def duration(self):
        return self._duration

    @property
    def frame_size(self):
        return self.pixels.shape[1], self.pixels.shape[0]

    def generate_at_pil(self, time_ms):
        return self.image


class Moving(FrameGenerator):
    """Every moment another picture: all that is drawn at a time depends on that time alone."""

    def __init__(self, width=9, height=7, duration=1000.0, seed=0):
        self._size, self._duration, self.seed = (width, height), duration, seed

    @property
    def duration(self):
        return self._duration

    @property
    def frame_size(self):
        return self._size

    def generate_at_pil(self, time_ms):
        assert 0 <= time_ms < self._duration
        pixels = noise(*self._size, seed=self.seed).astype(int)
        return Image.fromarray(((pixels + round(time_ms)) % 256).astype(np.uint8))


def flat(width, height, colour, duration=1000.0):
    return Still(np.full((height, width, 4), colour, np.uint8), duration)


def shown(source, time_ms=0.0):
    """The frame as an array of ints; it must be RGBA and of the size that was promised."""
    image = source.generate_at_pil(time_ms)
    assert image.mode == "RGBA"
    assert image.size == tuple(source.frame_size)
    return np.asarray(image).astype(int)


def premultiply(pixels):
    pixels = np.asarray(pixels, float)
    return np.dstack([pixels[..., :3] * pixels[..., 3:] / 255, pixels[..., 3]])


def straight(pixels):
    alpha = pixels[..., 3:]
    colours = np.divide(pixels[..., :3] * 255, alpha, out=np.zeros_like(pixels[..., :3]), where=alpha > 0)
    return np.dstack([colours, alpha])


def over(top, bottom):
    """Porter and Duff's over, of straight RGBA."""
    top, bottom = premultiply(top), premultiply(bottom)
    return straight(top + bottom * (1 - top[..., 3:] / 255))


def mix(first, second, share):
    """Premultiplied mean with weights 1 - share and share, straight again."""
    return straight(premultiply(first) * (1 - share) + premultiply(second) * share)


def assert_close(result, expected, tolerance=1, faint=24):
    """Equal to `tolerance`; where alpha is below `faint`, few bits of colour are left: only the product counts."""
    result, expected = np.asarray(result, float), np.asarray(expected, float)
    assert result.shape == expected.shape
    assert np.abs(result[..., 3] - expected[..., 3]).max() <= max(1, tolerance)
    assert np.abs(premultiply(result) - premultiply(expected)).max() <= tolerance + 1
    seen = expected[..., 3] >= faint
    slack = tolerance + 2 * 255 / np.maximum(expected[..., 3], 1)
    off = np.abs(result - expected)[..., :3].max(axis=2)
    assert (off[seen] <= slack[seen]).all(), off[seen].max()
