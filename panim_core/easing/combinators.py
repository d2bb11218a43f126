"""Easings made of easings.

In Python, ``reverse("ease_in_quad")`` gives an easing, which travels to workers like any function. By name they are
easings whose parameter is another: ``.dilate("reverse", easing="ease_in_quad")``.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from panim_core import plugins
from panim_core.easing.css import linear
from panim_core.errors import SettingsError
from panim_core.protocols import Easing


def reverse(easing: str | Easing, **params: Any) -> Easing:
    """``1 - easing(1 - n)``: what eased in eases out."""
    return functools.partial(reversed_easing, easing=plugins.easing(easing), **params)


def mirror(easing: str | Easing, **params: Any) -> Easing:
    """Half of ``easing(2n)``, then half of its reverse: what eased in eases in and out."""
    return functools.partial(mirrored_easing, easing=plugins.easing(easing), **params)


def chain(*easings: str | Easing) -> Easing:
    """One easing after another, each over an equal part of the time and of the way.

    Raises:
        SettingsError: no easing is given.
    """
    return functools.partial(chained_easing, easings=_some([plugins.easing(easing) for easing in easings]))


def scale(easing: str | Easing, low: float = 0.0, high: float = 1.0, **params: Any) -> Easing:
    """``low + (high - low) * easing(n)``."""
    return functools.partial(scaled_easing, easing=plugins.easing(easing), low=low, high=high, **params)


def clamp(easing: str | Easing, low: float = 0.0, high: float = 1.0, **params: Any) -> Easing:
    """``easing(n)``, but not below `low` nor above `high`."""
    return functools.partial(clamped_easing, easing=plugins.easing(easing), low=low, high=high, **params)


def reversed_easing(n: float, easing: str | Easing = linear, **params: Any) -> float:
    """``1 - easing(1 - n)`` (Motion's reverseEasing); `params` are the easing's."""
    return 1 - plugins.easing(easing)(1 - n, **params)


def mirrored_easing(n: float, easing: str | Easing = linear, **params: Any) -> float:
    """``easing(2n) / 2``, then ``1 - easing(2 - 2n) / 2`` (Motion's mirrorEasing); `params` are the easing's."""
    ease = plugins.easing(easing)
    return ease(2 * n, **params) / 2 if n < 0.5 else 1 - ease(2 - 2 * n, **params) / 2


def chained_easing(n: float, easings: Sequence[str | Easing] = (linear,)) -> float:
    """One easing after another, each over an equal part of the time and of the way."""
    parts = [plugins.easing(easing) for easing in _some(easings)]
    part = min(int(n * len(parts)), len(parts) - 1)
    return (part + parts[part](n * len(parts) - part)) / len(parts)


def scaled_easing(n: float, easing: str | Easing = linear, low: float = 0.0, high: float = 1.0, **params: Any) -> float:
    """``low + (high - low) * easing(n)``; `params` are the easing's."""
    return low + (high - low) * plugins.easing(easing)(n, **params)


def clamped_easing(
    n: float, easing: str | Easing = linear, low: float = 0.0, high: float = 1.0, **params: Any
) -> float:
    """``easing(n)``, but not below `low` nor above `high`; `params` are the easing's.

    Raises:
        SettingsError: `low` is above `high`.
    """
    if not low <= high:
        raise SettingsError(f"clamp low = {low!r}, high = {high!r}: need low up to high")
    return min(max(plugins.easing(easing)(n, **params), low), high)


def _some(easings: Sequence[str | Easing]) -> Sequence[str | Easing]:
    if isinstance(easings, str) or not easings:
        raise SettingsError(f"easings = {easings!r}: need at least one, in a list")
    return easings
