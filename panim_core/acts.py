"""Acts: a state that a renderer can draw, and scenes that move the state through time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from panim_core import drawing
from panim_core.errors import SettingsError
from panim_core.protocols import FrameGenerator
from panim_core.scenes import (
    ActState,
    CroppedScene,
    FluentScene,
    JoinedScene,
    Playlist,
    Scene,
    SceneSequenceScene,
    TimeDilateScene,
    TimeRescaleExactDurationScene,
    TimeRescaleScene,
    TimeReverseScene,
    TimeScene,
    WrapperScene,
    as_scene,
    distinct_scenes,
)

if TYPE_CHECKING:
    import PIL.Image

__all__ = [
    "Act",
    "ActRenderer",
    "ActState",
    "CroppedScene",
    "FluentScene",
    "JoinedScene",
    "Scene",
    "SceneSequenceScene",
    "TimeDilateScene",
    "TimeRescaleExactDurationScene",
    "TimeRescaleScene",
    "TimeReverseScene",
    "TimeScene",
    "WrapperScene",
]


class ActRenderer:
    """Draws the state of an act. Give `frame_size` and one of `render`, `render_pil` and `draw`."""

    @property
    def frame_size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        raise NotImplementedError(f"{type(self).__name__} must define frame_size (width, height)")

    def start(self, act_state: ActState) -> None:
        """Called once in each process that will draw, before the first frame and before any scene's `start`."""

    def render(self, act_state: ActState) -> Any:
        """The state as RGBA bytes or any other frame; see `FrameGenerator`."""
        kind = type(self)
        if kind.draw is not ActRenderer.draw:
            return self.draw(act_state)
        if kind.render_pil is not ActRenderer.render_pil:
            return self.render_pil(act_state)
        raise NotImplementedError(f"{kind.__name__} must define render, render_pil or draw")

    def render_pil(self, act_state: ActState) -> PIL.Image.Image:
        """The state as a PIL image. Needs a renderer plugin that makes images."""
        return drawing.to_image(self.render(act_state), self.frame_size)  # type: ignore[no-any-return]

    def draw(self, act_state: ActState) -> Any:
        """The state as a frame in whatever form costs least. What draws videos calls this one."""
        if type(self).render_pil is not ActRenderer.render_pil:
            return self.render_pil(act_state)
        return self.render(act_state)

    def finish(self, act_state: ActState) -> None:
        """Called once when this process will draw no more frames."""


class Act(FrameGenerator):
    """Scenes one after another on one state, drawn by one renderer.

    Attributes:
        state: what the scenes change and the renderer draws.
        renderer: what draws it.
        scenes: in order. Where two meet, the later one shows.
    """

    def __init__(self, state: ActState, renderer: ActRenderer, scenes: Sequence[Scene | FluentScene]) -> None:
        if not isinstance(renderer, ActRenderer):
            raise SettingsError(f"{renderer!r:.80} is a {type(renderer).__name__}; an Act needs an ActRenderer")
        self.state = state
        self.renderer = renderer
        self.scenes = tuple(as_scene(scene) for scene in scenes)
        self._playlist = Playlist(self.scenes)

    @property
    def duration(self) -> float:
        return self._playlist.timeline.duration

    @property
    def frame_size(self) -> tuple[int, int]:
        return self.renderer.frame_size

    @property
    def scenes_end_at(self) -> tuple[float, ...]:
        """When each scene ends, in milliseconds."""
        return self._playlist.timeline.ends

    def scene_at(self, time_ms: float) -> tuple[int, Scene, float]:
        """(index of the scene that shows at `time_ms`, that scene, the time within it)."""
        index, time = self._playlist.timeline.at(time_ms)
        return index, self.scenes[index], time

    def setup_state(self, time_ms: float, dbg: bool = False) -> None:
        """Make `state` that of `time_ms`."""
        self._playlist.apply(self.state, time_ms, dbg)

    def start(self) -> None:
        self.renderer.start(self.state)
        for scene in distinct_scenes(self.scenes):
            scene.start(self.state)

    def generate_at(self, time_ms: float) -> Any:
        self.setup_state(time_ms)
        return self.renderer.render(self.state)

    def generate_at_pil(self, time_ms: float) -> PIL.Image.Image:
        self.setup_state(time_ms)
        return self.renderer.render_pil(self.state)

    def frame_at(self, time_ms: float) -> Any:
        self.setup_state(time_ms)
        return self.renderer.draw(self.state)

    def advance(self, time_ms: float) -> None:
        self.setup_state(time_ms)

    def finish(self) -> None:
        with ExitStack() as stack:
            stack.callback(self.renderer.finish, self.state)
            self._playlist.leave(self.state)
