"""The base of transitions between two clips."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from panim_core.easing import evaluate, linear
from panim_core.errors import SettingsError
from panim_core.frame_gen import WrapperFrameGenerator
from panim_core.protocols import Easing, FrameGenerator
from panim_core.time_maps import check_duration, last_instant, up_to
from panim_core.units import as_number
from panim_pil import checks
from panim_pil.image_transform import Clip
from panim_pil.images import image_at, to_rgba

if TYPE_CHECKING:
    from PIL import Image

Mixer = Callable[..., "Image.Image"]
"""``(first, second, progress) -> image``: two RGBA images of one size, not to be changed, and 0..1."""


class TransitionFrameGenerator(WrapperFrameGenerator):
    """`first`, then `second`, which begins `overlap` milliseconds before `first` ends; between, both at once.

    Outside the overlap, frames are the clips' own, in whatever form they come.

    Args:
        first: what is left.
        second: what is entered, of the same frame size.
        overlap: milliseconds, from 0 to the shorter clip's duration.
        mixer: draws the frames in which both play.
        easing: of the mixer's progress, which is kept in 0..1.
    """

    def __init__(self, first: Clip, second: Clip, overlap: float, mixer: Mixer, easing: str | Easing = linear) -> None:
        self.overlap = as_number(overlap, "overlap in milliseconds")
        self.mixer = mixer
        self.easing = checks.easing(easing)
        super().__init__(first, second)

    def adopt(self, children: tuple[FrameGenerator, ...]) -> None:
        super().adopt(children)
        self.first, self.second = children
        if tuple(self.first.frame_size) != tuple(self.second.frame_size):
            sizes = " and ".join(f"{clip.frame_size[0]}x{clip.frame_size[1]}" for clip in children)
            raise SettingsError(
                f"a transition between clips of {sizes}: they must be equally large; rescale or fit one"
            )
        first, second = map(check_duration, children)
        self.overlap = up_to(min(first, second), self.overlap)
        if not 0 <= self.overlap <= min(first, second):
            raise SettingsError(
                f"overlap = {self.overlap:g} ms: need 0 to {min(first, second):g}, the shorter clip's duration"
            )
        self._begin = first - self.overlap
        self._duration = first + second - self.overlap
        self._end = first * (1 - 1e-12)  # where the first clip ends, less what sums of floats are off by
        self._last_of_first, self._last_of_second = last_instant(first), last_instant(second)

    @property
    def duration(self) -> float:
        return self._duration

    def _times(self, time_ms: float) -> tuple[float | None, float | None]:
        """The times of both clips; None for one that does not play."""
        first = min(time_ms, self._last_of_first) if time_ms < self._end else None
        second = None
        if first is None or time_ms >= self._begin:
            second = min(max(0.0, time_ms - self._begin), self._last_of_second)
        return first, second

    def _mixed(self, time_ms: float, first: float, second: float) -> Image.Image:
        progress = evaluate(self.easing, min(1.0, second / self.overlap), {}, time_ms)
        return self.mixer(image_at(self.first, first), image_at(self.second, second), min(1.0, max(0.0, progress)))

    def _ask(self, time_ms: float, method: str) -> Any:
        first, second = self._times(time_ms)
        if first is not None and second is not None:
            return self._mixed(time_ms, first, second)
        if first is not None:
            return getattr(self.first, method)(first)
        return getattr(self.second, method)(second)

    def generate_at(self, time_ms: float) -> Any:
        return self._ask(time_ms, "generate_at")

    def generate_at_pil(self, time_ms: float) -> Image.Image:
        return to_rgba(self._ask(time_ms, "generate_at_pil"))

    def frame_at(self, time_ms: float) -> Any:
        return self._ask(time_ms, "frame_at")

    def advance(self, time_ms: float) -> None:
        for child, moment in zip(self.children, self._times(time_ms), strict=True):
            if moment is not None and child.sequential:
                child.advance(moment)


def transition(
    first: Clip, second: Clip, overlap: float, easing: str | Easing, mixer: Mixer, **params: Any
) -> FrameGenerator:
    """A transition by `mixer`, which takes `params` as well."""
    return TransitionFrameGenerator(first, second, overlap, partial(mixer, **params) if params else mixer, easing)
