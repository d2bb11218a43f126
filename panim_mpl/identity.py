"""What makes an animation the same in another process, so that an interrupted render of it can be resumed.

matplotlib's objects hold what differs from process to process and does not matter (callbacks, caches, numbers of
objects). So each is told by its kind, its place in its figure, and the plain data in it: numbers, text, arrays.
"""

from __future__ import annotations

import copy
import gc
import itertools
import types
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.animation import Animation
from matplotlib.artist import Artist
from matplotlib.path import Path

from panim_core.protocols import Identity
from panim_mpl.replay import probe
from panim_mpl.travel import MAX_MATERIALISED
from panim_mpl.watch import random_states

_DEPTH = 4
_FOR_SHOWING = ("frame_seq", "event_source", "_blit_cache")
_COUNTED = ("number", "_number")
"""Of a figure: how many pyplot has made."""
_TEE: type = type(itertools.tee(())[0])


def identity(animations: Iterable[Animation], settings: object) -> Identity:
    """The identity of a render of `animations`; `settings` is plain data that also decides what is drawn."""
    animations = tuple(animations)
    figures = {id(figure): figure for figure in (probe(animation, None).figure for animation in animations)}
    artists = [artist for figure in figures.values() for artist in figure.findobj()]
    places = {id(artist): number for number, artist in enumerate(artists)}

    def stand_in(value: Any) -> Any:
        if isinstance(value, Animation):
            state = {name: part for name, part in vars(value).items() if name not in _FOR_SHOWING}
            return ["animation", type(value), state]
        if isinstance(value, Artist) and id(value) in places:
            return ["artist", type(value), places[id(value)]]
        if isinstance(value, types.GeneratorType):
            return ["generator", *_generator(value)]
        if isinstance(value, _TEE):
            return ["tee", *_tee(value)]
        own = type(value).__module__.startswith(("matplotlib.", "mpl_toolkits."))
        if own and hasattr(value, "__dict__") and not isinstance(value, (type, types.FunctionType)):
            return ["matplotlib", type(value), _data(value)]
        return value

    drawn = [(type(artist).__qualname__, _data(artist)) for artist in artists]
    return Identity((animations, settings, random_states(), drawn), stand_in)


def _generator(generator: types.GeneratorType[Any, Any, Any]) -> list[Any]:
    """Its function and how far it is; counting the frames of an animation may have started it."""
    code, frame = generator.gi_code, generator.gi_frame
    if frame is None:
        return [code]
    variables = dict(frame.f_locals)
    cells = [types.CellType(variables[name]) if name in variables else types.CellType() for name in code.co_freevars]
    return [types.FunctionType(code, frame.f_globals, code.co_name, None, tuple(cells)), frame.f_lasti, variables]


def _tee(tee: Any) -> list[Any]:
    """The generator inside, or the values that are left."""
    inside: list[Any] = [tee]
    for _ in range(4):
        inside = gc.get_referents(*inside)
        for part in inside:
            if isinstance(part, types.GeneratorType):
                return _generator(part)
    return list(itertools.islice(copy.copy(tee), MAX_MATERIALISED))


def _data(value: object) -> dict[str, Any]:
    return {name: _plain(part, _DEPTH) for name, part in sorted(vars(value).items()) if name not in _COUNTED}


def _plain(value: Any, depth: int) -> Any:
    """`value` as far as it is plain data; of anything else its kind."""
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str, bytes):
        return value
    if isinstance(value, np.ma.MaskedArray):
        return [_plain(np.asarray(value), depth), _plain(np.ma.getmaskarray(value), depth)]
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype != object:
        return [str(value.dtype), list(value.shape), value.tobytes()]
    if isinstance(value, Path):
        return [_plain(value.vertices, depth), _plain(value.codes, depth)]
    if depth and isinstance(value, (list, tuple)):
        return [_plain(part, depth - 1) for part in value]
    if depth and isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {name: _plain(value[name], depth - 1) for name in sorted(value)}
    return f"a {kind.__qualname__}"
