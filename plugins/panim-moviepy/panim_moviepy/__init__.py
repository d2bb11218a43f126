"""Renders moviepy clips with panim: ``panim render clip.py`` draws a ``VideoClip`` on every core."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from sys import modules
from typing import Any

from panim_core import FrameGenerator, PluginUnavailableError, hookimpl
from panim_core.protocols import Renderer

__all__ = ["MoviepyRenderer"]


class MoviepyRenderer:
    """Adopts a moviepy ``VideoClip``; its frames are numpy arrays, which panim knows by itself."""

    name = "moviepy"

    def check_available(self) -> None:
        """Raise `PluginUnavailableError` if moviepy is not installed."""
        if find_spec("moviepy") is None:
            raise PluginUnavailableError("moviepy is not installed", "run: pip install moviepy")

    def adapt(self, target: object) -> FrameGenerator | None:
        """A generator for a ``VideoClip``, None for everything else."""
        module = modules.get("moviepy.video.VideoClip")  # no clip can exist before it is imported
        if module is None or not isinstance(target, module.VideoClip):
            return None
        from panim_moviepy.clip import ClipFrameGenerator

        return ClipFrameGenerator(target)

    def size_of(self, drawing: object) -> tuple[int, int] | None:
        """None: moviepy has no drawings of its own."""
        return None

    def draw_into(self, drawing: Any, out: Any) -> None:
        """Never called, since `size_of` knows no drawing."""
        raise NotImplementedError


@hookimpl
def panim_register_renderers() -> Iterable[Renderer]:
    """The one renderer."""
    return [MoviepyRenderer()]
