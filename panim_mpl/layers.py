"""Drawing only what changes: a background drawn once, and in front of it, in order, what an update may touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform, TransformedPath

from panim_mpl.changes import (
    Fingerprint,
    Watch,
    axes_state,
    axis_state,
    descendants,
    figure_state,
    has_free_ticks,
    ticking_state,
)
from panim_mpl.foreign import is_map_grid
from panim_mpl.order import Order, axis_parts, drawing_order, is_plain_axis, plain_axes
from panim_mpl.regions import NOWHERE, Region, bounds, clip_region, contains, overlap, padded, region, union
from panim_mpl.resting import SINGLE, Resting, may_repeat, may_rest, may_stamp

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from panim_core.protocols import FrameArray


class Broken(NamedTuple):
    """Why layers no longer hold."""

    leaves: bool
    """Only single artists changed that were in the background; they are in `Layers.moving` now."""


_LAID_OUT_ANEW = Broken(False)
_ARTISTS_CHANGED = Broken(True)

_NOWHERE_PATH = Path([(0, 0)])
_NO_AREA = TransformedPath(_NOWHERE_PATH, IdentityTransform())


class Snapshot:
    """A figure as it was just drawn, to tell what the next updates change."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._order = drawing_order(figure)
        self._laid_out = _Layout(self._order)
        for leaf in self._order.leaves:
            leaf.stale = False

    def changed(self) -> list[Artist] | None:
        """The leaves that are not as they were; None if more than leaves changed."""
        if not self._laid_out.still_holds():
            return None
        known = {id(leaf) for leaf in self._order.leaves}
        order = drawing_order(self._figure)
        if {id(c) for c, _ in order.containers} != {id(c) for c, _ in self._order.containers}:
            return None
        axes = {id(axis) for axis in self._laid_out.axis_states}
        return [leaf for leaf in order.leaves if id(leaf) not in known or (leaf.stale and id(leaf) not in axes)]


class _Layout:
    """Where everything is: limits, positions, ticks."""

    def __init__(self, order: Order) -> None:
        self._figures = [(c, figure_state(c)) for c, _ in order.containers if isinstance(c, (Figure, SubFigure))]
        self._axes = [(axes, axes_state(axes)) for axes in plain_axes(order)]
        shown = [axes for axes, _ in self._axes if axes.get_visible()]
        plain = [axis for axes in shown for axis in (axes.xaxis, axes.yaxis) if is_plain_axis(axis)]
        self.axis_states: dict[Axis, tuple[Any, ...]] = {axis: axis_state(axis) for axis in plain}
        self._ticking: dict[Axis, list[tuple[Any, ...]]] = {axis: ticking_state(axis) for axis in plain}
        self._free = {axis for axis in plain if has_free_ticks(axis)}
        self._rc = dict(dict.items(matplotlib.rcParams))
        for axis in plain:
            axis.stale = False

    def still_holds(self) -> bool:
        if any(figure_state(figure) != known for figure, known in self._figures):
            return False
        if any(axes_state(axes) != known for axes, known in self._axes):
            return False
        for axis, known in self.axis_states.items():
            told = axis.stale or axis in self._free or ticking_state(axis) != self._ticking[axis]
            if told and axis_state(axis) != known:
                return False
            if told:
                self._ticking[axis] = ticking_state(axis)
            axis.stale = False
        return dict.__eq__(matplotlib.rcParams, self._rc) is True


def can_layer(figure: Figure, savefig_kwargs: Mapping[str, Any]) -> bool:
    """Whether `figure` is drawn leaf by leaf at all: no composed images, nothing made transparent for saving."""
    transparent = savefig_kwargs.get("transparent")
    if transparent is None:
        transparent = matplotlib.rcParams["savefig.transparent"]
    composed = figure.suppressComposite not in (None, True)
    return figure.get_visible() and not composed and not transparent and figure.get_agg_filter() is None


class Trust(NamedTuple):
    """How far a background may go; taken back step by step when a frame was wrong."""

    open_axes: bool = True
    """Draw the parts of an axis on their own."""
    beside: bool = True
    """Keep artists in the background that come after one in motion but lie elsewhere."""


class Layers:
    """A background and what goes in front. Made right after the figure has been drawn in full."""

    def __init__(
        self,
        figure: Figure,
        dpi: float,
        savefig_kwargs: Mapping[str, Any],
        moving: Mapping[int, Artist],
        trust: Trust,
        rooms: dict[int, Region | None],
    ) -> None:
        """`moving` are the artists known to change, `rooms` where those were found that are not clipped; both by id."""
        self.figure, self.moving, self._rooms = figure, dict(moving), rooms
        width, height = figure.canvas.get_width_height()
        self.renderer = RendererAgg(width, height, dpi)  # type: ignore[no-untyped-call]
        self._pixels: FrameArray = np.asarray(self.renderer.buffer_rgba())  # type: ignore[no-untyped-call]
        plain = drawing_order(figure)
        self._opened: dict[int, Sequence[Artist]] = {}
        if trust.open_axes:
            for axes in plain_axes(plain):
                for axis in (axes.xaxis, axes.yaxis) if axes.get_visible() else ():
                    if is_plain_axis(axis):
                        self._opened[id(axis)] = axis_parts(axis)
        self._grids: list[Any] = [leaf for leaf in plain.leaves if trust.open_axes and is_map_grid(leaf)]
        self._tick_labels = {
            id(part) for parts in self._opened.values() for part in parts[:-2] if isinstance(part, Text)
        }
        self._opened |= {id(grid): grid.get_visible_children() for grid in self._grids}
        self._order = drawing_order(figure, self._opened)
        self._keys = self._order.keys()
        self._layout = _Layout(self._order)
        self._broken: Broken | None = None
        self._back: set[int] = set()
        self._granted: dict[int, Region | None] = {}
        """The room that leaves in front have got, by id."""
        self._outside: set[int] = set()
        """Legends that do not lie in their axes."""
        self._places: dict[int, Region | None] = {}
        self._front: list[Artist] = []
        self._repeating: set[int] = set()
        self._resting: dict[int, Resting] = {}
        """What rests in front, by id, if it is of those that are repeated."""
        self._watched, self._expected = Watch([]), Watch([])
        """What rests in the background, and in front."""
        self._divide(trust)
        self._draw_background(savefig_kwargs)
        self._titles = {id(t): axes for axes in plain_axes(self._order) for t in _titles(axes)}
        self._tops = {axes: _top(axes, self._order, self._opened) for axes in plain_axes(self._order)}
        self._lifted = {axes: y for axes in plain_axes(self._order) if (y := _lift(axes, self._opened)) is not None}
        self._engine = figure.get_layout_engine()
        self._boxes = {id(a): _layout_box(a, self.renderer) for a in self._front} if self._engine else {}
        self.refresh()

    # ---- making them

    def _divide(self, trust: Trust) -> None:
        """Sort the leaves into background and front, so that drawing one after the other changes no pixel."""
        before: list[Region | None] = []
        self._back.add(id(self.figure.patch))
        busy = {id(self._order.axes_of.get(key)) for key in self.moving}
        for leaf in self._order.leaves[1:]:
            rests = id(leaf) not in self.moving and may_rest(leaf)
            if rests and isinstance(leaf, Legend):  # its best place depends on what moves
                rests = id(self._order.axes_of.get(id(leaf))) not in busy
            if rests and (not before or (trust.beside and self._lies_beside(leaf, before))):
                self._back.add(id(leaf))
                continue
            self._front.append(leaf)
            if rests and may_repeat(leaf):
                self._repeating.add(id(leaf))
            self._granted[id(leaf)] = room = self._room(leaf)
            before.append(room)
        self._dirty = union(before)

    def _lies_beside(self, leaf: Artist, others: Sequence[Region | None]) -> bool:
        where = self._place(leaf)
        return where is not None and not any(overlap(where, other) for other in others)

    def _place(self, leaf: Artist) -> Region | None:
        """Where a leaf of the background is, looked up when it is first needed."""
        if id(leaf) not in self._places:
            self._places[id(leaf)] = region(leaf, self.renderer)
        return self._places[id(leaf)]

    def _room(self, leaf: Artist) -> Region | None:
        """Where `leaf` may leave pixels while these layers hold."""
        clip = clip_region(leaf)
        if clip is not None:
            return clip
        now = region(leaf, self.renderer)
        axes = self._order.axes_of.get(id(leaf))
        if isinstance(leaf, Legend) and axes is not None:  # somewhere in its axes, if not where it is
            inside = padded(bounds(axes.bbox.extents), 4)
            if not contains(inside, now):
                self._outside.add(id(leaf))
            return union([now, inside])
        if id(leaf) not in self.moving:
            return now
        known = self._rooms.get(id(leaf), NOWHERE)
        if not contains(known, now):
            if now is not None and known != NOWHERE:  # it has moved before, so it will again
                now = padded(now, 8 + 0.25 * max(now[2] - now[0], now[3] - now[1]))
            self._rooms[id(leaf)] = known = union([known, now])
        return known

    def _draw_background(self, savefig_kwargs: Mapping[str, Any]) -> None:
        figure = self.figure
        before = figure.get_facecolor(), figure.get_edgecolor()
        for name, change in (("facecolor", figure.set_facecolor), ("edgecolor", figure.set_edgecolor)):
            color = savefig_kwargs.get(name)
            if color is None:
                color = matplotlib.rcParams["savefig.facecolor" if name == "facecolor" else "savefig.edgecolor"]
            if not (isinstance(color, str) and color == "auto"):
                change(color)
        try:
            self.renderer.clear()  # type: ignore[no-untyped-call]
            figure.patch.draw(self.renderer)
        finally:
            figure.set_facecolor(before[0])
            figure.set_edgecolor(before[1])
        for leaf in self._order.leaves[1:]:
            if id(leaf) in self._back:
                leaf.draw(self.renderer)
        self._background = self._pixels.copy()

    def refresh(self) -> None:
        """Take everything as it is now for unchanged. Call it right after `check` and a full redraw of the figure.

        The pixels that `draw` gave last are overwritten.
        """
        background = [leaf for leaf in self._order.leaves if id(leaf) in self._back]
        self._watched = Watch(((leaf, part) for leaf in background for part in descendants(leaf)), self._watched)
        self._grids_known = [Fingerprint(grid) for grid in self._grids]
        expected: list[Artist] = []
        for leaf in self._front:
            leaf.stale = False
            if id(leaf) in self.moving or isinstance(leaf, Legend):
                continue
            unclipped = clip_region(leaf) is None
            if not unclipped and id(leaf) not in self._repeating:
                continue
            expected.append(leaf)
            if id(leaf) in self._resting:  # which has rested until now, and since then, all has only been drawn
                continue
            if id(leaf) not in self._repeating:
                leaf.draw(self.renderer)  # which fills its caches
                continue
            self._resting[id(leaf)] = resting = Resting(leaf, self.renderer)
            if unclipped and may_stamp(leaf) and (where := region(leaf, self.renderer)) is not None:
                resting.stamp(self._pixels.view(np.uint32)[_slices(where, self._pixels.shape)])
        self._expected = Watch((leaf, leaf) for leaf in expected)

    @property
    def keep_anything(self) -> bool:
        """Whether more rests than what is behind the whole figure."""
        return len(self._back) > 1 or bool(self._repeating)

    # ---- using them

    def draw(self) -> FrameArray | Broken:
        """The figure's pixels, until the next call; or why these layers do not show it any more."""
        broken = self.check()
        if broken is not None:
            return broken
        forget_clip_path(self.renderer)
        if self._dirty is None:
            np.copyto(self._pixels, self._background)
        else:
            part = _slices(self._dirty, self._pixels.shape)
            self._pixels[part] = self._background[part]
        for leaf in self._front:
            resting = self._resting.get(id(leaf)) if id(leaf) not in self.moving else None
            if resting is not None:
                resting.draw()
            else:
                leaf.draw(self.renderer)
        return self._pixels

    def check(self) -> Broken | None:
        """Whether the figure differs from what the layers show in other ways than in front; once it does, for good."""
        if self._broken is None:
            self._broken = self._look()
        return self._broken

    def _look(self) -> Broken | None:
        if not self._layout.still_holds() or not all(known.still_holds() for known in self._grids_known):
            return _LAID_OUT_ANEW
        if not self._background_rests():
            return _ARTISTS_CHANGED
        if not self._order.still_holds() or self._order.keys() != self._keys:
            broken = self._reorder()
            if broken is not None:
                return broken
        return self._check_front()

    def _background_rests(self) -> bool:
        """Note what has begun to move; whether the background holds."""
        changed = self._watched.changed()
        self.moving |= {id(leaf): leaf for leaf in (*changed, *self._expected.changed())}
        return not changed

    def _reorder(self) -> Broken | None:
        """Artists came, went or changed places."""
        order = drawing_order(self.figure, self._opened)
        if [id(c) for c, _ in order.containers] != [id(c) for c, _ in self._order.containers]:
            return _LAID_OUT_ANEW
        if [id(x) for x in order.leaves if id(x) in self._back] != [
            id(x) for x in self._order.leaves if id(x) in self._back
        ]:
            return _ARTISTS_CHANGED
        known = {id(leaf) for leaf in self._order.leaves}
        here = {id(leaf) for leaf in order.leaves}
        self.moving = {key: leaf for key, leaf in self.moving.items() if key in here}
        for leaf in order.leaves:
            if id(leaf) not in known:
                self.moving[id(leaf)] = leaf
                if self._engine and clip_region(leaf) is None:
                    return _LAID_OUT_ANEW
        self._order, self._keys = order, order.keys()
        self._front = [leaf for leaf in order.leaves if id(leaf) not in self._back]
        return None if all(self._stays_in_front(leaf) for leaf in self._front) else _ARTISTS_CHANGED

    def _stays_in_front(self, leaf: Artist) -> bool:
        """Give `leaf` the room that it needs; whether nothing of the background should be drawn over it there."""
        room = self._room(leaf)
        self._granted[id(leaf)] = union([self._granted.get(id(leaf), NOWHERE), room])
        self._dirty = union([self._dirty, room])
        leaves = iter(self._order.leaves)
        for other in leaves:
            if other is leaf:
                break
        return not any(id(other) in self._back and overlap(self._place(other), room) for other in leaves)

    def _check_front(self) -> Broken | None:
        self._lift_titles()
        for leaf in self._front:
            # Polar axes turn without a flag that says so.
            moves = id(leaf) in self.moving or (self._engine is not None and not isinstance(leaf, SINGLE))
            if not moves and id(leaf) in self._resting:
                continue
            clip = clip_region(leaf)
            if moves or clip is not None or id(leaf) in self._outside:
                now = clip if clip is not None else region(leaf, self.renderer)
                if not contains(self._granted[id(leaf)], now) and not self._stays_in_front(leaf):
                    return _ARTISTS_CHANGED
            if not moves:
                continue
            if clip is None and not self.layout_ignores(leaf):
                return _LAID_OUT_ANEW
            if leaf.stale and id(leaf) in self._tick_labels:  # beyond which the axis' own label stands
                return _LAID_OUT_ANEW
            axes = self._titles.get(id(leaf))
            if axes is not None and leaf.stale and not self._title_stays(leaf, axes):
                return _LAID_OUT_ANEW
        return None

    def layout_ignores(self, leaf: Artist) -> bool:
        """Whether a layout engine would place everything as it did, for all that `leaf` changed."""
        if not self._engine or not leaf.get_in_layout():
            return True
        if isinstance(leaf, (Line2D, Patch, Text)) and not leaf.stale:
            return True
        return self._boxes.get(id(leaf)) == _layout_box(leaf, self.renderer)

    def _lift_titles(self) -> None:
        """As drawing does, which puts them over the labels of a map's grid, whatever they say."""
        for axes, height in self._lifted.items():
            for title in _titles(axes):
                x, y = title.get_position()
                if y != height and title.get_text():
                    title.set_position((x, height))

    def _title_stays(self, title: Any, axes: Axes) -> bool:
        if not title.get_text() or axes in self._lifted:
            return True
        top = self._tops[axes]
        return top is not None and bool(
            title.get_position()[1] == 1.0 and title.get_window_extent(self.renderer).ymin >= top
        )


def _titles(axes: Any) -> list[Text]:
    texts = {id(text) for text in axes.texts}
    return [child for child in axes.get_children() if isinstance(child, Text) and id(child) not in texts]


def _top(axes: Axes, order: Order, opened: Mapping[int, object]) -> float | None:
    """Above which height a title need not move; None if more than the axes' upper edge could move it."""
    related = [other for other in plain_axes(order) if other.bbox.bounds == axes.bbox.bounds]
    for other in related:
        if (grids := _labelled_grids(other)) and not (grids <= opened.keys() and _title_height(other) == 1.0):
            return None
        if other.child_axes or "outline" in other.spines or other.yaxis.offsetText.get_text():
            return None
        if other.xaxis.get_ticks_position() in ("top", "unknown") or other.xaxis.get_label_position() == "top":
            return None
    return float(axes.bbox.ymax)


def _lift(axes: Axes, opened: Mapping[int, object]) -> float | None:
    """The height at which drawing a map has put its titles over the labels of its grid; None if it has not."""
    grids = _labelled_grids(axes)
    height = _title_height(axes) if grids and grids <= opened.keys() else None
    return height if height is not None and height > 1.0 else None


def forget_clip_path(renderer: Any) -> None:
    """Have Agg draw by the clip path that it is given next.

    It takes one whose vertices lie where those of the last one lay for the same. Where each frame is drawn, these are
    there until their successors are made; where frames are passed by, they are gone by then.
    """
    context = renderer.new_gc()
    context.set_clip_path(_NO_AREA)
    renderer.draw_path(context, _NOWHERE_PATH, IdentityTransform())
    context.restore()


def _labelled_grids(axes: Any) -> set[int]:
    """The `id` of each grid of a map that has labels."""
    return {id(child) for child in axes.get_children() if is_map_grid(child) and child.has_labels()}


def _title_height(axes: Axes) -> float | None:
    """Where drawing has put the titles that there are."""
    heights = {title.get_position()[1] for title in _titles(axes) if title.get_text()}
    return float(heights.pop()) if len(heights) == 1 else None


def _layout_box(leaf: Artist, renderer: Any) -> tuple[float, ...] | None:
    """The part of an artist's bounds that layouts use."""
    if not leaf.get_visible() or not leaf.get_in_layout():
        return None
    box = leaf.get_window_extent(renderer) if isinstance(leaf, SINGLE) else leaf.get_tightbbox(renderer)
    if box is None:
        return None
    if isinstance(leaf, Text) and leaf.get_figure() is not None and leaf in _titles_of(leaf):
        return (box.y0, box.y1)
    return (box.x0, box.y0, box.x1, box.y1)


def _titles_of(text: Text) -> list[Text]:
    return _titles(text.axes) if text.axes is not None else []


def _slices(where: Region, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the pixels in `where`, rows from the top."""
    height, width = shape[:2]
    left, bottom, right, top = (int(value) for value in where)
    rows = slice(max(0, height - top - 2), max(0, height - bottom + 2))
    return rows, slice(max(0, left - 2), max(0, min(width, right + 2)))
