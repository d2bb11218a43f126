"""Easings, as in pympanim 0.1.1; they are panim's."""

from __future__ import annotations

from typing import Any

from panim_core.easing import doublespeed, freeze, smootheststep, smoothstep, squeeze

__all__ = ["Easing", "doublespeed", "freeze", "smootheststep", "smoothstep", "squeeze"]


class Easing:
    """What an easing looks like; any callable of this shape is one."""

    def __call__(self, num: float, **kwargs: Any) -> float:
        """The eased progress for progress `num` in 0..1."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(num)")
