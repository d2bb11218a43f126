"""Full redraws: a figure's pixels exactly as `Animation.save` writes them, without a copy."""

from __future__ import annotations

import contextlib
import functools
import io
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from panim_core.protocols import FrameArray


_LOOKS = ("buffer_rgba", "copy_from_bbox", "tostring_argb", "tostring_rgb")
"""Methods of Agg's renderer that give pixels."""


class _Sink(io.RawIOBase):
    """What `savefig` writes its one buffer to."""

    frame: FrameArray | None = None

    def write(self, data: Any) -> int:
        self.frame = np.asarray(data)
        return int(self.frame.nbytes)


def draw_figure(figure: Figure, dpi: float, savefig_kwargs: Mapping[str, Any]) -> FrameArray:
    """RGBA pixels of `figure`, shape (height, width, 4), straight alpha.

    This is `savefig(format="rgba")`, the call that matplotlib's own movie writers make for every frame. The
    array lies in the canvas's renderer: the next drawing overwrites it.
    """
    sink = _Sink()
    with _whole_figure():
        figure.savefig(sink, format="rgba", dpi=dpi, **savefig_kwargs)  # type: ignore[arg-type]
    if sink.frame is None:
        raise RuntimeError(f"the canvas of {figure!r}, a {type(figure.canvas).__name__}, wrote no pixels")
    return sink.frame


def draw_unseen(figure: Figure) -> None:
    """Do all that drawing `figure`, whose canvas is Agg's, does and leaves behind, but for the pixels."""
    with contextlib.ExitStack() as undo:
        canvas: Any = figure.canvas
        # Else ``savefig.format`` decides which renderer measures texts, and others have a dpi of their own.
        canvas.get_default_filetype = lambda: "rgba"
        undo.callback(vars(canvas).pop, "get_default_filetype")
        figure.draw_without_rendering()


def tell_of_looks(canvas: Any, told: Callable[[str], None] | None) -> None:
    """Call `told`, instead of what was told before, with names of methods by which pixels of `canvas` are looked at."""
    renderer = getattr(canvas, "renderer", None)
    for name in ("buffer_rgba", "tostring_argb", "tostring_rgb"):
        if hasattr(type(renderer), name):
            vars(renderer).pop(name, None)
            if told is not None:
                # Not the bound method: renderers are large, and a cycle would keep them.
                setattr(renderer, name, functools.partial(_look, weakref.ref(renderer), name, told))


def _look(renderer: weakref.ref[Any], name: str, told: Callable[[str], None]) -> Any:
    told(name)
    living = renderer()
    return getattr(type(living), name)(living)


@contextlib.contextmanager
def noticing_looks(renderer: Any) -> Iterator[list[str]]:
    """The list gets the name of each of the `renderer`'s methods by which pixels are looked at meanwhile."""
    looks: list[str] = []

    def noticing(name: str, look: Callable[..., Any]) -> Callable[..., Any]:
        def noticed(*args: Any, **kwargs: Any) -> Any:
            looks.append(name)
            return look(*args, **kwargs)

        return noticed

    names = [name for name in _LOOKS if hasattr(renderer, name)]
    for name in names:
        setattr(renderer, name, noticing(name, getattr(renderer, name)))
    try:
        yield looks
    finally:
        for name in names:
            delattr(renderer, name)


@contextlib.contextmanager
def _whole_figure() -> Iterator[None]:
    """Keep ``savefig.bbox = "tight"`` from giving each frame a size of its own, as `Animation.save` does."""
    import matplotlib

    if matplotlib.rcParams["savefig.bbox"] is None:
        yield
        return
    with matplotlib.rc_context({"savefig.bbox": None}):
        yield


def pixel_size(inches: Iterable[float], dpi: float) -> tuple[int, int]:
    """(width, height) of what `draw_figure` gives for a figure of that many inches, cut to whole pixels as there."""
    import matplotlib

    tick = 1e-8 if matplotlib.__version_info__ >= (3, 11) else 0.0  # as `AbstractMovieWriter.frame_size`
    width, height = inches
    return int(width * dpi + tick), int(height * dpi + tick)


def inches_for(size: tuple[int, int], dpi: float) -> tuple[float, float]:
    """A figure size that gives `size` in pixels at `dpi`."""

    def inches(pixels: int) -> float:
        value = pixels / dpi
        while int(value * dpi) < pixels:
            value = float(np.nextafter(value, np.inf))
        return value

    return inches(size[0]), inches(size[1])


def use_agg() -> None:
    """Make Agg the backend of this process, so that no window opens and figures have a canvas that draws pixels."""
    import matplotlib

    matplotlib.use("agg")


def ensure_agg_canvas(figure: Figure) -> None:
    """Give `figure` an Agg canvas if it has none, so that each redraw uses the same one."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if not isinstance(figure.canvas, FigureCanvasAgg):
        FigureCanvasAgg(figure)
