"""Figures drawn from own code: a figure built once in each worker and changed for every frame."""

from __future__ import annotations

import contextlib
import copy
import sys
import weakref
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from panim_core.acts import ActRenderer, ActState
from panim_core.errors import SettingsError
from panim_core.frames import check_size, exact_fps
from panim_core.protocols import FrameGenerator
from panim_mpl.options import check_dpi, check_redraw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from panim_core.protocols import FrameArray
    from panim_mpl.drawer import Drawer


def animation(
    setup: Callable[[], Any],
    update: Callable[[Any, float], Any],
    *,
    duration: float,
    fps: float | Fraction | str | None = None,
    dpi: float | None = None,
    frame_size: tuple[int, int] | None = None,
    redraw: str = "auto",
) -> FigureFrameGenerator:
    """A source that draws a matplotlib figure of your own for every frame.

    Args:
        setup: builds everything once in each worker, and once here to measure the figure if `frame_size` is not
            given. Returns the figure, or a state that holds it (as an attribute, an item or a dict value), or
            anything at all if the figure is pyplot's current one.
        update: ``update(state, time_ms)`` changes what `setup` returned. It must depend on `time_ms` alone: each
            worker calls it for its own frames only. If it is seen not to, one process makes all updates in order.
            It may return another Figure of the same size to be shown.
        duration: milliseconds.
        fps: the rate used where none is asked for.
        dpi: dots per inch; by default the figure's own.
        frame_size: (width, height) in pixels; the figure is given that size.
        redraw: ``"auto"`` draws only what changes, ``"full"`` everything for every frame.

    Returns:
        A source for `panim_core.produce` or ``panim render``.
    """
    return FigureFrameGenerator(
        setup,
        update,
        float(duration),
        exact_fps(fps) if fps is not None else None,
        check_dpi(dpi) if dpi is not None else None,
        check_size(frame_size) if frame_size is not None else None,
        check_redraw(redraw),
    )


class NotOfTimeAloneError(RuntimeError):
    """Updates build on those before."""

    retry_with = {"alone": True}  # noqa: RUF012 - read by the core


class FigureFrameGenerator(FrameGenerator):
    """What `animation` returns."""

    def __init__(
        self,
        setup: Callable[[], Any],
        update: Callable[[Any, float], Any],
        duration: float,
        fps: Fraction | None,
        dpi: float | None,
        size: tuple[int, int] | None,
        redraw: str,
    ) -> None:
        self.fps = fps
        self._setup, self._update, self._duration = setup, update, duration
        self._dpi, self._size, self._redraw = dpi, size, redraw
        self._measured: tuple[int, int] | None = None
        self._state: Any = None
        self._drawer: Drawer | None = None
        self._drawn = 0
        self._first = 0.0, ""
        """Time of the frame drawn first, and what it showed."""
        self.max_workers: int | None = None
        self._surroundings: dict[str, Any] | None = None
        """Of the process where this was made, in another one."""
        self._undo: Callable[[], object] | None = None

    def __getstate__(self) -> dict[str, Any]:
        from panim_mpl.watch import random_states

        told = self._surroundings
        if told is None and "matplotlib" in sys.modules:
            from panim_mpl.surroundings import surroundings

            told = surroundings()
        return {
            **vars(self),
            "_surroundings": told or {"random": random_states()},
            "_state": None,
            "_drawer": None,
            "_undo": None,
        }

    def __copy__(self) -> FigureFrameGenerator:
        other = FigureFrameGenerator.__new__(type(self))
        vars(other).update(vars(self), _state=None, _drawer=None, _undo=None)
        return other

    def __panim_identity__(self) -> list[Any]:
        size = (self._dpi, self._size)
        return [self.fps, self._setup, self._update, self._duration, *size, self._redraw]

    @property
    def duration(self) -> float:
        return self._duration

    @property
    def frame_size(self) -> tuple[int, int]:
        if self._size is not None:
            return self._size
        if self._measured is None:
            from panim_mpl.raster import pixel_size
            from panim_mpl.surroundings import put_back

            with put_back():
                figure = find_figure(self._setup())
                self._measured = pixel_size(figure.get_size_inches(), self._dpi or figure.dpi)
        return self._measured

    def configured(self, **options: Any) -> FrameGenerator:
        """With `dpi` (dots per inch), `size` (pixels) or `redraw` (``"auto"`` or ``"full"``) changed."""
        other = copy.copy(self)
        other._measured = None
        for name, value in options.items():
            if name == "dpi":
                other._dpi = check_dpi(value)
            elif name == "size":
                other._size = check_size(value)
            elif name == "redraw":
                other._redraw = check_redraw(value)
            elif name == "alone":
                other.max_workers, other.sequential = 1, True
            else:
                raise SettingsError(f"panim_mpl.animation has no option {name}; it has dpi, size and redraw")
        return other

    def start(self) -> None:
        from panim_mpl.drawer import Drawer
        from panim_mpl.raster import ensure_agg_canvas, inches_for, use_agg
        from panim_mpl.surroundings import put_back_backend

        if self._surroundings is None:  # where it was made, other figures are shown
            undo = contextlib.ExitStack()
            undo.enter_context(put_back_backend())
            # At the latest when Python ends, while modules are still there.
            self._undo = weakref.finalize(self, undo.close)
        use_agg()
        if self._surroundings is not None:
            _surround(self._surroundings)
        self._state = self._setup()
        figure = find_figure(self._state)
        dpi = self._dpi or figure.dpi
        if self._size is not None:
            figure.set_size_inches(*inches_for(self._size, dpi))
        ensure_agg_canvas(figure)
        # What artists settle when they are first drawn (a quiver its scale) must not depend on the worker.
        self._update(self._state, 0.0)
        self._drawer, self._drawn = Drawer(figure, dpi, {}, self._redraw), 0
        self._drawer.settle()

    def generate_at(self, time_ms: float) -> FrameArray | Figure:
        if self._drawer is None:
            self.start()
        assert self._drawer is not None
        self._drawn += 1
        if self._drawn == 3 and not self.sequential:
            self._check_update()
        shown = self._show(time_ms)
        if self._drawn == 1:
            self._first = time_ms, _told_of(shown)
        return self._drawer.draw() if shown is self._drawer.figure else shown

    def advance(self, time_ms: float) -> None:
        """Make the update for `time_ms`, drawing nothing; where updates build on those before."""
        if self._drawer is None:
            self.start()
        self._show(time_ms)

    def _show(self, time_ms: float) -> Figure:
        from matplotlib.figure import Figure

        assert self._drawer is not None
        given = self._update(self._state, time_ms)
        return given if isinstance(given, Figure) else self._drawer.figure

    def _check_update(self) -> None:
        """Bring about the first frame again."""
        time_ms, known = self._first
        if _told_of(self._show(time_ms)) != known:
            raise NotOfTimeAloneError(
                f"update shows something else when it is called for the same time again, {time_ms:g} ms, so that one "
                "process must make all updates in order"
            )

    def notes(self) -> list[str]:
        """What a user should be told since the last call."""
        return self._drawer.take_notes() if self._drawer is not None else []

    def finish(self) -> None:
        if self._drawer is not None:
            self._drawer.close()
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib.pyplot"].close(self._drawer.figure)
        self._state = self._drawer = None
        if self._undo is not None:
            self._undo()


def _told_of(figure: Figure) -> str:
    from panim_mpl.agreement import told_of

    return told_of(figure)


def _surround(told: dict[str, Any]) -> None:
    """Draw as in the process that told: rcParams, random numbers; alike in all workers."""
    from panim_mpl.watch import restore_random_states

    if "rcParams" in told:
        from panim_mpl.surroundings import add_colormaps, surround

        surround(told)
        add_colormaps(told)
    restore_random_states(told["random"])
    if "numpy" not in told["random"]:
        import random

        import numpy as np

        np.random.seed(random.Random(repr(told["random"])).getrandbits(32))


class FigureActRenderer(ActRenderer):
    """Draws the matplotlib figure of an act's state.

    The figure is ``act_state.figure`` or ``act_state.fig``; a subclass may define `figure_of`. It is built by
    the first scene's `start`, by the state itself, or by this renderer's `start` in a subclass; each worker
    has its own.
    """

    def __init__(self, frame_size: tuple[int, int], dpi: float | None = None, redraw: str = "auto") -> None:
        """`frame_size` in pixels is given to the figure; `dpi` is by default the figure's own."""
        self._frame_size = check_size(frame_size)
        self._dpi = check_dpi(dpi) if dpi is not None else None
        self._redraw = check_redraw(redraw)
        self._drawer: Drawer | None = None

    @property
    def frame_size(self) -> tuple[int, int]:
        return self._frame_size

    def figure_of(self, act_state: ActState) -> Figure:
        """The figure that shows `act_state`."""
        return find_figure(act_state)

    def start(self, act_state: ActState) -> None:
        from panim_mpl.raster import use_agg

        use_agg()

    def draw(self, act_state: ActState) -> FrameArray:
        from panim_mpl.drawer import Drawer
        from panim_mpl.raster import ensure_agg_canvas, inches_for

        figure = self.figure_of(act_state)
        if self._drawer is None or self._drawer.figure is not figure:
            dpi = self._dpi or figure.dpi
            figure.set_size_inches(*inches_for(self._frame_size, dpi))
            ensure_agg_canvas(figure)
            self._drawer = Drawer(figure, dpi, {}, self._redraw)
        return self._drawer.draw()

    def render(self, act_state: ActState) -> bytes:
        return self.draw(act_state).tobytes()

    def finish(self, act_state: ActState) -> None:
        if self._drawer is not None:
            self._drawer.close()
        self._drawer = None


def find_figure(state: Any) -> Figure:
    """The figure in what a `setup` returned: itself, an attribute, an item or a value, or pyplot's current one.

    Raises:
        SettingsError: there is none.
    """
    from matplotlib.figure import Figure

    def candidates() -> Iterable[Any]:
        yield state
        if isinstance(state, dict):
            yield from state.values()
        elif isinstance(state, (list, tuple)):
            yield from state
        else:
            yield from (getattr(state, name, None) for name in ("figure", "fig"))

    for candidate in candidates():
        if isinstance(candidate, Figure):
            return candidate
    for candidate in candidates():
        get_figure = getattr(candidate, "get_figure", None)
        figure = get_figure() if callable(get_figure) else None
        while figure is not None and not isinstance(figure, Figure):
            figure = getattr(figure, "figure", None)
        if figure is not None:
            return figure

    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and pyplot.get_fignums():
        current: Figure = pyplot.gcf()
        return current
    raise SettingsError(
        f"there is no matplotlib figure in {type(state).__name__}: return the figure, or an object with it as "
        "its attribute figure"
    )
