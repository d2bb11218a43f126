"""Frames of RGB as the planes that codecs take, of which only what has changed is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

_BLOCKS = 16384
"""Computed at a time: what they take stays in a core's cache."""

# ffmpeg's own arithmetic (libswscale, as it is on x86, where it does not ask for accurate rounding): BT.709, limited
# range, in units of 2**-15. What is added has 16 or 128 in it, and rounds.
_LUMA = (5983, 20127, 2032)
_BLUE = (-3298, -11094, 14392)
_RED = (14392, -13073, -1320)
_LUMA_OFFSET = (0x801 << 8) + (32 << 9)
_CHROMA_OFFSET = (256 << 14) + (1 << 8)


class Planes:
    """YUV 4:2:0 of frames in RGBA, whose alpha is not looked at: BT.709, limited range, chroma averaged of four pixels.

    What `ffmpeg -vf scale=out_color_matrix=bt709:out_range=tv:flags=area+full_chroma_inp` makes of them on x86, to the
    bit; elsewhere the chroma may differ by one step. A frame costs what has changed since the one before.

    Args:
        width: of the frames; even.
        height: of the frames; even.
    """

    def __init__(self, width: int, height: int) -> None:
        size = width * height
        self._half, self._rows = width // 2, height // 2
        self._known = np.zeros(size // 2, np.uint64)
        """The frame before, two pixels each."""
        self._changed = np.empty((height, self._half), bool)
        self._planes = np.empty(size * 3 // 2, np.uint8)
        self._luma = self._planes[:size].view(np.uint16)
        self._blue, self._red = np.split(self._planes[size:], 2)
        self._luma[:], self._blue[:], self._red[:] = 0x1010, 128, 128  # black, as no frame before is

    def of(self, frame: memoryview) -> memoryview:
        """The planes of the next frame, until the next call: luma, then both of chroma."""
        pairs = np.frombuffer(frame, np.uint64)
        np.not_equal(pairs.reshape(self._changed.shape), self._known.reshape(self._changed.shape), out=self._changed)
        blocks = np.flatnonzero(self._changed[0::2] | self._changed[1::2])
        for start in range(0, len(blocks), _BLOCKS):
            self._compute(pairs, blocks[start : start + _BLOCKS])
        return self._planes.data

    def _compute(self, pairs: Any, blocks: Any) -> None:
        """For the `blocks` of two by two pixels, numbered row by row, in order."""
        upper = blocks // self._half
        upper *= self._half
        upper += blocks
        lower = upper + self._half
        pixels = np.empty((2, len(blocks)), np.uint64)
        pairs.take(upper, out=pixels[0], mode="clip")
        pairs.take(lower, out=pixels[1], mode="clip")
        self._known[upper], self._known[lower] = pixels
        packed = pixels.view(np.int32)
        red, green, blue = packed & 255, packed >> 8, packed >> 16
        green &= 255
        blue &= 255
        scratch = np.empty_like(red)

        def weighted(weights: tuple[int, int, int], offset: int) -> Any:
            total = red * weights[0]
            total += np.multiply(green, weights[1], out=scratch)
            total += np.multiply(blue, weights[2], out=scratch)
            total += offset
            return total

        luma = weighted(_LUMA, _LUMA_OFFSET)
        luma >>= 15
        self._luma[upper], self._luma[lower] = luma.astype(np.uint8).view(np.uint16)
        last_row = np.searchsorted(blocks, (self._rows - 1) * self._half)
        for plane, weights in ((self._blue, _BLUE), (self._red, _RED)):
            each = weighted(weights, _CHROMA_OFFSET)
            each >>= 9
            sums = each[:, 0::2] + each[:, 1::2]
            plane[blocks] = ((sums[0] >> 5) + (sums[1] >> 5) + 4) >> 3
            if last_row < len(blocks):  # which libswscale rounds exactly
                exact = sums[:, last_row:]
                plane[blocks[last_row:]] = (exact[0] + exact[1] + 128) >> 8
