"""A mass on a damped spring."""

from __future__ import annotations

import functools
import math

from panim_core.errors import SettingsError
from panim_core.units import positive


def spring(
    n: float, mass: float = 1.0, stiffness: float = 100.0, damping: float = 10.0, tolerance: float = 0.001
) -> float:
    """The way of a mass let go at 0 that a spring pulls to 1, from rest until it has settled.

    The step response of ``mass x'' + damping x' + stiffness (x - 1) = 0``, with the time from 0 to
    `settling_time` spread over 0..1, and exactly 1 at 1. For its natural speed, give the clip that duration::

        FluentFG(clip).time_rescale_exact(settling_time(stiffness=200), "s").dilate("spring", stiffness=200)

    Args:
        n: progress in 0..1.
        mass: of what moves.
        stiffness: of the spring.
        damping: of the movement; ``2 sqrt(mass stiffness)`` is the least that does not overshoot.
        tolerance: how near to 1 counts as settled.

    Raises:
        SettingsError: one of them is not above 0, or `tolerance` is not below 1.
    """
    if n >= 1:
        return 1.0
    rest = settling_time(mass, stiffness, damping, tolerance)
    return 1 - _offset(max(0.0, n) * rest, damping / (2 * mass), stiffness / mass)


@functools.lru_cache(maxsize=64)
def settling_time(
    mass: float = 1.0, stiffness: float = 100.0, damping: float = 10.0, tolerance: float = 0.001
) -> float:
    """Seconds after which the mass of `spring` stays within `tolerance` of its goal.

    Raises:
        SettingsError: as `spring`.
    """
    for name, value in (("mass", mass), ("stiffness", stiffness), ("damping", damping), ("tolerance", tolerance)):
        positive(value, f"spring {name}")
    if tolerance >= 1:
        raise SettingsError(f"spring tolerance = {tolerance!r}: need a number below 1")
    decay, square = damping / (2 * mass), stiffness / mass
    if decay * decay < square:
        # It turns round every half period, each time nearer by the same factor, and settles before the first turn
        # that is near enough.
        half = math.pi / math.sqrt(square - decay * decay)
        turns = max(1, math.ceil(-math.log(tolerance) / (decay * half)))
        low, high = (turns - 1) * half, turns * half
    else:
        low, high = 0.0, 1 / decay
        while _offset(high, decay, square) > tolerance:
            low, high = high, 2 * high
    sign = math.copysign(1.0, _offset(low, decay, square))
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if sign * _offset(middle, decay, square) > tolerance else (low, middle)
    return high


def _offset(t: float, decay: float, square: float) -> float:
    """How far from its goal, which lies 1 away, the mass is after `t` seconds."""
    difference = square - decay * decay
    if abs(difference) < 1e-9 * square:
        return (1 + decay * t) * math.exp(-decay * t)
    if difference > 0:
        turn = math.sqrt(difference)
        return math.exp(-decay * t) * (math.cos(turn * t) + decay / turn * math.sin(turn * t))
    root = math.sqrt(-difference)
    slow = -square / (decay + root)
    fast = -decay - root
    return (fast * math.exp(slow * t) - slow * math.exp(fast * t)) / (fast - slow)
