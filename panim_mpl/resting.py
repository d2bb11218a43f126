"""An artist in front that rests: drawn once, and again by what that left or asked for, without asking the artist.

That is right as long as it is known that the artist rests and, where its pixels are put down, where it leaves any.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.image import AxesImage, FigureImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import ConnectionPatch, FancyArrowPatch, FancyBboxPatch, Patch
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text
from matplotlib.transforms import TransformNode

from panim_mpl.changes import descendants
from panim_mpl.foreign import draws_by_itself, draws_with_others, is_known_module
from panim_mpl.order import is_plain
from panim_mpl.regions import is_tick

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg

_PATIENCE = 4
"""In how many more frames than not something may have moved there lately, before an artist is drawn each time."""

SINGLE = (Line2D, Patch, Collection, Text, AxesImage, FigureImage, Legend)
"""Artists that say when they change; others, such as polar axes, are made of parts that may change unsaid."""


def may_rest(leaf: Artist) -> bool:
    """Whether it can be told that `leaf` has not changed: a kind of matplotlib's, placed by nothing but itself."""
    drawn_by = str(type(leaf).draw.__module__)
    if not is_known_module(drawn_by) or (drawn_by.startswith("mpl_toolkits.") and not drawn_by.endswith(".art3d")):
        return False
    parts = [*descendants(leaf), getattr(leaf, "arrow_patch", None), isinstance(leaf, Text) and leaf.get_bbox_patch()]
    if any(draws_by_itself(part) or draws_with_others(part) for part in parts if isinstance(part, Artist)):
        return False
    if isinstance(leaf, Annotation):
        return all(isinstance(c, (str, tuple)) for c in (leaf.xycoords, leaf.anncoords)) and _plain_coords(leaf)
    if isinstance(leaf, ConnectionPatch):
        return _connects_watched(leaf)
    return isinstance(leaf, SINGLE) and not (leaf.is_transform_set() and _is_projected(leaf.get_transform()))


def _connects_watched(patch: Any) -> bool:
    """Whether nothing places `patch` but axes whose layout is watched."""
    ends = [axes for axes in (patch.axesA, patch.axesB) if axes is not None]
    plain = isinstance(patch.coords1, str) and isinstance(patch.coords2, str) and not (patch.patchA or patch.patchB)
    return plain and all(
        is_plain(axes) and axes.get_visible() and not axes.get_animated() and axes.figure is patch.figure
        for axes in ends
    )


def _is_projected(transform: TransformNode) -> bool:
    """Whether `transform` is one of polar axes, which looks at them."""
    parts = [part for part in vars(transform).values() if isinstance(part, TransformNode)]
    return type(transform).__module__.startswith("matplotlib.projections.") or any(map(_is_projected, parts))


def _plain_coords(note: Annotation) -> bool:
    parts = [p for c in (note.xycoords, note.anncoords) for p in (c if isinstance(c, tuple) else (c,))]
    return all(isinstance(part, str) for part in parts)


def may_repeat(artist: Artist) -> bool:
    """Whether `artist` draws itself by nothing but paths and markers, and only by what it holds, as its kind tells."""
    if not isinstance(artist, (Line2D, Patch)) or isinstance(artist, (FancyArrowPatch, FancyBboxPatch)):
        return False
    return not artist.get_rasterized() and artist.get_agg_filter() is None


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
