"""Noticing what an update changed: by the stale flags that matplotlib sets, and where it sets none by looking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import is_
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from matplotlib import ticker
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.markers import MarkerStyle
from matplotlib.patches import ArrowStyle, BoxStyle, ConnectionStyle, Patch
from matplotlib.path import Path
from matplotlib.patheffects import AbstractPathEffect
from matplotlib.transforms import Affine2D, Bbox, LockableBbox, TransformNode, TransformWrapper

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import SubFigure

_SIMPLE = (int, float, str, bytes, bool, type(None), complex)
_STYLES = tuple(style for kind in (ArrowStyle, BoxStyle, ConnectionStyle) for style in kind.get_styles().values())
_PARTS = (Normalize, Colormap, FontProperties, AbstractPathEffect, MarkerStyle, *_STYLES)
"""What artists hold that can be changed without any flag being set."""
_UNSEEN = ("_stale", "stale_callback")
_FEW_BYTES = 256


class _Contents:
    """What can change inside of what artists hold, each with what it was."""

    def __init__(self) -> None:
        self.buffers: list[tuple[memoryview, int]] = []
        """Of plain arrays, with their checksums."""
        self.arrays: list[tuple[Any, int]] = []
        """All others but the smallest."""
        self.plain: list[tuple[Any, Any]] = []
        """Lists and dicts of plain values, or of lists and tuples, with copies."""
        self.lists: list[tuple[Any, Any]] = []
        """Other lists and dicts."""
        self.numbers: list[tuple[Callable[[], Any], bytes]] = []
        """What gives the numbers of transforms, boxes and small arrays, and what it gave."""
        self.wrappers: list[tuple[dict[str, Any], Any]] = []
        """Attributes of transforms that are others', and the others' method among them."""

    @property
    def parts(self) -> tuple[list[Any], ...]:
        return self.buffers, self.arrays, self.plain, self.lists, self.numbers, self.wrappers

    def still_hold(self) -> bool:
        """Whether each is what it was."""
        # Loops, as this is done for every frame.
        for data, checksum in self.buffers:
            if crc32(data) != checksum:
                return False
        for numbers, known in self.numbers:
            if numbers().tobytes() != known:
                return False
        for attributes, method in self.wrappers:
            if attributes["transform"] is not method:
                return False
        try:
            for value, before in self.plain:
                if value != before:
                    return False
        except ValueError:  # an array has come into one
            return False
        for value, before in self.lists:
            if not _equal_lists(value, before):
                return False
        return all(_checksum(array) == checksum for array, checksum in self.arrays)


class Fingerprint:
    """What an artist's attributes hold: which objects, and inside of those that can change in place, which values.

    The artist's own attributes are walked, whatever they are called, so that nothing depends on how a kind of
    artist names its parts.
    """

    def __init__(self, artist: Artist) -> None:
        self._artist = artist
        self._names = tuple(vars(artist))
        self._values = tuple(vars(artist).values())
        self._contents = _Contents()
        self._patches: list[Fingerprint] = []
        """What clips, and boxes and arrows of texts."""
        seen: set[int] = set()
        for name, value in vars(artist).items():
            if name not in ("figure", "_parent_figure", "_axes", "axes", "_callbacks"):
                self._collect(value, seen, 3)
        box = artist.get_clip_box()
        if box is not None:
            self._contents.numbers.append((box.get_points, box.get_points().tobytes()))
        for value in (getattr(artist, "norm", None), getattr(artist, "cmap", None)):
            self._collect(value, seen, 3)

    def _collect(self, value: Any, seen: set[int], depth: int) -> None:
        if isinstance(value, _SIMPLE) or id(value) in seen or depth < 0:
            return
        seen.add(id(value))
        if type(value) is np.ndarray and value.flags.c_contiguous and value.size and not value.dtype.hasobject:
            data = value.reshape(-1).view(np.uint8).data
            self._contents.buffers.append((data, crc32(data)))
        elif type(value) is np.ndarray and value.nbytes <= _FEW_BYTES and not value.dtype.hasobject:
            self._contents.numbers.append((value.view, value.tobytes()))
        elif isinstance(value, np.ndarray):
            self._contents.arrays.append((value, _checksum(value)))
        elif isinstance(value, Path):
            self._collect(value.vertices, seen, depth)
            self._collect(value.codes, seen, depth)
        elif isinstance(value, (list, tuple, dict)):
            parts = value.values() if isinstance(value, dict) else value
            if not isinstance(value, tuple):
                plain = all(isinstance(part, (*_SIMPLE, list, tuple)) for part in parts)
                (self._contents.plain if plain else self._contents.lists).append((value, value.copy()))
            for part in parts:
                self._collect(part, seen, depth - 1)
        elif isinstance(value, _PARTS) or _is_triangulation(value):
            self._collect(vars(value), seen, depth)
        elif type(value) is Affine2D:
            self._contents.numbers.append((value.get_matrix, value.get_matrix().tobytes()))
        elif type(value) is Bbox:
            self._contents.numbers.append((value.get_points, value.get_points().tobytes()))
        elif isinstance(value, TransformNode):
            if isinstance(value, LockableBbox):
                self._contents.numbers.append((value.get_points, value.get_points().tobytes()))
            elif isinstance(value, TransformWrapper):
                self._contents.wrappers.append((vars(value), vars(value)["transform"]))
            for part in vars(value).values():
                if isinstance(part, (TransformNode, Patch, Path)):
                    self._collect(part, seen, depth)
        elif isinstance(value, Patch):
            self._patches.append(Fingerprint(value))

    def still_holds(self) -> bool:
        """Whether nothing has changed."""
        now = vars(self._artist)
        if len(now) != len(self._values) or not all(map(is_, now.values(), self._values)):
            if not self._same(now):
                return False
            self._values = tuple(now.values())
        return self._contents.still_hold() and all(patch.still_holds() for patch in self._patches)

    def _same(self, now: dict[str, Any]) -> bool:
        if tuple(now) != self._names:
            return False
        pairs = zip(self._names, self._values, now.values(), strict=True)
        return all(a is b or name in _UNSEEN or _equal(a, b) for name, a, b in pairs)

    def flat(self) -> Iterator[Fingerprint]:
        """It, and those that it is made of."""
        yield self
        for patch in self._patches:
            yield from patch.flat()


def _is_triangulation(value: object) -> bool:
    """Whether it is matplotlib's, and not the compiled thing in it."""
    return type(value).__name__ == "Triangulation" and hasattr(value, "__dict__")


class Fingerprints:
    """Many, compared at once: most of the time of a frame in which little is drawn would go into a loop over them."""

    def __init__(self, fingerprints: Iterable[Fingerprint]) -> None:
        each = [part for fingerprint in fingerprints for part in fingerprint.flat()]
        self._artists = [one._artist for one in each]
        self._sizes = [len(one._values) for one in each]
        self._values = [value for one in each for value in one._values]
        self._contents = _Contents()
        for one in each:
            for known, more in zip(self._contents.parts, one._contents.parts, strict=True):
                known.extend(more)
        self._contents.numbers = list(dict(self._contents.numbers).items())  # artists share their transforms
        self._contents.wrappers = list({id(known[0]): known for known in self._contents.wrappers}.values())

    def still_hold(self) -> bool:
        """Whether nothing has changed. May say no where each of them, asked alone, would say yes."""
        now = [vars(artist).values() for artist in self._artists]
        return (
            list(map(len, now)) == self._sizes
            and all(map(is_, chain.from_iterable(now), self._values))
            and self._contents.still_hold()
        )


class Watch:
    """What should rest.

    Args:
        parts: leaves, each with itself or with what it is made of.
        before: what watched some of it until now, so that it need not be looked into again.
    """

    def __init__(self, parts: Iterable[tuple[Artist, Artist]], before: Watch | None = None) -> None:
        known = {id(part): fingerprint for _, part, fingerprint in before._parts} if before else {}
        self._parts: list[tuple[Artist, Artist, Fingerprint]] = []
        for leaf, part in parts:
            part.stale = False
            as_before = known.get(id(part))
            holds = as_before is not None and as_before.still_holds()
            self._parts.append((leaf, part, as_before if as_before and holds else Fingerprint(part)))
        self._all: Fingerprints | None = Fingerprints(fingerprint for *_, fingerprint in self._parts)

    def changed(self) -> list[Artist]:
        """The leaves that have not rested, any number of times each."""
        if self._all and self._all.still_hold() and not any(part.stale for _, part, _ in self._parts):
            return []
        self._all = None  # it would say no each time
        return [leaf for leaf, part, known in self._parts if part.stale or not known.still_holds()]


def _checksum(array: Any) -> int:
    if array.dtype.hasobject:
        return 0
    mask = getattr(array, "mask", None)
    masked = _crc(mask, 0) if isinstance(mask, np.ndarray) else 0
    return _crc(np.asarray(array), masked)


def _crc(array: Any, start: int) -> int:
    return crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, start) if array.size else start


def _equal(a: Any, b: Any) -> bool:
    """Equality of plain values; of anything else identity, which errs on the side of "changed"."""
    if isinstance(a, _SIMPLE) and isinstance(b, _SIMPLE):
        return bool(a == b)
    if type(a) is tuple and type(b) is tuple and len(a) == len(b):
        return all(x is y or _equal(x, y) for x, y in zip(a, b, strict=True))
    return a is b or (isinstance(a, RendererBase) and isinstance(b, RendererBase))


def _equal_lists(a: Any, b: Any) -> bool:
    if len(a) != len(b):
        return False
    if isinstance(a, dict):
        if not all(map(is_, a, b)) and list(a) != list(b):
            return False
        a, b = a.values(), b.values()
    return all(map(is_, a, b)) or all(x is y or _equal(x, y) for x, y in zip(a, b, strict=True))


def descendants(artist: Artist) -> Iterator[Artist]:
    """`artist` and all that it is made of."""
    yield artist
    for child in artist.get_children():
        yield from descendants(child)


# ---- containers


def axes_state(axes: Axes) -> tuple[Any, ...]:
    """What an axes lays its children out by. Changing any of it means drawing anew."""
    if not axes.get_visible():
        return ()  # its limits would be scaled by looking at them, which drawing does not
    return (
        axes.axison,
        axes.get_frame_on(),
        axes.get_position(original=True).bounds,
        axes.get_position().bounds,
        axes.transAxes.get_matrix().tobytes(),
        axes.transData.get_affine().get_matrix().tobytes(),
        axes.viewLim.get_points().tobytes(),
        axes.get_xscale(),
        axes.get_yscale(),
        axes.get_rasterization_zorder(),
        axes.get_axes_locator(),
        axes.get_aspect(),
        [Artist.get_transform(spine) for spine in axes.spines.values()],  # where ticks are drawn; new ones if it moves
        [vars(axis).get(ticks) for axis in (axes.xaxis, axes.yaxis) for ticks in ("majorTicks", "minorTicks")],
    )


def figure_state(figure: Figure | SubFigure) -> tuple[Any, ...]:
    """What a figure lays its children out by."""
    return (
        tuple(figure.bbox.bounds),
        figure.get_visible(),
        getattr(figure, "suppressComposite", None),
        figure.get_layout_engine() if isinstance(figure, Figure) else None,
        figure.get_facecolor(),
        figure.get_edgecolor(),
        figure.patch.get_linewidth(),
        figure.patch.get_visible(),
    )


_STATELESS = frozenset(
    kind
    for kind in vars(ticker).values()
    if isinstance(kind, type)
    and issubclass(kind, (ticker.Formatter, ticker.Locator))
    and kind not in (ticker.FuncFormatter,)
)


def axis_state(axis: Axis) -> tuple[Any, ...]:
    """What an axis draws: where its ticks are and what they say."""
    state: list[Any] = [axis.get_visible(), tuple(axis.get_view_interval()), axis.get_scale()]
    for part in (axis.major, axis.minor):
        locator: Any = part.locator
        formatter: Any = part.formatter
        locations = np.asarray(locator())
        state += [id(locator), id(formatter), locations.tobytes(), tuple(formatter.format_ticks(list(locations)))]
    for name, value in vars(axis).items():
        if name not in _UNSEEN and isinstance(value, _SIMPLE):
            state.append((name, value))
        elif isinstance(value, dict):
            state.append((name, repr(value)))
    return tuple(state)


def ticking_state(axis: Axis) -> list[tuple[Any, ...]]:
    """What the locators and formatters of an axis are set to, which no flag tells of."""
    parts: tuple[Any, ...] = (axis.major.locator, axis.major.formatter, axis.minor.locator, axis.minor.formatter)
    own = [(name, getattr(axis, name)) for name in ("labelpad", "label_position", "offset_text_position")]
    return own + [(name, _plain(value)) for part in parts for name, value in vars(part).items()]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, (set, frozenset)):
        return frozenset(value)
    return repr(value) if isinstance(value, (list, tuple, dict)) else value if isinstance(value, _SIMPLE) else id(value)


def has_free_ticks(axis: Axis) -> bool:
    """Whether tick labels come from code that may say something else without any flag being set."""
    parts = (axis.major.locator, axis.major.formatter, axis.minor.locator, axis.minor.formatter)
    return any(type(part) not in _STATELESS for part in parts)
