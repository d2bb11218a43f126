"""Each transform puts the colours of every frame through one function of scikit-image; alpha stays, or moves along.

What is not seen has no say: a wholly transparent pixel counts as the nearest one that is seen, or as black.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage import exposure, filters, restoration, segmentation, transform
from skimage.color import rgb2gray

from panim_core import FrameGenerator, SettingsError
from panim_core.drawing import to_array
from panim_core.frame_gen import WrapperFrameGenerator

Pixels = NDArray[np.float64]


class ArrayTransform(WrapperFrameGenerator):
    """Each frame of `child` put through `function`: floats in 0..1, shape (height, width, 4) -> the same."""

    child: FrameGenerator

    def __init__(self, child: FrameGenerator, function: Callable[[Pixels], Pixels]) -> None:
        self.function = function
        super().__init__(child)

    def adopt(self, children: tuple[FrameGenerator, ...]) -> None:
        """Take the child."""
        super().adopt(children)
        self.child = children[0]

    def generate_at(self, time_ms: float) -> Any:
        """The changed frame: uint8, shape (height, width, 4)."""
        pixels = to_array(self.child.frame_at(time_ms), self.child.frame_size) / 255.0
        return np.rint(np.clip(self.function(pixels), 0, 1) * 255).astype(np.uint8)


def _with_colours(pixels: Pixels, colours: Pixels) -> Pixels:
    return np.dstack([colours, pixels[..., 3]])


def _premultiplied(pixels: Pixels) -> Pixels:
    return pixels[..., :3] * pixels[..., 3:]


def _seen(pixels: Pixels) -> Pixels:
    """The colours; where a pixel is wholly transparent, that of the nearest one that is not."""
    hidden = pixels[..., 3] == 0
    if hidden.all():
        return np.zeros_like(pixels[..., :3])
    if not hidden.any():
        return pixels[..., :3]
    rows, columns = ndimage.distance_transform_edt(hidden, return_distances=False, return_indices=True)
    return pixels[rows, columns, :3]


def swirl(clip: FrameGenerator, strength: float = 3.0, radius: float | None = None) -> FrameGenerator:
    """Turn the picture around its centre, most in the middle (`skimage.transform.swirl`).

    Args:
        clip: what to change.
        strength: how far the middle turns; negative for the other way.
        radius: how far from the centre it reaches, in pixels; by default half the smaller side.
    """
    reach = radius if radius is not None else min(clip.frame_size) / 2
    if reach <= 0:
        raise SettingsError(f"swirl radius = {radius!r}: need pixels above 0")
    return ArrayTransform(clip, partial(_swirl, strength=strength, radius=reach))


def _swirl(pixels: Pixels, strength: float, radius: float) -> Pixels:
    premultiplied = _with_colours(pixels, _premultiplied(pixels))
    turned: Pixels = transform.swirl(premultiplied, strength=strength, radius=radius, mode="edge")
    alpha = turned[..., 3:]
    colours = np.divide(turned[..., :3], alpha, out=np.zeros_like(turned[..., :3]), where=alpha > 0)
    return np.dstack([colours, alpha])


def edges(clip: FrameGenerator, gain: float = 4.0) -> FrameGenerator:
    """White edges on black, found by the Sobel filter of the luminance (`skimage.filters.sobel`), times `gain`.

    What is transparent counts as black.
    """
    if gain <= 0:
        raise SettingsError(f"edges gain = {gain!r}: need a number above 0")
    return ArrayTransform(clip, partial(_edges, gain=gain))


def _edges(pixels: Pixels, gain: float) -> Pixels:
    found = filters.sobel(rgb2gray(_premultiplied(pixels))) * gain
    return _with_colours(pixels, np.dstack([found] * 3))


def equalize(clip: FrameGenerator, clip_limit: float = 0.01) -> FrameGenerator:
    """Raise local contrast (CLAHE, `skimage.exposure.equalize_adapthist`); `clip_limit` in 0..1, higher is stronger."""
    if not 0 < clip_limit <= 1:
        raise SettingsError(f"equalize clip_limit = {clip_limit!r}: need a number above 0, at most 1")
    return ArrayTransform(clip, partial(_equalize, clip_limit=clip_limit))


def _equalize(pixels: Pixels, clip_limit: float) -> Pixels:
    return _with_colours(pixels, exposure.equalize_adapthist(_seen(pixels), clip_limit=clip_limit))


def superpixels(clip: FrameGenerator, count: int = 200, compactness: float = 10.0) -> FrameGenerator:
    """About `count` patches of one colour each, along the picture's own edges (SLIC, `skimage.segmentation.slic`).

    A patch's colour is the mean of its pixels by their alpha.
    """
    if count < 1:
        raise SettingsError(f"superpixels count = {count!r}: need a whole number from 1")
    return ArrayTransform(clip, partial(_superpixels, count=count, compactness=compactness))


def _superpixels(pixels: Pixels, count: int, compactness: float) -> Pixels:
    colours, alpha = _seen(pixels), pixels[..., 3:]
    patches = np.zeros_like(colours)
    labels = segmentation.slic(colours, n_segments=count, compactness=compactness, start_label=1)
    for label in np.unique(labels):
        own = labels == label
        weights = alpha[own]
        if weights.any():
            patches[own] = (colours[own] * weights).sum(axis=0) / weights.sum()
    return _with_colours(pixels, patches)


def denoise(clip: FrameGenerator, weight: float = 0.1) -> FrameGenerator:
    """Smooth areas and keep edges (total variation, `skimage.restoration.denoise_tv_chambolle`)."""
    if weight <= 0:
        raise SettingsError(f"denoise weight = {weight!r}: need a number above 0")
    return ArrayTransform(clip, partial(_denoise, weight=weight))


def _denoise(pixels: Pixels, weight: float) -> Pixels:
    smooth = restoration.denoise_tv_chambolle(_seen(pixels), weight=weight, channel_axis=-1)
    return _with_colours(pixels, smooth)
