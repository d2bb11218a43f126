"""An artist in front that rests, drawn once: its pixels are put down again wherever drawing it would give the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.backends.backend_agg import RendererAgg

_PATIENCE = 4
"""How much more often something else may have moved there than not, before an artist is drawn each time."""


class Stamp:
    """What drawing an artist that rests makes of the pixels where it is."""

    def __init__(self, pixels: Any) -> None:
        self._pixels = pixels
        self._before: Any = None
        self._after: Any = None
        self._luck = _PATIENCE

    def put(self, leaf: Artist, renderer: RendererAgg) -> bool:
        """Draw `leaf`, by what drawing it gave before if that would give the same; False once that seldom is so."""
        if self._before is None:
            self._before = self._pixels.copy()
            leaf.draw(renderer)
            self._after = self._pixels.copy()
        elif np.array_equal(self._pixels, self._before):
            self._pixels[...] = self._after
            self._luck += 1
        else:
            leaf.draw(renderer)
            self._luck -= 1
        return self._luck > 0
