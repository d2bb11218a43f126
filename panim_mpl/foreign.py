"""Code that is not matplotlib's and runs while a figure is drawn: it may see anything, and leave anything behind.

But for cartopy's maps, which are known here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import FuncNorm
from matplotlib.figure import Figure, SubFigure
from matplotlib.transforms import TransformNode

_MATPLOTLIB = ("matplotlib.", "mpl_toolkits.")
_MAP_AXES, _MAP_GRID = "cartopy.mpl.geoaxes", "cartopy.mpl.gridliner"
_MAPS = (_MAP_AXES, _MAP_GRID, "cartopy.mpl.contour", "cartopy.mpl.feature_artist", "cartopy.mpl.geocollection")
"""Modules of cartopy whose artists are drawn as matplotlib's are, and leave as little behind: its code was read for
that, and tests/mpl/test_maps.py tests it."""
_ASKED_FOR = ("get_", "draw", "update_", "_")
_CALLED = (
    *("apply_aspect", "do_3d_projection", "make_image", "recache", "set_offset", "to_rgba"),
    "update_scalarmappable",
)
"""How the names of methods begin that are called while drawing, and others that are."""
_STYLES = ("get_boxstyle", "get_arrowstyle", "get_connectionstyle")
_WHEN_MADE = ("_gen_axes_", "__")
_CALLED_ONCE = {"draw", "do_3d_projection"}
"""Methods that every drawing of a figure calls once, and nothing else does."""
_OF_INSTANCES = {"draw", *_CALLED}
"""Methods that are looked for in artists themselves, too."""

_known: dict[type, set[str]] = {}


def draws_by_itself(artist: Artist) -> bool:
    """Whether `artist` is drawn by a method of its own, or one that is called meanwhile."""
    return bool(_own_methods(artist))


def with_own_methods(artists: Iterable[Artist]) -> list[int]:
    """The `id` of those that have such methods themselves, which may come at any time, and not by their class."""
    return [id(artist) for artist in artists if not vars(artist).keys().isdisjoint(_OF_INSTANCES)]


def draws_in_one_go(artist: Artist) -> bool:
    """Whether `artist` is drawn by a method of its own, and by such when it is drawn itself and at no other time."""
    own = _own_methods(artist)
    return bool(own) and own <= _CALLED_ONCE and not isinstance(artist, (Figure, SubFigure, Axes, Axis))


def _own_methods(artist: Artist) -> set[str]:
    kind = type(artist)
    if kind not in _known:
        _known[kind] = _overridden(kind)
    return _known[kind] | (_OF_INSTANCES & vars(artist).keys())


def _overridden(kind: type) -> set[str]:
    own = [base for base in kind.__mro__ if not is_known(base) and base is not object]
    theirs = [base for base in kind.__mro__ if is_known(base)]
    return {
        name
        for base in own
        for name, value in vars(base).items()
        if (callable(value) or isinstance(value, property))
        and not name.startswith(_WHEN_MADE)
        and (name in _CALLED or (name.startswith(_ASKED_FOR) and any(hasattr(base, name) for base in theirs)))
    }


def draws_with_others(artist: Any) -> bool:
    """Whether drawing `artist` calls a filter, or an own path effect, style, norm, colour map, scale or transform."""
    if isinstance(getattr(artist, "norm", None), FuncNorm) or any(map(scales_by_function, axis_of(artist.axes))):
        return True
    used = [*(artist.get_path_effects() or ()), getattr(artist, "norm", None), getattr(artist, "cmap", None)]
    used += [getattr(artist, name)() for name in _STYLES if hasattr(artist, name)]
    if artist.get_agg_filter() is not None or not all(part is None or is_known(type(part)) for part in used):
        return True
    return artist.is_transform_set() and not _is_plain_transform(artist.get_transform(), 4)


def scales_by_function(axis: Axis) -> bool:
    """Whether functions place what is on `axis`: what they look at cannot be seen."""
    return axis.get_scale().startswith("function")


def axis_of(axes: Any) -> list[Axis]:
    """The two of `axes`, or three; none of None."""
    names = ("xaxis", "yaxis", "zaxis")
    return [getattr(axes, name) for name in names if hasattr(axes, name)]


def _is_plain_transform(node: TransformNode, depth: int) -> bool:
    parts = [part for part in vars(node).values() if isinstance(part, TransformNode)] if depth else []
    return is_known(type(node)) and all(_is_plain_transform(part, depth - 1) for part in parts)


def is_known(kind: type) -> bool:
    """Whether drawing something of that `kind` calls no code but matplotlib's, or such as is known here."""
    return is_known_module(kind.__module__)


def is_known_module(name: str) -> bool:
    """Whether what the module of that `name` defines is matplotlib's, or as good."""
    return name.startswith(_MATPLOTLIB) or (name in _MAPS and _maps_are_as_read())


def is_map(axes: Axes) -> bool:
    """Whether `axes` are cartopy's, and drawn as `Axes.draw` says once limits and aspect are settled."""
    kind: Any = type(axes)
    return kind.draw.__module__ == _MAP_AXES and _maps_are_as_read() and not axes.img_factories  # type: ignore[attr-defined]


def is_map_grid(artist: Any) -> bool:
    """Whether `artist` draws the grid of a map and its labels."""
    return type(artist).__module__ == _MAP_GRID and isinstance(artist, Artist)


def _maps_are_as_read() -> bool:
    """Before cartopy 0.23 axes drew their grids themselves."""
    gridliner: Any = sys.modules.get(_MAP_GRID)
    return gridliner is None or issubclass(gridliner.Gridliner, Artist)
