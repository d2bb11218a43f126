"""The renderer of matplotlib figures, and what adopts matplotlib's animations."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from panim_core.errors import PluginUnavailableError
from panim_core.protocols import FrameGenerator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from panim_core.protocols import FrameArray


class MatplotlibRenderer:
    """Draws `matplotlib.figure.Figure` objects; adopts every `matplotlib.animation.Animation` as a source."""

    name = "matplotlib"

    def check_available(self) -> None:
        """Raises `PluginUnavailableError` where matplotlib is not installed."""
        if importlib.util.find_spec("matplotlib") is None:
            raise PluginUnavailableError("matplotlib is not installed", "pip install 'panim[mpl]'")

    def adapt(self, target: object) -> FrameGenerator | None:
        """A generator with the frames that `target.save` would write, if `target` is an animation, else None."""
        animation = sys.modules.get("matplotlib.animation")
        if animation is None or not isinstance(target, animation.Animation):
            return None
        from panim_mpl.animation_source import AnimationSource
        from panim_mpl.taken import taken

        return AnimationSource(target, taken=taken(target))

    def size_of(self, drawing: object) -> tuple[int, int] | None:
        """(width, height) in pixels if `drawing` is a Figure, at its own dpi, else None."""
        figure = sys.modules.get("matplotlib.figure")
        if figure is None or not isinstance(drawing, figure.Figure):
            return None
        from panim_mpl.raster import pixel_size

        return pixel_size(drawing.get_size_inches(), drawing.dpi)

    def draw_into(self, drawing: Figure, out: FrameArray) -> None:
        """Write `drawing` into `out`, shape (height, width, 4), as `savefig` draws it at the figure's own dpi."""
        from panim_mpl.raster import draw_figure

        out[:] = draw_figure(drawing, drawing.dpi, {})

    def watch(self) -> AbstractContextManager[Sequence[tuple[str | None, object]]]:
        """Notice every animation that is made while a script runs, with the Agg backend in force."""
        from panim_mpl.watch import watching

        def take(animation: Any, saved: bool) -> None:
            from panim_mpl.taken import take

            take(animation, saved)

        return watching(at_showing=take)
