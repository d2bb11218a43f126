"""What drawing depends on besides the figure: rcParams, fonts, random states and the like, taken along and put back."""

from __future__ import annotations

import contextlib
import decimal
import locale
import pathlib
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import matplotlib
import numpy as np
from matplotlib import cm, colors
from matplotlib.path import Path

from panim_mpl.watch import random_states, restore_random_states

_OF_THE_BACKEND = ("backend", "backend_fallback", "interactive", "toolbar", "webagg.address", "webagg.port")

_NAMED = {**colors.XKCD_COLORS, **colors.CSS4_COLORS, **colors.TABLEAU_COLORS, **colors.BASE_COLORS}


def surroundings() -> dict[str, Any]:
    """What this interpreter draws in, to be pickled."""
    from matplotlib import font_manager

    return {
        **_state(),
        "random": random_states(),
        "rcParams": _rc_params(),
        "colormaps": {n: matplotlib.colormaps[n] for n in matplotlib.colormaps if not hasattr(cm, n)},
        "colours": {n: c for n, c in colors.get_named_colors_mapping().items() if _NAMED.get(n) != c},
        "fonts": [entry.fname for entry in font_manager.fontManager.ttflist],
        # All rectangles have this one, which bars make round in polar axes.
        "rectangle": {n: v for n, v in vars(Path.unit_rectangle()).items() if isinstance(v, int)},
    }


def surround(state: dict[str, Any]) -> None:
    """Make this interpreter's surroundings those that `surroundings` told, but for random states and colour maps."""
    from matplotlib import font_manager

    matplotlib.use("agg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rcParams that are deprecated are still set
        matplotlib.rcParams.update(state["rcParams"])
    colors.get_named_colors_mapping().update(state["colours"])
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in state["fonts"]:
        if path not in known and pathlib.Path(path).is_file():
            font_manager.fontManager.addfont(path)
    vars(Path.unit_rectangle()).update(state["rectangle"])
    _set_state(
        {
            **state,
            "sys.path": state["sys.path"] + [p for p in sys.path if p not in state["sys.path"]],
            "recursion": max(state["recursion"], sys.getrecursionlimit()),
        }
    )


def add_colormaps(state: dict[str, Any]) -> None:
    """Register the colour maps of `state` that nothing imported has registered: matplotlib warns of a second."""
    for name, colormap in state["colormaps"].items():
        if name not in matplotlib.colormaps or matplotlib.colormaps[name] != colormap:
            matplotlib.colormaps.register(colormap, name=name, force=True)


@contextlib.contextmanager
def put_back() -> Iterator[None]:
    """Undo what drawing does to the interpreter where what is drawn lives: backend, figures, random states, more."""
    plt = sys.modules.get("matplotlib.pyplot")  # not imported for this: it takes its time
    current = plt.gcf() if plt is not None and plt.get_fignums() else None
    figures = {number: plt.figure(number) for number in plt.get_fignums()} if plt is not None else {}
    if plt is not None and current is not None:
        plt.figure(current)
    state, states, modules = _state(), random_states(), dict(sys.modules)
    try:
        with put_back_backend(), matplotlib.rc_context():
            yield
    finally:
        now = sys.modules.get("matplotlib.pyplot")
        if now is not None:
            for number in now.get_fignums():
                if number not in figures:
                    now.close(number)
            for number, figure in figures.items():
                if number not in now.get_fignums():
                    now.figure(figure)  # matplotlib 3.8 closes all where the backend changes
            if current is not None:
                now.figure(current)
        sys.modules.update(modules)
        _set_state(state)
        restore_random_states(states)


@contextlib.contextmanager
def put_back_backend() -> Iterator[None]:
    """Leave matplotlib's backend as it was, so that figures are shown where they were."""
    plt = sys.modules.get("matplotlib.pyplot")
    # Unresolved where nobody has needed one yet.
    backend = matplotlib.get_backend() if plt is not None else dict.__getitem__(matplotlib.rcParams, "backend")
    try:
        yield
    finally:
        if plt is None:
            dict.__setitem__(matplotlib.rcParams, "backend", backend)
        elif matplotlib.get_backend() != backend:
            plt.switch_backend(backend)


def _state() -> dict[str, Any]:
    """Of Python and numpy."""
    return {
        "sys.path": list(sys.path),
        "printoptions": np.get_printoptions(),
        "errstate": np.geterr(),
        "locale": locale.setlocale(locale.LC_ALL),
        "decimal": decimal.getcontext().copy(),
        "recursion": sys.getrecursionlimit(),
        "warnings": list(warnings.filters),
    }


def _set_state(state: dict[str, Any]) -> None:
    sys.path[:] = state["sys.path"]
    np.set_printoptions(**{name: value for name, value in state["printoptions"].items() if name != "override_repr"})
    np.seterr(**state["errstate"])
    with contextlib.suppress(locale.Error):  # this machine may lack it; then numbers are written as in C
        locale.setlocale(locale.LC_ALL, state["locale"])
    decimal.setcontext(state["decimal"])
    sys.setrecursionlimit(state["recursion"])
    filters: Any = warnings.filters
    if filters != state["warnings"]:
        warnings.resetwarnings()
        filters.extend(state["warnings"])


def _rc_params() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: value for name, value in dict.items(matplotlib.rcParams) if name not in _OF_THE_BACKEND}
