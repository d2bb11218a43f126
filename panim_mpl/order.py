"""In which order a figure draws its artists: matplotlib's own order, with figures and axes opened up.

`Figure.draw` and `Axes.draw` draw their children by zorder. Written out as one list of *leaves*, drawing each
leaf in turn gives the same pixels as drawing the figure, and part of the list can be drawn on its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis, YAxis
from matplotlib.figure import Figure, SubFigure

from panim_mpl.foreign import is_map, scales_by_function

if TYPE_CHECKING:
    from matplotlib.artist import Artist

_TICK_TOLERANCE = 1e-10
"""How far outside of the view, relative to it, matplotlib still draws a tick."""

Container = Figure | SubFigure | Axes


class Order(NamedTuple):
    """A figure written out."""

    leaves: list[Artist]
    """In drawing order."""
    containers: list[tuple[Container, list[Artist]]]
    """Those that were opened up, each with the children that it had."""
    axes_of: dict[int, Axes]
    """The opened axes that a leaf belongs to, by the leaf's `id`."""

    def still_holds(self) -> bool:
        """Whether every container has the same children. See `keys` for what else counts."""
        return all(container.get_children() == children for container, children in self.containers)

    def keys(self) -> list[tuple[float, bool, object]]:
        """What the order depends on besides: zorders of all children, which are hidden or animated, and frames."""
        return [
            (artist.zorder, artist.get_animated(), isinstance(artist, Axes) and _shown(artist))
            for _, children in self.containers
            for artist in children
        ]


def _shown(axes: Axes) -> tuple[bool, ...]:
    return (axes.get_visible(), *((axes.axison, axes.get_frame_on()) if is_plain(axes) else ()))


def is_plain(axes: Axes) -> bool:
    """Whether `axes` draws as `Axes.draw` says: no way of its own, no filter over all of it."""
    return (type(axes).draw is Axes.draw or is_map(axes)) and axes.get_agg_filter() is None


def is_plain_axis(axis: Axis) -> bool:
    """Whether `axis` draws its ticks, its label and its offset text, one after the other."""
    return type(axis) in (XAxis, YAxis) and axis.get_agg_filter() is None and not scales_by_function(axis)


def drawing_order(figure: Figure, opened: Mapping[int, Sequence[Artist]] = {}) -> Order:
    """The leaves of `figure` as `savefig` draws them.

    Args:
        figure: as it is after its aspects were applied.
        opened: by `id` of an axis, the parts that stand for it; see `axis_parts`.
    """
    order = Order([], [], {})
    _open_figure(figure, order, opened)
    return order


def _open_figure(figure: Figure | SubFigure, order: Order, opened: Mapping[int, Sequence[Artist]]) -> None:
    children = figure.get_children()
    order.containers.append((figure, children))
    if not figure.get_visible():
        return
    order.leaves.append(figure.patch)
    rest = [a for a in children if a is not figure.patch and not a.get_animated()]
    for artist in sorted(rest, key=lambda a: a.get_zorder()):
        if isinstance(artist, Axes) and is_plain(artist):
            _open_axes(artist, order, opened)
        elif type(artist) is SubFigure and artist.get_agg_filter() is None:
            _open_figure(artist, order, opened)
        else:
            order.leaves.append(artist)


def _open_axes(axes: Axes, order: Order, opened: Mapping[int, Sequence[Artist]]) -> None:
    children = axes.get_children()
    order.containers.append((axes, children))
    if not axes.get_visible():
        return
    framed = axes.axison and axes.get_frame_on()
    hidden = {id(axes.patch)}
    if not framed:
        hidden.update(id(spine) for spine in axes.spines.values())
    if not axes.axison:
        hidden.update((id(axes.xaxis), id(axes.yaxis)))
    leaves: list[Artist] = [axes.patch] if framed else []
    leaves += sorted((a for a in children if id(a) not in hidden), key=lambda a: a.zorder)
    for artist in leaves:
        if isinstance(artist, Axes) and is_plain(artist):
            _open_axes(artist, order, opened)
            continue
        for part in opened.get(id(artist), (artist,)):
            order.leaves.append(part)
            order.axes_of[id(part)] = axes


def plain_axes(order: Order) -> Iterator[Axes]:
    """The axes that were opened up."""
    return (container for container, _ in order.containers if isinstance(container, Axes))


def axis_parts(axis: Axis) -> list[Artist]:
    """What a plain `axis` drew when it was last drawn, in order: the parts of its ticks, its label, its offset text."""
    if not axis.get_visible():
        return []
    parts: list[Artist] = []
    transform = axis.get_transform()
    low, high = sorted(transform.transform(np.asarray(axis.get_view_interval(), float)))
    margin = (high - low) * _TICK_TOLERANCE
    for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
        if tick.get_visible() and low - margin <= float(transform.transform(tick.get_loc())) <= high + margin:
            parts += [tick.gridline, tick.tick1line, tick.tick2line, tick.label1, tick.label2]
    return [*parts, axis.label, axis.offsetText]
