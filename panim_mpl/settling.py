"""What drawing a frame leaves behind in the figure, for frames that this process does not draw.

`Animation.save` draws every frame. Some of that stays: limits are scaled lazily, a layout engine moves axes, a
quiver takes its scale from the first data that it draws. A worker that draws some frames only must bring the
same about for the others, at less than the price of drawing them.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.figure import SubFigure
from matplotlib.patches import Patch
from matplotlib.quiver import Quiver
from matplotlib.table import Table

from panim_mpl.changes import descendants
from panim_mpl.foreign import axis_of, draws_by_itself, draws_in_one_go, is_map, with_own_methods
from panim_mpl.order import drawing_order

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from panim_mpl.order import Order

_STATELESS = (
    *(
        f"matplotlib.{name}"
        for name in (
            "artist",
            "axes._base",
            "axes._secondary_axes",
            "axis",
            "collections",
            "colorbar",
            "contour",
            "figure",
        )
    ),
    *(
        f"matplotlib.{name}"
        for name in ("image", "inset", "legend", "lines", "offsetbox", "patches", "projections.polar")
    ),
    *(f"matplotlib.{name}" for name in ("projections.geo", "spines", "text")),
    *(f"mpl_toolkits.mplot3d.{name}" for name in ("art3d", "axes3d", "axis3d")),
    *("cartopy.mpl.geoaxes", "cartopy.mpl.feature_artist"),
)
"""Modules whose `draw` methods leave nothing behind that their next drawing does not make anew."""

_AT_FIRST = ("matplotlib.quiver", "cartopy.mpl.gridliner")
"""Modules whose artists settle when they are first drawn."""

_TAKE_UP_ROOM_AS_DRAWN = "matplotlib.quiver"
"""The module whose artists tell a layout engine the bounds that they had when they were last drawn."""


def settle_axes(figure: Figure, tables: bool = True) -> None:
    """Do what drawing does first: apply aspects, scale limits and norms that wait for it. Fit `tables`, as it does."""
    renderer: Any = None
    all_axes = _all_axes(figure)
    for axes in all_axes:
        locator = axes.get_axes_locator()
        if locator is not None and renderer is None:
            renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        if locator is not None:
            axes.apply_aspect(locator(axes, renderer))
        else:
            axes.apply_aspect()
    for container in (figure, *figure.subfigs):
        _scale_norms(artist for artist in container.artists if isinstance(artist, Collection))
    hidden = {id(axes) for axes in _hidden_axes(figure)}
    for axes in all_axes:
        if id(axes) not in hidden:
            _ = axes.viewLim  # getting it scales it, maybe to round numbers, by how wide the axes are
        if is_map(axes) and axes.get_autoscale_on() and axes.ignore_existing_data_limits:
            axes.autoscale_view()
            axes.ignore_existing_data_limits = False
        if hasattr(axes, "get_proj") and figure.get_layout_engine() is None:  # else layout goes by the one before
            axes.M = axes.get_proj()  # which scripts project by
        _scale_norms([*axes.collections, *axes.images] if axes.get_visible() else [])
        for table in axes.tables if tables else ():
            if table.get_visible() and axes.get_visible():
                table.get_window_extent(renderer)  # which makes its text smaller where that must fit


def _scale_norms(artists: Iterable[Any]) -> None:
    for mapped in artists:
        if mapped.get_visible() and not mapped.norm.scaled() and _is_mapped(mapped.get_array()):
            mapped.autoscale_None()


def fits_of_tables(figure: Figure) -> list[list[tuple[float, ...]]]:
    """The sizes of cells and their texts, which drawing a table may change."""
    return [
        [(cell.get_fontsize(), cell.get_width(), cell.get_height()) for cell in table.get_celld().values()]
        for axes in _all_axes(figure)
        for table in axes.tables
    ]


def _is_mapped(values: Any) -> bool:
    return values is not None and (values.ndim < 3 or values.shape[-1] not in (3, 4))  # else they are colours


def _all_axes(figure: Figure) -> list[Any]:
    found: list[Any] = list(figure.axes)
    for axes in found:
        found += [child for child in axes.child_axes if child not in found]
    return found


def _hidden_axes(figure: Figure | SubFigure, hidden: bool = False) -> Iterator[Any]:
    """Those that drawing leaves out, with what is in them."""
    for part in figure.subfigs:
        yield from _hidden_axes(part, hidden or not part.get_visible())
    axes: list[tuple[Any, bool]] = [(each, hidden) for each in figure.axes]
    for each, within in axes:
        out = within or not each.get_visible() or each.get_animated()
        axes += [(child, out) for child in each.child_axes]
        if out:
            yield each


def _shown_axes(figure: Figure) -> list[Any]:
    hidden = {id(axes) for axes in _hidden_axes(figure)}
    return [axes for axes in _all_axes(figure) if id(axes) not in hidden]


def draws_every_frame(figure: Figure) -> bool:
    """Whether each frame must be drawn, even one that is shown to nobody."""
    settler = Settler(figure)
    settler.look()
    return settler.every_frame


class Settler:
    """Knows what is in a figure, and which of it must be drawn to settle."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._order: Order | None = None
        self._keys: list[tuple[float, bool, object]] = []
        self._known: dict[int, Artist] = {}
        self.tables = False
        """Whether there are any."""
        self._closed: list[tuple[Artist, list[Artist]]] = []
        """What is drawn as one, such as polar axes and legends, each with the children that it had."""
        self._own: set[int] = set()
        self._in_3d = False
        self.takes_up_room_as_drawn = False
        """Whether a layout must be followed by drawing, for the next one to be as while saving."""
        self._with_own_methods: list[int] = []
        self._quivers: list[Any] = []
        self._every_frame = draws_by_itself(figure)

    @property
    def own(self) -> bool:
        """Whether there are artists that code which is not matplotlib's draws, each on its own."""
        return bool(self._own)

    @property
    def every_frame(self) -> bool:
        """Whether each frame must be drawn, because code that is not matplotlib's takes part in drawing the rest.

        Or because of how it is laid out.
        """
        own = self._every_frame or (self.own and self._figure.get_layout_engine() is not None)
        return own or self.laid_out_by_drawing

    @property
    def laid_out_by_drawing(self) -> bool:
        """Whether the layout depends on how the figure was drawn before, as 3-D axes tell their bounds by that."""
        return self._in_3d and self._figure.get_layout_engine() is not None

    def look(self) -> bool:
        """Notice what has been added; whether any of it settles when it is first drawn. The whole figure does."""
        self._every_frame = self._every_frame or _listens_to_drawing(self._figure)
        if self._order is not None and self._holds(self._order):
            # Drawing finds a scale where there is none.
            return any(quiver.scale is None and quiver.get_visible() for quiver in self._quivers)
        known, first = self._known, self._order is None
        self._order = drawing_order(self._figure)
        self._keys = self._order.keys()
        self._closed = []
        parts = [*(container for container, _ in self._order.containers), *self._inside(self._order.leaves)]
        self._known = {id(part): part for part in parts}
        new = [part for key, part in self._known.items() if key not in known]
        tables = {id(leaf) for leaf in new if isinstance(leaf, Table) and _settles_as_table(leaf)}
        self.tables = self.tables or bool(tables)
        self._with_own_methods = with_own_methods(self._known.values())
        self._quivers = [part for part in parts if isinstance(part, Quiver)]
        self._in_3d = any(hasattr(part, "get_proj") for part in parts)
        self.takes_up_room_as_drawn = any(_drawn_by(part) == _TAKE_UP_ROOM_AS_DRAWN for part in parts)
        by_themselves = {id(part) for part in parts if draws_by_itself(part)}
        self._own = {id(part) for part in _drawn_singly(self._order.leaves) if draws_in_one_go(part)}
        kinds = {_drawn_by(leaf) for leaf in new if id(leaf) not in tables | self._own}
        if not by_themselves <= self._own or not all(
            kind in _STATELESS or kind in _AT_FIRST or kind.startswith("mpl_toolkits.mplot3d") for kind in kinds
        ):
            self._every_frame = True
        return first or not kinds.isdisjoint(_AT_FIRST)

    def make_ticks(self) -> None:
        """As many as drawing makes: what is set for all of them later, those are set to that are not shown then."""
        for axes in _shown_axes(self._figure):
            for axis in axis_of(axes) if axes.axison else ():
                if axis.get_visible():
                    axis.get_major_ticks(len(axis.get_majorticklocs()))
                    axis.get_minor_ticks(len(axis.get_minorticklocs()))

    def map_colours(self) -> None:
        """As drawing does, for who asks collections which they have."""
        for axes in _shown_axes(self._figure):
            for collection in axes.collections:
                if collection.get_visible():
                    collection.update_scalarmappable()

    def draw_own(self, renderer: Any, saving: bool) -> None:
        """Draw the `own` artists as drawing the figure would, and nothing else; animated ones only while `saving`."""
        saving = saving or self._figure.canvas.is_saving()
        for part in _drawn_singly(drawing_order(self._figure).leaves):
            if id(part) in self._own:
                if saving or not part.get_animated():
                    part.draw(renderer)
            elif hasattr(part, "get_proj") and part.get_visible() and self._own & set(map(id, part.get_children())):
                _project(part)

    def _holds(self, order: Order) -> bool:
        return (
            order.still_holds()
            and order.keys() == self._keys
            and all(part.get_children() == children for part, children in self._closed)
            and self._with_own_methods == with_own_methods(self._known.values())
        )

    def _inside(self, leaves: Iterable[Artist]) -> Iterator[Artist]:
        """The leaves, and what is drawn by them."""
        for leaf in leaves:
            if isinstance(leaf, (Axes, SubFigure)):
                self._closed.append((leaf, leaf.get_children()))
                yield leaf
                yield from self._inside(self._closed[-1][1])
            elif isinstance(leaf, Table):
                yield leaf
            elif isinstance(leaf, Axis):
                yield from (leaf, leaf.label, leaf.offsetText)
            else:
                for part in descendants(leaf):
                    if type(part).get_children is not Artist.get_children:
                        self._closed.append((part, list(part.get_children())))
                    yield part


def _drawn_singly(leaves: Iterable[Artist]) -> Iterator[Artist]:
    """What drawing calls one by one, in order: leaves, and what is in axes that are drawn as one."""
    for leaf in leaves:
        yield leaf
        if isinstance(leaf, Axes) and leaf.get_visible() and not draws_by_itself(leaf):
            yield from _drawn_singly(sorted(leaf.get_children(), key=lambda child: child.get_zorder()))


def _project(axes: Any) -> None:
    """What 3-D axes do before they draw their children: project them, and order them by depth."""
    parts = [part for part in axes.get_children() if isinstance(part, (Collection, Patch)) and part.get_visible()]
    shown: list[Any] = [part for part in parts if hasattr(part, "do_3d_projection")]
    depths = {id(part): part.do_3d_projection() for part in shown}
    if axes.computed_zorder:
        first = max(axis.get_zorder() for axis in (axes.xaxis, axes.yaxis, axes.zaxis)) + 1
        zorders = {Collection: itertools.count(first), Patch: itertools.count(first)}
        for part in sorted(shown, key=lambda part: depths[id(part)], reverse=True):
            part.zorder = next(zorders[Collection if isinstance(part, Collection) else Patch])


def _settles_as_table(table: Table) -> bool:
    return (
        table.axes is not None
        and table in table.axes.tables
        and _drawn_by(table) == "matplotlib.table"
        and {_drawn_by(cell) for cell in table.get_celld().values()} <= {"matplotlib.table"}
    )


def _drawn_by(artist: Artist) -> str:
    return str(type(artist).draw.__module__)


def _listens_to_drawing(figure: Figure) -> bool:
    animation = sys.modules.get("matplotlib.animation")
    callbacks = [proxy() for proxy in figure.canvas.callbacks.callbacks.get("draw_event", {}).values()]
    owners = [getattr(callback, "__self__", None) for callback in callbacks if callback is not None]
    others = [owner for owner in owners if not type(owner).__module__.startswith("panim_mpl.")]
    return any(animation is None or not isinstance(owner, animation.Animation) for owner in others)
