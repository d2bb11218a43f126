"""Animations as they were when their script saved or showed them: what it does to them later is not in the video."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, NamedTuple

from panim_mpl.parcel import ByValue, Performance

if TYPE_CHECKING:
    from matplotlib.animation import Animation

    from panim_mpl.replay import Setup


class Taken(NamedTuple):
    """What was taken of an animation, at its saving or at a showing."""

    outcome: ByValue | Exception
    every_frame: bool
    """Whether each frame must be drawn, see `panim_mpl.settling`."""
    saved: bool
    setup: Setup
    """Size, dpi and rate, as saving it there gave them without its own arguments."""

    def parcel(self) -> ByValue:
        """The copy. Raises `panim_mpl.travel.CannotTravelError`."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


_taken: dict[int, Taken] = {}
"""By the `id` of the animation, which need not be hashable, while it lives."""


def take(animation: Animation, saved: bool) -> None:
    """Keep a copy of `animation`: the first, but one that is saved rather than one that is shown."""
    from panim_mpl.replay import probe
    from panim_mpl.settling import draws_every_frame
    from panim_mpl.travel import CannotTravelError

    known = taken(animation)
    if known is not None and (known.saved or not saved):
        return
    outcome: ByValue | Exception
    try:
        outcome = ByValue(Performance(animation, (), {}))
    except CannotTravelError as error:
        outcome = error
    if known is None:
        weakref.finalize(animation, _taken.pop, id(animation)).atexit = False
    figure, setup = probe(animation, None)
    _taken[id(animation)] = Taken(outcome, draws_every_frame(figure), saved, setup)


def taken(animation: Animation) -> Taken | None:
    """What `take` kept of `animation`."""
    return _taken.get(id(animation))
