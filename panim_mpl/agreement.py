"""What every process must find alike when it has made the updates of a frame, drawn or not: the data that is shown.

Workers have copies of one animation and make the same updates. Where these read the clock, fresh random numbers, a
file that they write, or what only drawing sets, the copies drift apart, and so would the frames of a video.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, QuadMesh
from matplotlib.figure import Figure, SubFigure
from matplotlib.legend import Legend
from matplotlib.offsetbox import AnchoredOffsetbox, AnnotationBbox
from matplotlib.table import Table
from matplotlib.text import Text

from panim_mpl.foreign import draws_in_one_go, is_known
from panim_mpl.watch import random_states

if TYPE_CHECKING:
    from matplotlib.artist import Artist

_TOLD_BY = (
    *("get_text", "get_linewidth", "get_array", "get_offsets"),
    *("get_xy", "get_width", "get_height", "get_center"),
)
_COLOURS = ("get_color", "get_facecolor", "get_edgecolor")
"""Methods whose answer no drawing changes; of colours, where they do not come from an array."""
_ASKED = ("matplotlib.", "cartopy.mpl.geocollection")
_SIMPLE = (int, float, complex, str, bytes, bool, type(None))


def is_compared(index: int) -> bool:
    """Whether processes tell what they have at frame `index`: at the first ones, and then at every eighth or so."""
    return index < 8 or index % (1 << (index.bit_length() - 3)) == 0


def told_of(figure: Figure) -> str:
    """A hash of the data in `figure` and of the global random states."""
    digest = hashlib.blake2b(digest_size=16)
    for part in random_states().values():
        digest.update(pickle.dumps(part))
    for artist in _artists(figure):
        digest.update(type(artist).__qualname__.encode())
        own = draws_in_one_go(artist)
        if not artist.get_visible() and not own:
            digest.update(b"hidden")
            continue
        if type(artist).__module__.startswith(_ASKED):  # others may do anything when they are asked
            with contextlib.suppress(Exception):  # what an artist cannot tell, it can tell in no process
                _feed(digest, _data(artist))
        elif hasattr(artist, "get_data_3d"):
            _feed(digest, artist.get_data_3d())
        if own and not _is_placed_anew(artist):
            _feed(digest, {**vars(artist), "_stale": None})  # all processes draw it for every frame
        if isinstance(artist, Axes) and is_known(type(artist)):
            _feed(digest, _view(artist))
    return digest.hexdigest()


def _artists(container: Figure | SubFigure | Axes) -> Iterator[Artist]:
    for child in container.get_children():
        yield child
        if isinstance(child, (Axes, SubFigure)):
            yield from _artists(child)
        elif isinstance(child, Axis):
            yield child.label
        elif isinstance(child, Table):
            yield from (cell.get_text() for cell in child.get_celld().values())
        elif isinstance(child, (Legend, AnchoredOffsetbox, AnnotationBbox)):
            yield from child.findobj(Text)


def _data(artist: Any) -> list[Any]:
    found: list[Any] = [artist.get_visible(), artist.get_zorder()]
    if hasattr(artist, "get_xydata"):
        found += artist.get_data(orig=True)
    mapped = hasattr(artist, "get_array") and artist.get_array() is not None
    names = _TOLD_BY if mapped else (*_TOLD_BY, *_COLOURS)
    found += [getattr(artist, name)() for name in names if hasattr(artist, name)]
    if isinstance(artist, Text) and not _is_placed_anew(artist):
        found.append(artist.get_position())
    if type(artist).__module__ == "matplotlib.quiver":
        found += [getattr(artist, name, None) for name in "UVuv"]
    elif isinstance(artist, Collection) and not isinstance(artist, QuadMesh):
        found += [path.vertices for path in artist.get_paths()]
    return found


def _is_placed_anew(artist: Artist) -> bool:
    """Whether drawing moves `artist`: a title, a label of an axis, or a text of a figure that is laid out."""
    if not isinstance(artist, Text):
        return False
    if artist.axes is not None:
        return artist not in artist.axes.texts
    figure: Any = artist.get_figure()
    return figure is None or artist not in figure.texts or figure.get_layout_engine() is not None


def _view(axes: Any) -> list[Any]:
    """The camera, the place in the figure, and limits that neither data nor drawing changes."""
    found = [getattr(axes, name, None) for name in ("elev", "azim", "roll")]
    found += axes.get_position(original=True).bounds
    for name in "xyz" if axes.get_aspect() == "auto" else "":
        if not getattr(axes, f"get_autoscale{name}_on", lambda: True)():
            found += getattr(axes, f"get_{name}lim")()
    return found


def _feed(digest: Any, value: Any, inside: tuple[int, ...] = ()) -> None:
    """`inside` are the `id` of what `value` is in: what is in itself is told once."""
    if id(value) in inside:
        return
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        # Rounded: the last digit of a sum may depend on where in memory its numbers lie.
        with np.errstate(over="ignore"):
            rounded = value.astype(np.float32) if value.dtype == np.float64 else value
        digest.update(np.ascontiguousarray(np.ma.getdata(rounded)).reshape(-1).view(np.uint8).data)
        _feed(digest, np.ma.getmask(value) if np.ma.is_masked(value) else None)
    elif isinstance(value, dict):
        for item in value.items():
            _feed(digest, item, (*inside, id(value)))
    elif isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        for part in value:
            _feed(digest, part, (*inside, id(value)))
    elif isinstance(value, (float, np.floating)):
        with np.errstate(over="ignore"):
            digest.update(np.float32(value).tobytes())
    else:
        digest.update(repr(value if isinstance(value, _SIMPLE) else type(value)).encode())
