"""The rate functions of manim (``manim.utils.rate_functions``, Community edition)."""

from __future__ import annotations

import math

from panim_core import plugins
from panim_core.easing.penner import ease_out_circ
from panim_core.easing.standard import smootheststep
from panim_core.errors import SettingsError
from panim_core.protocols import Easing
from panim_core.units import positive


def smooth(n: float, inflection: float = 10.0) -> float:
    """A logistic curve, cut and stretched to 0..1; steeper for a higher `inflection` (manim)."""
    # manim's quotient of sigmoids, as hyperbolic tangents: these neither overflow nor lose the small ones.
    steepness = max(1e-9, positive(inflection, "inflection") / 4)
    return min(1.0, max(0.0, 0.5 + math.tanh(steepness * (2 * n - 1)) / math.tanh(steepness) / 2))


def smoothererstep(n: float) -> float:
    """As `smootheststep`, by manim's name."""
    return smootheststep(n)


def rush_into(n: float, inflection: float = 10.0) -> float:
    """The first half of `smooth`: ends at full speed (manim)."""
    return 2 * smooth(n / 2, inflection)


def rush_from(n: float, inflection: float = 10.0) -> float:
    """The second half of `smooth`: starts at full speed (manim)."""
    return 2 * smooth(n / 2 + 0.5, inflection) - 1


def slow_into(n: float) -> float:
    """``sqrt(1 - (1 - n)^2)`` (manim)."""
    return ease_out_circ(n)


def double_smooth(n: float) -> float:
    """`smooth` to the middle, and again to the end (manim)."""
    return smooth(2 * n) / 2 if n < 0.5 else (1 + smooth(2 * n - 1)) / 2


def there_and_back(n: float, inflection: float = 10.0) -> float:
    """`smooth` to 1 in the first half, and back to 0 (manim)."""
    return smooth(2 * n if n < 0.5 else 2 - 2 * n, inflection)


def there_and_back_with_pause(n: float, pause_ratio: float = 1 / 3) -> float:
    """`smooth` to 1, there for `pause_ratio` of the time, and back to 0 (manim).

    Raises:
        SettingsError: `pause_ratio` is not in [0, 1).
    """
    if not 0 <= pause_ratio < 1:
        raise SettingsError(f"pause_ratio = {pause_ratio!r}: need a number from 0 to below 1")
    return smooth(min(1.0, min(n, 1 - n) * 2 / (1 - pause_ratio)))


def running_start(n: float, pull_factor: float = -0.5) -> float:
    """The Bézier curve over 0, 0, p, p, 1, 1, 1 with p = `pull_factor`: takes a run-up (manim)."""
    m = 1 - n
    return n * n * (m**3 * (15 * m + 20 * n) * pull_factor + n * n * (15 * m * m + 6 * n * m + n * n))


def not_quite_there(n: float, easing: str | Easing = smooth, proportion: float = 0.7) -> float:
    """`easing`, a callable or a registered name, only up to `proportion` (manim)."""
    return proportion * plugins.easing(easing)(n)


def wiggle(n: float, wiggles: float = 2) -> float:
    """``there_and_back(n) sin(wiggles pi n)`` (manim)."""
    return there_and_back(n) * math.sin(wiggles * math.pi * n)


def squish(n: float, easing: str | Easing = smooth, a: float = 0.4, b: float = 0.6) -> float:
    """`easing`, a callable or a registered name, between progress `a` and `b`; held before and after (manim).

    Raises:
        SettingsError: not ``a < b``.
    """
    if not a < b:
        raise SettingsError(f"squish a = {a!r}, b = {b!r}: need a < b")
    return plugins.easing(easing)(min(1.0, max(0.0, (n - a) / (b - a))))


def lingering(n: float) -> float:
    """Linear until progress 0.8, then 1 (manim)."""
    return min(1.0, n / 0.8)


def exponential_decay(n: float, half_life: float = 0.1) -> float:
    """``1 - exp(-n / half_life)``, which reaches ``1 - exp(-1 / half_life)`` (manim)."""
    return 1 - math.exp(-n / positive(half_life, "half_life"))
