"""Workers against frames per second as a picture, drawn with numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from panim_core.protocols import FrameGenerator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from panim_core.autotune.survey import Look

_PAPER, _INK, _BAR, _CHOSEN = (255, 255, 255), (60, 60, 60), (150, 175, 205), (35, 130, 75)
_SCALE = 3
_GLYPHS = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# ..# ..#",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    ".": "... ... ... ... .#.",
    "f": ".## #.. ### #.. #..",
    "p": "##. #.# ##. #.. #..",
    "s": ".## #.. .#. ..# ##.",
    "w": "#.# #.# #.# ### #.#",
    "o": "... ### #.# #.# ###",
    "r": "... ### #.. #.. #..",
    "k": "#.# #.# ##. #.# #.#",
    "e": "### #.. ##. #.. ###",
}
"""Letters of 3 by 5 dots: those of "workers" and "fps"."""


class TuningPlot(FrameGenerator):
    """A bar for each number of workers, frames per second above it, the chosen one in another colour.

    Args:
        looks: what was measured.
        chosen: the number of workers that was chosen.
    """

    duration = 1.0
    frame_size = (640, 360)
    fps = 30

    def __init__(self, looks: Sequence[Look], chosen: int) -> None:
        self.looks, self.chosen = list(looks), chosen

    def generate_at(self, time_ms: float) -> NDArray[np.uint8]:
        """The picture."""
        import numpy as np

        width, height = self.frame_size
        pixels = np.full((height, width, 3), _PAPER, np.uint8)
        left, right, top, bottom = 20, width - 20, 50, height - 50
        fastest = max(look.frames_per_second for look in self.looks)
        step = (right - left) / len(self.looks)
        for number, look in enumerate(self.looks):
            colour = _CHOSEN if look.workers == self.chosen else _BAR
            x0, x1 = int(left + (number + 0.15) * step), int(left + (number + 0.85) * step)
            y = bottom - round((bottom - top) * look.frames_per_second / fastest)
            pixels[y:bottom, x0:x1] = colour
            _write(pixels, f"{look.frames_per_second:.3g}", (x0 + x1) // 2, y - 20)
            _write(pixels, str(look.workers), (x0 + x1) // 2, bottom + 8)
        pixels[bottom : bottom + 2, left:right] = _INK
        _write(pixels, "fps", left + 18, 12)
        _write(pixels, "workers", width // 2, height - 20)
        return pixels


def _write(pixels: NDArray[np.uint8], text: str, centre: int, top: int) -> None:
    x = centre - 2 * _SCALE * len(text)
    for letter in text:
        for row, dots in enumerate(_GLYPHS.get(letter, "").split()):
            for column, dot in enumerate(dots):
                if dot == "#":
                    at_x, at_y = x + column * _SCALE, top + row * _SCALE
                    pixels[at_y : at_y + _SCALE, at_x : at_x + _SCALE] = _INK
        x += 4 * _SCALE
