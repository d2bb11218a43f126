"""An artist in front that rests: drawn once, and again by what that left or asked for, without asking the artist.

That is right as long as it is known that the artist rests and, where its pixels are put down, where it leaves any.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.spines import Spine

from panim_mpl.regions import is_tick

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.backends.backend_agg import RendererAgg

_PATIENCE = 4
"""In how many more frames than not something may have moved there lately, before an artist is drawn each time."""


def may_repeat(artist: Artist) -> bool:
    """Whether `artist` draws itself by nothing but paths and markers, as far as its kind tells."""
    return isinstance(artist, (Line2D, Patch)) and not artist.get_rasterized() and artist.get_agg_filter() is None


def may_stamp(artist: Artist) -> bool:
    """Whether `artist` is a spine or drawn as ticks are; the bounds of these, unlike those of texts, are exact."""
    return isinstance(artist, Spine) or (isinstance(artist, Line2D) and is_tick(artist.get_marker()))


class Resting:
    """An artist that rests; it is drawn once, to hear what it asks for.

    Args:
        leaf: of which `may_repeat` is true.
        renderer: where it is drawn, now and later.
    """

    def __init__(self, leaf: Artist, renderer: RendererAgg) -> None:
        listener = _Listener(renderer)
        leaf.draw(listener)  # type: ignore[arg-type]
        self._calls = listener.calls if listener.heard_all else [partial(leaf.draw, renderer)]
        self._pixels: Any = None
        self._before: Any = None
        self._after: Any = None
        self._luck = 0

    def stamp(self, pixels: Any) -> None:
        """Put `pixels` down as they were, where that is right; they are all that it can change, a view."""
        self._pixels, self._luck = pixels, _PATIENCE

    def draw(self) -> None:
        """Change the renderer's pixels, always the same, as drawing the artist would."""
        if self._luck == 0:
            self._repeat()
        elif self._before is None:
            self._before = self._pixels.copy()
            self._repeat()
            self._after = self._pixels.copy()
        elif np.array_equal(self._pixels, self._before):
            self._pixels[...] = self._after
            self._luck = min(self._luck + 1, _PATIENCE)
        else:
            self._repeat()
            self._luck -= 1

    def _repeat(self) -> None:
        for call in self._calls:
            call()


class _Listener:
    """Passes everything on to a renderer, and notes what is drawn."""

    def __init__(self, renderer: RendererAgg) -> None:
        self._renderer = renderer
        self.calls: list[Callable[[], None]] = []
        self.heard_all = True
        """Whether nothing was drawn but what `calls` draw."""

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:
        self._call(self._renderer.draw_path, gc, path, transform, rgbFace)

    def draw_markers(self, gc: Any, *args: Any, **kwargs: Any) -> None:
        self._call(self._renderer.draw_markers, gc, *args, **kwargs)

    def _call(self, draw: Callable[..., None], gc: Any, *args: Any, **kwargs: Any) -> None:
        call = partial(draw, copy(gc), *args, **kwargs)  # for what is drawn next, `gc` may be changed
        call()
        self.calls.append(call)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("draw_"):
            self.heard_all = False
        return getattr(self._renderer, name)
