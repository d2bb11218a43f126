"""Frame generators made of other frame generators, and `FluentFG`, which chains them.

What changes only *when* frames are shown is here. What changes pixels is a registered transform: the Pillow
package's are used as ``FluentFG(clip).apply("blur", radius=4)``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from panim_core import plugins
from panim_core.errors import SettingsError
from panim_core.frames import exact_fps
from panim_core.functions import FunctionFrameGenerator, animation
from panim_core.protocols import Easing, FrameGenerator, FrameTransform, takes
from panim_core.signatures import check_takes, has_default
from panim_core.time_maps import Crop, Dilate, ExactDuration, Reverse, Speed, Timeline, TimeMap, check_duration, up_to
from panim_core.units import as_number, to_ms

if TYPE_CHECKING:
    import PIL.Image

__all__ = [
    "CroppedFrameGenerator",
    "FluentFG",
    "FrameGenerator",
    "FunctionFrameGenerator",
    "OverlayFrameGenerator",
    "RescaleFrameGenerator",
    "SequenceFrameGenerator",
    "TimeDilateFrameGenerator",
    "TimeFrameGenerator",
    "TimeRescaleExactDurationFrameGenerator",
    "TimeRescaleFrameGenerator",
    "TimeReverseFrameGenerator",
    "WrapperFrameGenerator",
    "animation",
    "as_generator",
    "img_to_bytes",
]


def img_to_bytes(img: PIL.Image.Image) -> bytes:
    """The RGBA bytes of a PIL image of any mode, as `FrameGenerator.generate_at` may return them."""
    return (img if img.mode == "RGBA" else img.convert("RGBA")).tobytes()


def as_generator(clip: FrameGenerator | FluentFG) -> FrameGenerator:
    """`clip`, or what a fluent chain builds; raises `SettingsError` for anything else."""
    if isinstance(clip, FluentFG):
        return clip.build()
    if not isinstance(clip, FrameGenerator):
        raise SettingsError(f"{clip!r:.80} is a {type(clip).__name__}; need a FrameGenerator or a FluentFG")
    return clip


class WrapperFrameGenerator(FrameGenerator):
    """The base of generators that draw through others.

    It passes on what is no drawing: `start` and `finish` reach every distinct generator below once, however
    often it is used; the size and duration are the first child's. A subclass draws, and overrides `adopt` to
    prepare what depends on its children.

    Attributes:
        children: the generators that it draws through.
    """

    children: tuple[FrameGenerator, ...]

    def __init__(self, *children: FrameGenerator | FluentFG) -> None:
        self.adopt(tuple(as_generator(child) for child in children))

    def adopt(self, children: tuple[FrameGenerator, ...]) -> None:
        """Take `children`: called when made, and on a copy by `configured`."""
        self.children = children
        self.sequential = any(child.sequential for child in children)
        self.fps = max((exact_fps(child.fps) for child in children if child.fps is not None), default=None)
        sources = list(_walk(children))
        for source in {id(s): s for s in sources}.values():
            if source.sequential and sum(s is source for s in sources) > 1:
                raise SettingsError(
                    f"{type(source).__name__} draws its frames in order only, so it can be used once in a clip; "
                    "make a second one"
                )

    @property
    def duration(self) -> float:
        return self.children[0].duration

    @property
    def frame_size(self) -> tuple[int, int]:
        return self.children[0].frame_size

    def start(self) -> None:
        with ExitStack() as started:
            for source in _distinct(self.children):
                source.start()
                started.callback(source.finish)
            started.pop_all()

    def advance(self, time_ms: float) -> None:
        for child in self.children:
            if child.sequential:
                child.advance(time_ms)

    def finish(self) -> None:
        with ExitStack() as stack:
            for source in reversed(_distinct(self.children)):
                stack.callback(source.finish)

    @property
    def max_workers(self) -> int | None:
        """The most worker processes that all sources below allow."""
        allowed = [getattr(source, "max_workers", None) for source in _distinct(self.children)]
        return min((most for most in allowed if most is not None), default=None)

    def notes(self) -> Sequence[str]:
        """What the sources below have to tell since the last call."""
        return [note for notes in self._each("notes") for note in notes or ()]

    def claims(self) -> Sequence[tuple[str, str]]:
        """What the sources below say that every process must find alike."""
        return _numbered(self._each("claims"))

    def claims_here(self, frames: int) -> Sequence[tuple[str, str]]:
        """What they say of their first `frames` in this process."""
        return _numbered(self._each("claims_here", frames))

    def retry_at_odds(self) -> dict[str, Any]:
        """Options for where other processes find something else."""
        asked = [options for options in self._each("retry_at_odds") if options]
        return next((options for options in asked if "alone" not in options), {"alone": True})

    def _each(self, name: str, *given: Any) -> list[Any]:
        asked = [getattr(source, name, None) for source in _distinct(self.children)]
        return [method(*given) if callable(method) else None for method in asked]

    def configured(self, **options: Any) -> FrameGenerator:
        made = {id(child): child for child in self.children}
        taking = {key for key, child in made.items() if takes(child, options)}
        rest = {name: value for name, value in options.items() if name != "redraw" or not taking}
        made = {key: child.configured(**(options if key in taking else rest)) for key, child in made.items()}
        clone = copy.copy(self)
        clone.adopt(tuple(made[id(child)] for child in self.children))
        return clone


def _numbered(told: Iterable[Any]) -> list[tuple[str, str]]:
    return [(f"{what} of clip {number}", value) for number, claims in enumerate(told) for what, value in claims or ()]


def _walk(generators: Iterable[FrameGenerator]) -> Iterable[FrameGenerator]:
    """The generators that `start` must reach, each as often as it is used."""
    for generator in generators:
        kind = type(generator)
        if (
            isinstance(generator, WrapperFrameGenerator)
            and kind.start is WrapperFrameGenerator.start
            and kind.finish is WrapperFrameGenerator.finish
        ):
            yield from _walk(generator.children)
        else:
            yield generator


def _distinct(generators: Iterable[FrameGenerator]) -> list[FrameGenerator]:
    return list({id(source): source for source in _walk(generators)}.values())


class TimeFrameGenerator(WrapperFrameGenerator):
    """Shows its child at other times.

    Args:
        child: what is shown.
        map_type: makes the `TimeMap` from the child's duration in milliseconds and `map_args`.

    Attributes:
        child: the generator that draws.
        time_map: from a time of this generator to a time of the child.
    """

    child: FrameGenerator
    time_map: TimeMap

    def __init__(self, child: FrameGenerator | FluentFG, map_type: Callable[..., TimeMap], *map_args: Any) -> None:
        self._map_type, self._map_args = map_type, map_args
        super().__init__(child)

    def adopt(self, children: tuple[FrameGenerator, ...]) -> None:
        super().adopt(children)
        self.child = children[0]
        self.time_map = self._map_type(check_duration(self.child), *self._map_args)
        if self.sequential and self.time_map.goes_back():
            raise SettingsError(
                f"{type(self.child).__name__} draws its frames in order only (sequential), and here its time would run "
                "backwards; leave that out, or make the source draw any frame on its own"
            )

    @property
    def duration(self) -> float:
        return self.time_map.duration

    def generate_at(self, time_ms: float) -> Any:
        return self.child.generate_at(self.time_map(time_ms))

    def generate_at_pil(self, time_ms: float) -> PIL.Image.Image:
        return self.child.generate_at_pil(self.time_map(time_ms))

    def frame_at(self, time_ms: float) -> Any:
        return self.child.frame_at(self.time_map(time_ms))

    def advance(self, time_ms: float) -> None:
        self.child.advance(self.time_map(time_ms))


class TimeRescaleFrameGenerator(TimeFrameGenerator):
    """Plays `child` at another rate: `playback_rate` 2 takes half the time."""

    def __init__(self, child: FrameGenerator | FluentFG, playback_rate: float) -> None:
        self.playback_rate = playback_rate
        super().__init__(child, Speed, playback_rate)


class TimeRescaleExactDurationFrameGenerator(TimeFrameGenerator):
    """Plays the whole `child` in exactly `new_duration` milliseconds."""

    def __init__(self, child: FrameGenerator | FluentFG, new_duration: float) -> None:
        self.new_duration = new_duration
        super().__init__(child, ExactDuration, new_duration)


class TimeDilateFrameGenerator(TimeFrameGenerator):
    """Plays `child` with its progress eased.

    Args:
        child: what is shown.
        dilator: an easing, or the name of a registered one. Where it overshoots 0..1, the first or last frame holds.
        dilator_kwargs: its parameters.

    Raises:
        EasingError: when a frame is drawn for which the easing gives no finite number.
    """

    def __init__(
        self,
        child: FrameGenerator | FluentFG,
        dilator: str | Easing,
        dilator_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.dilator = plugins.easing(dilator)
        self.dilator_kwargs = dict(dilator_kwargs or {})
        super().__init__(child, Dilate, self.dilator, self.dilator_kwargs)


class TimeReverseFrameGenerator(TimeFrameGenerator):
    """Plays `child` backwards, from its last instant: at time t it shows ``duration - t``."""

    def __init__(self, child: FrameGenerator | FluentFG) -> None:
        super().__init__(child, Reverse)


class CroppedFrameGenerator(TimeFrameGenerator):
    """Plays `child` from `crop_start` to `crop_end`, in its own milliseconds."""

    def __init__(self, child: FrameGenerator | FluentFG, crop_start: float, crop_end: float) -> None:
        self.crop_start, self.crop_end = crop_start, crop_end
        super().__init__(child, Crop, crop_start, crop_end)


class SequenceFrameGenerator(WrapperFrameGenerator):
    """Plays `children` one after another. Where two meet, the later one shows."""

    def __init__(self, children: Sequence[FrameGenerator | FluentFG]) -> None:
        super().__init__(*children)

    def adopt(self, children: tuple[FrameGenerator, ...]) -> None:
        self.timeline = Timeline(children)
        super().adopt(children)
        size = children[0].frame_size
        for position, child in enumerate(children):
            if tuple(child.frame_size) != tuple(size):
                raise SettingsError(
                    f"clip 0 of the sequence ({type(children[0]).__name__}) has frame size {_by(size)}, but clip "
                    f"{position} ({type(child).__name__}) has {_by(child.frame_size)}; rescale one with "
                    f".rescale({size[0]}, {size[1]})"
                )

    @property
    def duration(self) -> float:
        return self.timeline.duration

    @property
    def children_end_at(self) -> tuple[float, ...]:
        """When each child ends, in milliseconds."""
        return self.timeline.ends

    def child_at(self, time_ms: float) -> tuple[int, FrameGenerator, float]:
        """(index of the child that shows at `time_ms`, that child, the time within it)."""
        index, time = self.timeline.at(time_ms)
        return index, self.children[index], time

    def generate_at(self, time_ms: float) -> Any:
        _, child, time = self.child_at(time_ms)
        return child.generate_at(time)

    def generate_at_pil(self, time_ms: float) -> PIL.Image.Image:
        _, child, time = self.child_at(time_ms)
        return child.generate_at_pil(time)

    def frame_at(self, time_ms: float) -> Any:
        _, child, time = self.child_at(time_ms)
        return child.frame_at(time)

    def advance(self, time_ms: float) -> None:
        _, child, time = self.child_at(time_ms)
        child.advance(time)


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def RescaleFrameGenerator(
    child: FrameGenerator | FluentFG, new_frame_size: tuple[int, int], resample: int | None = None
) -> FrameGenerator:
    """`child` at `new_frame_size` (width, height), by the registered transform ``rescale``."""
    options = () if resample is None else (resample,)
    return plugins.transform("rescale")(as_generator(child), new_frame_size, *options)


def OverlayFrameGenerator(
    base: FrameGenerator | FluentFG, overlay: FrameGenerator | FluentFG, pos: tuple[int, int]
) -> FrameGenerator:
    """`overlay` over `base` with its top left corner at `pos`, by the registered transform ``overlay``."""
    return plugins.transform("overlay")(as_generator(base), as_generator(overlay), pos)


class FluentFG:
    """Chains what can be done to a frame generator; every method but `build` and the questions returns the chain.

    ::

        clip = (
            FluentFG(a)
            .crop(15, 30, "s")
            .dilate("smoothstep")
            .then(FluentFG(b).time_rescale(2), transition="crossfade", overlap=500)
            .apply("blur", radius=4)
            .build()
        )
    """

    def __init__(self, base: FrameGenerator | FluentFG) -> None:
        self.base = as_generator(base)
        self.followed_by: list[FrameGenerator] = []

    def then(
        self,
        other: FrameGenerator | FluentFG,
        transition: str | FrameTransform | None = None,
        overlap: float | None = None,
        **params: Any,
    ) -> FluentFG:
        """Let `other` follow.

        Args:
            other: a clip of the same frame size.
            transition: a callable ``(a, b, overlap_ms, **params) -> FrameGenerator`` or the name of a registered one,
                e.g. ``"crossfade"``; None cuts.
            overlap: how long both clips play, in milliseconds; at most the shorter clip's duration.
            params: the transition's own.

        Raises:
            SettingsError: e.g. a transition without an overlap, or an overlap without a transition.
        """
        other = as_generator(other)
        if tuple(other.frame_size) != tuple(self.frame_size()):
            raise SettingsError(
                f"the clip has frame size {_by(self.frame_size())}, what follows ({type(other).__name__}) has "
                f"{_by(other.frame_size)}; rescale one with .rescale({self.base.frame_size[0]}, "
                f"{self.base.frame_size[1]})"
            )
        if transition is None:
            if overlap or params:
                raise SettingsError('then() needs transition=, e.g. "crossfade", for an overlap and its parameters')
            self.followed_by.append(other)
            return self
        if overlap is None:
            if has_default(plugins.transform(transition), "overlap"):
                return self.apply(transition, other, **params)
            raise SettingsError(f"then() with transition {transition!r:.80} needs overlap=, in milliseconds")
        shorter = min(self.duration(), check_duration(other))
        overlap = up_to(shorter, as_number(overlap, "overlap in milliseconds"))
        if not 0 <= overlap <= shorter:
            raise SettingsError(f"overlap = {overlap:g} ms: need 0 to {shorter:g}, the shorter clip's duration")
        return self.apply(transition, other, overlap, **params)

    def apply(self, transform: str | FrameTransform, *args: Any, **kwargs: Any) -> FluentFG:
        """Transform the clip so far: `transform` is a callable taking a FrameGenerator first, or a registered name.

        Raises:
            PluginNotFoundError: the name is unknown.
            SettingsError: it does not take these arguments, or gives no FrameGenerator.
        """
        function = plugins.transform(transform)
        if isinstance(transform, str):
            check_takes(f"transform {transform}", function, None, *args, **kwargs)
        result = function(self.build(), *args, **kwargs)
        if not isinstance(result, (FrameGenerator, FluentFG)):
            raise SettingsError(f"transform {transform!r:.80} returned a {type(result).__name__}, no FrameGenerator")
        self.base, self.followed_by = as_generator(result), []
        return self

    def duration(self) -> float:
        """Of the clip so far, in milliseconds."""
        return self.build().duration if self.followed_by else self.base.duration

    def frame_size(self) -> tuple[int, int]:
        """(width, height) of the clip so far."""
        return self.base.frame_size

    def reverse(self) -> FluentFG:
        """Play the clip so far backwards."""
        return self.apply(TimeReverseFrameGenerator)

    def crop(self, start: float, end: float, unit: str = "ms") -> FluentFG:
        """Keep the clip so far from `start` to `end`, in `unit` (ms, s, min, hr)."""
        return self.apply(CroppedFrameGenerator, to_ms(start, unit), to_ms(end, unit))

    def dilate(self, dilator: str | Easing, dilator_kwargs: dict[str, Any] | None = None, **params: Any) -> FluentFG:
        """Ease the progress of the clip so far; `params` or `dilator_kwargs` are the easing's parameters."""
        return self.apply(TimeDilateFrameGenerator, dilator, {**(dilator_kwargs or {}), **params})

    def rescale(self, new_width: int, new_height: int, resample: int | None = None) -> FluentFG:
        """Resize every frame, by the registered transform ``rescale``; `resample` is Pillow's."""
        return self.apply(RescaleFrameGenerator, (new_width, new_height), resample)

    def time_rescale(self, playback_rate: float) -> FluentFG:
        """Play the clip so far faster (`playback_rate` above 1) or slower."""
        return self.apply(TimeRescaleFrameGenerator, playback_rate)

    def time_rescale_exact(self, new_duration: float, unit: str = "ms") -> FluentFG:
        """Play the clip so far in exactly `new_duration`, in `unit` (ms, s, min, hr)."""
        return self.apply(TimeRescaleExactDurationFrameGenerator, to_ms(new_duration, unit))

    def overlay(self, overlay: FrameGenerator | FluentFG, pos: tuple[int, int]) -> FluentFG:
        """Put `overlay` over the clip so far, its top left corner at `pos`, by the registered transform ``overlay``."""
        return self.apply(OverlayFrameGenerator, overlay, pos)

    def build(self) -> FrameGenerator:
        """The frame generator that was described."""
        return SequenceFrameGenerator([self.base, *self.followed_by]) if self.followed_by else self.base
