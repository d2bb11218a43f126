"""An artist in front that rests, drawn once: its pixels are put down again while nothing has moved under them.

That is right as long as it is known that the artist rests, and where it can leave pixels at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.spines import Spine

from panim_mpl.regions import is_tick

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.backends.backend_agg import RendererAgg

_PATIENCE = 4
"""In how many more frames than not something may have moved there lately, before an artist is drawn each time."""


def may_stamp(artist: Artist) -> bool:
    """Whether `artist` is a spine or drawn as ticks are; the bounds of these, unlike those of texts, are exact."""
    return isinstance(artist, Spine) or (isinstance(artist, Line2D) and is_tick(artist.get_marker()))


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
            self._luck = min(self._luck + 1, _PATIENCE)
        else:
            leaf.draw(renderer)
            self._luck -= 1
        return self._luck > 0
