"""Where an artist can leave pixels: bounds that are never too small, or None where they are not known.

A region is (left, bottom, right, top) in pixels of the canvas, from its lower left corner.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import Collection
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text

if TYPE_CHECKING:
    from matplotlib.artist import Artist

Region = tuple[float, float, float, float]

NOWHERE: Region = (0.0, 0.0, 0.0, 0.0)

_CAP = 0.75
"""How many times its width a stroke reaches past its path: half to each side and past an end, more at that corner."""
_STRAIGHT = 0.5
"""The same for one straight level or upright line."""
_MITER = 5.0
"""The same at a mitred corner; Agg cuts it off there."""
_LEAN = 0.3
"""How many times the size of its font a text may reach past its extent where it begins and ends."""
_NUMERALS = re.compile(r"(?:[-\u2212+0-9.,:%^{}$ ]|\\mathdefault|\\times)*")
"""As ticks have them, which stand upright."""


def overlap(a: Region | None, b: Region | None) -> bool:
    """Whether two regions can share a pixel; an unknown one can with any."""
    if a == NOWHERE or b == NOWHERE:
        return False
    if a is None or b is None:
        return True
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def contains(outer: Region | None, inner: Region | None) -> bool:
    """Whether `inner` lies in `outer`; everything lies in an unknown one."""
    if outer is None or inner == NOWHERE:
        return True
    if inner is None or outer == NOWHERE:
        return False
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def union(regions: Sequence[Region | None]) -> Region | None:
    """The smallest region around all; unknown if one is."""
    if None in regions:
        return None
    known = [r for r in regions if r is not None and r != NOWHERE]
    if not known:
        return NOWHERE
    return (
        min(r[0] for r in known),
        min(r[1] for r in known),
        max(r[2] for r in known),
        max(r[3] for r in known),
    )


def padded(region: Region | None, pad: float) -> Region | None:
    """`region` with `pad` pixels more on each side, and then made whole."""
    if region is None or region == NOWHERE:
        return region
    left, bottom, right, top = region
    return floor(left - pad), floor(bottom - pad), ceil(right + pad), ceil(top + pad)


def clip_region(artist: Artist) -> Region | None:
    """The rectangle that `artist` is clipped to, or that is around the path which it is clipped to; None if to none."""
    if not isinstance(artist, (Line2D, Patch, Collection, AxesImage, Text)) or isinstance(artist, Annotation):
        return None
    if isinstance(artist, Text) and artist.get_bbox_patch() is not None:
        return None
    if not artist.get_clip_on() or artist.get_agg_filter() is not None:
        return None
    box: Any = artist.get_clip_box()
    clip: Any = artist.get_clip_path()
    if box is None and clip is not None:
        path, affine = clip.get_transformed_path_and_affine()
        box = path.get_extents(affine) if path is not None else None
    return None if box is None else padded(bounds(box.extents), 1)


def region(artist: Artist, renderer: Any) -> Region | None:
    """Where `artist` would leave pixels if it were drawn now."""
    if not artist.get_visible():
        return NOWHERE
    clip = clip_region(artist)
    if clip is not None:
        return clip
    if isinstance(artist, Collection) and not len(artist.get_paths()):
        return NOWHERE
    if artist.get_path_effects() or artist.get_agg_filter() is not None or artist.get_sketch_params() is not None:
        return None
    per_point = renderer.points_to_pixels(1.0)
    if isinstance(artist, Text):
        return _of_text(artist, renderer, per_point)
    if isinstance(artist, Line2D):
        # The extent has half a marker around each point; ticks and carets reach a whole one.
        mitred = "miter" in (artist.get_solid_joinstyle(), artist.get_dash_joinstyle())
        width = 0.0 if artist.get_linestyle() in _NO_LINE else artist.get_linewidth()
        stroke = width * (_MITER if mitred else _CAP)
        pad = max(stroke, 0.5 * artist.get_markersize() + artist.get_markeredgewidth() * _edge(artist.get_marker()))
    elif isinstance(artist, Patch):
        pad = artist.get_linewidth() * _reach(artist)
    elif isinstance(artist, Legend):
        if artist.shadow:
            return None
        pad = 6.0
    elif isinstance(artist, AxesImage):
        pad = 0.0
    else:
        return None
    if isinstance(artist, Patch):  # a spine's own method would lay out its axis anew
        extents = artist.get_path().get_extents(artist.get_transform()).extents
    else:
        extents = artist.get_window_extent(renderer).extents
    return padded(bounds(extents), pad * per_point + 1)


def _reach(patch: Patch) -> float:
    vertices = np.asarray(patch.get_path().vertices)
    if len(vertices) > 2:
        return _MITER if patch.get_joinstyle() == "miter" else _CAP
    box = patch.get_path().get_extents(patch.get_transform())
    return _STRAIGHT if box.width == 0 or box.height == 0 else _CAP


_NO_LINE = ("None", "none", " ", "")
_TICKS = (0, 1, 2, 3, "|", "_")


def is_tick(marker: object) -> bool:
    """Whether a line's `marker` is a single stroke, as those of ticks are."""
    return isinstance(marker, (int, str)) and marker in _TICKS


def _edge(marker: object) -> float:
    """How many times its width the edge of a marker may reach: a single stroke half of it, a sharp corner more."""
    return 0.5 if is_tick(marker) else _MITER


def _of_text(text: Text, renderer: Any, per_point: float) -> Region | None:
    if not text.get_text():
        return NOWHERE
    if getattr(text, "arrow_patch", None) is not None:
        return None
    em = float(text.get_fontsize()) * per_point
    # The extent is that of the ink, up to rounding and hinting; but letters may lean out where it begins and ends.
    ink = padded(bounds(text.get_window_extent(renderer).extents), 0.05 * em + 1)
    if text.get_fontstyle() != "normal" or not _NUMERALS.fullmatch(text.get_text()):
        ink = _leaned(ink, _LEAN * em, float(text.get_rotation()))
    box = text.get_bbox_patch()
    if box is None or not box.get_visible():
        return ink
    if box.get_path_effects() or box.get_sketch_params() is not None:
        return None
    text.update_bbox_position_size(renderer)  # as drawing does
    framed = bounds(box.get_path().get_extents(box.get_transform()).extents)
    return union([ink, padded(framed, box.get_linewidth() * _MITER * per_point + 1)])


def _leaned(ink: Region | None, by: float, degrees: float) -> Region | None:
    if ink is None or ink == NOWHERE:
        return ink
    across, up = (0.0 if degrees % 180 == 90 else ceil(by)), (0.0 if degrees % 180 == 0 else ceil(by))
    return ink[0] - across, ink[1] - up, ink[2] + across, ink[3] + up


def bounds(extents: Any) -> Region | None:
    """matplotlib's extents as a region; None if they are not finite."""
    left, bottom, right, top = (float(value) for value in extents)
    if not all(abs(value) < 1e9 for value in (left, bottom, right, top)):  # nan is not either
        return None
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)
