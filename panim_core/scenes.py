"""Scenes: what moves the state of an act through time; sequenced, joined and bent in time like clips, at no cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from panim_core import plugins
from panim_core.errors import SettingsError
from panim_core.protocols import Easing
from panim_core.time_maps import Crop, Dilate, ExactDuration, Reverse, Speed, Timeline, TimeMap, check_duration
from panim_core.units import to_ms


class ActState:
    """What describes everything to be drawn, shared by an act's scenes. Subclass it and add attributes."""


class Scene:
    """A part of an act: sets the state for any time within it, in any order."""

    @property
    def duration(self) -> float:
        """Milliseconds. The default of 1 makes `time_ms` the progress, for scenes that are rescaled."""
        return 1

    def start(self, act_state: ActState) -> None:
        """Called once in each process that will draw, before anything else."""

    def enter(self, act_state: ActState) -> None:
        """Called when this scene is about to be shown and was not shown by the frame before."""

    def apply(self, act_state: ActState, time_ms: float, dbg: bool = False) -> None:
        """Set the state for `time_ms`, where ``0 <= time_ms < duration``.

        `dbg` asks for printed notes. It is left out in a render, so a scene may do without the parameter.
        """

    def exit(self, act_state: ActState) -> None:
        """Called when this scene was shown by the frame before and now another one will be, or none."""


def as_scene(scene: Scene | FluentScene) -> Scene:
    """`scene`, or what a fluent chain builds; raises `SettingsError` for anything else."""
    if isinstance(scene, FluentScene):
        return scene.build()
    if not isinstance(scene, Scene):
        raise SettingsError(f"{scene!r:.80} is a {type(scene).__name__}; need a Scene or a FluentScene")
    return scene


def _apply(scene: Scene, act_state: ActState, time_ms: float, dbg: bool) -> None:
    if dbg:
        print(f"{type(scene).__name__} at {time_ms:g} ms")
        scene.apply(act_state, time_ms, dbg)
    else:
        scene.apply(act_state, time_ms)


class WrapperScene(Scene):
    """The base of scenes made of others: passes on start, enter and exit.

    Attributes:
        children: the scenes that it applies.
    """

    def __init__(self, *children: Scene | FluentScene) -> None:
        self.children = tuple(as_scene(child) for child in children)

    @property
    def duration(self) -> float:
        return self.children[0].duration

    def start(self, act_state: ActState) -> None:
        for scene in distinct_scenes(self.children):
            scene.start(act_state)

    def enter(self, act_state: ActState) -> None:
        for child in self.children:
            child.enter(act_state)

    def exit(self, act_state: ActState) -> None:
        for child in self.children:
            child.exit(act_state)


def distinct_scenes(scenes: Iterable[Scene]) -> list[Scene]:
    """Each scene that `start` must reach, once."""
    found: dict[int, Scene] = {}
    for scene in scenes:
        inner = (
            distinct_scenes(scene.children)
            if isinstance(scene, WrapperScene) and type(scene).start is WrapperScene.start
            else [scene]
        )
        found.update({id(s): s for s in inner})
    return list(found.values())


class Playlist:
    """Scenes one after another, and which of them is entered.

    Whatever frames a process draws, the scenes before the one that shows have been entered, applied at their ends and
    exited: what they leave behind does not depend on who draws what.
    """

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = scenes
        self.timeline = Timeline(scenes)
        self._entered: int | None = None

    def apply(self, act_state: ActState, time_ms: float, dbg: bool) -> None:
        index, time = self.timeline.at(time_ms)
        if self._entered is not None and index < self._entered:
            self.leave(act_state)
        while index != self._entered:
            following = 0
            if self._entered is not None:
                following = self._entered + 1
                ending = self.scenes[self._entered]
                _apply(ending, act_state, math.nextafter(ending.duration, 0), dbg)
                self.leave(act_state)
            self.scenes[following].enter(act_state)
            self._entered = following
        _apply(self.scenes[index], act_state, time, dbg)

    def leave(self, act_state: ActState) -> None:
        if self._entered is not None:
            entered, self._entered = self._entered, None
            self.scenes[entered].exit(act_state)


class SceneSequenceScene(WrapperScene):
    """`scenes` one after another, as one scene. Where two meet, the later one shows."""

    def __init__(self, scenes: Sequence[Scene | FluentScene]) -> None:
        super().__init__(*scenes)
        self._playlist = Playlist(self.children)

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """The scenes, in order."""
        return self.children

    @property
    def scenes_end_at(self) -> tuple[float, ...]:
        """When each scene ends, in milliseconds."""
        return self._playlist.timeline.ends

    @property
    def duration(self) -> float:
        return self._playlist.timeline.duration

    def enter(self, act_state: ActState) -> None:
        """Nothing: a scene of the sequence is entered when it is first applied."""

    def apply(self, act_state: ActState, time_ms: float, dbg: bool = False) -> None:
        self._playlist.apply(act_state, time_ms, dbg)

    def exit(self, act_state: ActState) -> None:
        self._playlist.leave(act_state)


class JoinedScene(WrapperScene):
    """`children` at the same time, applied in their order; all must last equally long.

    Args:
        children: the scenes.
        sep_enters: True enters, applies and exits each child in turn for every frame, for scenes that would
            disturb each other; False enters all and exits all together.
    """

    def __init__(self, children: Sequence[Scene | FluentScene], sep_enters: bool = False) -> None:
        super().__init__(*children)
        if not self.children:
            raise SettingsError("a JoinedScene needs at least one scene")
        self.sep_enters = sep_enters
        durations = [check_duration(child) for child in self.children]
        self._duration = min(durations)
        for position, duration in enumerate(durations):
            if abs(duration - durations[0]) > 1e-9 * durations[0]:
                raise SettingsError(
                    f"joined scene 0 lasts {durations[0]:g} ms, but scene {position} "
                    f"({type(self.children[position]).__name__}) lasts {duration:g} ms; "
                    "make them equal with .time_rescale_exact"
                )

    @property
    def duration(self) -> float:
        return self._duration

    def enter(self, act_state: ActState) -> None:
        if not self.sep_enters:
            super().enter(act_state)

    def apply(self, act_state: ActState, time_ms: float, dbg: bool = False) -> None:
        for child in self.children:
            if self.sep_enters:
                child.enter(act_state)
                _apply(child, act_state, time_ms, dbg)
                child.exit(act_state)
            else:
                _apply(child, act_state, time_ms, dbg)

    def exit(self, act_state: ActState) -> None:
        if not self.sep_enters:
            super().exit(act_state)


class TimeScene(WrapperScene):
    """Applies its child at other times.

    Args:
        child: what is applied.
        map_type: makes the `TimeMap` from the child's duration in milliseconds and `map_args`.

    Attributes:
        time_map: from a time of this scene to a time of the child.
    """

    def __init__(self, child: Scene | FluentScene, map_type: Callable[..., TimeMap], *map_args: Any) -> None:
        super().__init__(child)
        self.time_map = map_type(check_duration(self.child), *map_args)

    @property
    def child(self) -> Scene:
        """The scene that is applied."""
        return self.children[0]

    @property
    def duration(self) -> float:
        return self.time_map.duration

    def apply(self, act_state: ActState, time_ms: float, dbg: bool = False) -> None:
        _apply(self.children[0], act_state, self.time_map(time_ms), dbg)


class TimeRescaleScene(TimeScene):
    """Plays `child` at another rate: `playback_rate` 2 takes half the time."""

    def __init__(self, child: Scene | FluentScene, playback_rate: float) -> None:
        self.playback_rate = playback_rate
        super().__init__(child, Speed, playback_rate)


class TimeRescaleExactDurationScene(TimeScene):
    """Plays the whole `child` in exactly `new_duration` milliseconds."""

    def __init__(self, child: Scene | FluentScene, new_duration: float) -> None:
        self.new_duration = new_duration
        super().__init__(child, ExactDuration, new_duration)


class TimeReverseScene(TimeScene):
    """Plays `child` backwards: at time t it applies ``duration - t``."""

    def __init__(self, child: Scene | FluentScene) -> None:
        super().__init__(child, Reverse)


class TimeDilateScene(TimeScene):
    """Plays `child` with its progress eased.

    Args:
        child: what is applied.
        dilator: an easing, or the name of a registered one. Where it overshoots 0..1, the first or last moment holds.
        dilator_kwargs: its parameters.
    """

    def __init__(
        self, child: Scene | FluentScene, dilator: str | Easing, dilator_kwargs: dict[str, Any] | None = None
    ) -> None:
        self.dilator = plugins.easing(dilator)
        self.dilator_kwargs = dict(dilator_kwargs or {})
        super().__init__(child, Dilate, self.dilator, self.dilator_kwargs)


class CroppedScene(TimeScene):
    """Plays `child` from `crop_start` to `crop_end`, in its own milliseconds."""

    def __init__(self, child: Scene | FluentScene, crop_start: float, crop_end: float) -> None:
        self.crop_start, self.crop_end = crop_start, crop_end
        super().__init__(child, Crop, crop_start, crop_end)


class FluentScene:
    """Chains what can be done to a scene; every method but `build` and `duration` returns the chain.

    ::

        scene = (
            FluentScene(first)
            .time_rescale_exact(5, "s")
            .push(second)                  # from here on, only the second is changed
            .time_rescale_exact(5, "s")
            .pop()                         # first, then second; from here on, both are changed
            .dilate("smoothstep")
            .build()
        )
    """

    def __init__(self, base: Scene | FluentScene) -> None:
        self.base = as_scene(base)
        self.followed_by: list[Scene] = []
        self.joined_with: list[Scene] = []
        self.join_is_sep = False
        self.pushed: list[Scene] = []

    def _current(self) -> Scene:
        """The scene being worked on, without those pushed into the background."""
        scene = SceneSequenceScene([self.base, *self.followed_by]) if self.followed_by else self.base
        return JoinedScene([scene, *self.joined_with], self.join_is_sep) if self.joined_with else scene

    def _continue_with(self, scene: Scene) -> FluentScene:
        self.base, self.followed_by, self.joined_with, self.join_is_sep = scene, [], [], False
        return self

    def duration(self) -> float:
        """Of the scene being worked on, in milliseconds."""
        return self._current().duration

    def apply(self, transform: Callable[..., Scene | FluentScene], *args: Any, **kwargs: Any) -> FluentScene:
        """Replace the current scene by ``transform(scene, *args, **kwargs)``."""
        return self._continue_with(as_scene(transform(self._current(), *args, **kwargs)))

    def then(self, scene: Scene | FluentScene) -> FluentScene:
        """Let `scene` follow."""
        if self.joined_with:
            self._continue_with(self._current())
        self.followed_by.append(as_scene(scene))
        return self

    def push(self, scene: Scene | FluentScene) -> FluentScene:
        """Put the current scene into the background, out of reach until `pop`, and work on `scene`."""
        self.pushed.append(self._current())
        return self._continue_with(as_scene(scene))

    def pop(self, style: str = "then") -> FluentScene:
        """Bring back the scene that was pushed last, and put the current one to it.

        Args:
            style: "then" lets the current scene follow it; "join" plays both at once; "join_sep" too, with
                separate enters and exits.
        """
        if style not in ("then", "join", "join_sep"):
            raise SettingsError(f"pop style {style!r}: write then, join or join_sep")
        if not self.pushed:
            raise SettingsError("pop() without a push() before it")
        current = self._current()
        self._continue_with(self.pushed.pop())
        return self.then(current) if style == "then" else self.join(current, sep_enters=style == "join_sep")

    def join(self, scene: Scene | FluentScene, sep_enters: bool = False) -> FluentScene:
        """Play `scene` at the same time; see `JoinedScene`."""
        if self.followed_by or (self.joined_with and sep_enters != self.join_is_sep):
            self._continue_with(self._current())
        self.joined_with.append(as_scene(scene))
        self.join_is_sep = sep_enters
        return self

    def reverse(self) -> FluentScene:
        """Play the current scene backwards."""
        return self.apply(TimeReverseScene)

    def crop(self, start: float, end: float, unit: str = "ms") -> FluentScene:
        """Keep the current scene from `start` to `end`, in `unit` (ms, s, min, hr)."""
        return self.apply(CroppedScene, to_ms(start, unit), to_ms(end, unit))

    def dilate(self, dilator: str | Easing, dilator_kwargs: dict[str, Any] | None = None, **params: Any) -> FluentScene:
        """Ease the progress of the current scene; `params` or `dilator_kwargs` are the easing's parameters."""
        return self.apply(TimeDilateScene, dilator, {**(dilator_kwargs or {}), **params})

    def time_rescale(self, playback_rate: float) -> FluentScene:
        """Play the current scene faster (`playback_rate` above 1) or slower."""
        return self.apply(TimeRescaleScene, playback_rate)

    def time_rescale_exact(self, new_duration: float, unit: str = "ms") -> FluentScene:
        """Play the current scene in exactly `new_duration`, in `unit` (ms, s, min, hr)."""
        return self.apply(TimeRescaleExactDurationScene, to_ms(new_duration, unit))

    def build(self) -> Scene:
        """The scene that was described.

        Raises:
            SettingsError: a pushed scene was not popped, and would be lost.
        """
        if self.pushed:
            raise SettingsError(
                f"{len(self.pushed)} pushed scene(s) would be lost; call .pop() for each before .build()"
            )
        return self._current()
