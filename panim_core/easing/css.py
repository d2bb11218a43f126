"""The easing functions of CSS (W3C CSS Easing Functions, levels 1 and 2)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from panim_core.errors import SettingsError

_NOISE = 1e-9
"""How near to a step's start counts as there: progress is a quotient of floats."""

Point = float | tuple[float, float] | tuple[float, float, float]


def cubic_bezier(n: float, x1: float = 0.25, y1: float = 0.1, x2: float = 0.25, y2: float = 1.0) -> float:
    """The cubic Bézier curve from (0, 0) over control points (x1, y1) and (x2, y2) to (1, 1) (CSS ``cubic-bezier``).

    The default is CSS ``ease``.

    Raises:
        SettingsError: x1 or x2 is not in 0..1.
    """
    if not (0 <= x1 <= 1 and 0 <= x2 <= 1):
        raise SettingsError(f"cubic_bezier x1 = {x1!r}, x2 = {x2!r}: both must lie in 0..1")
    if n <= 0 or n >= 1:
        return 0.0 if n <= 0 else 1.0
    low, high, u = 0.0, 1.0, n
    for _ in range(60):  # Newton's steps where they stay inside, halving where not
        error = _bezier(u, x1, x2) - n
        if error == 0:
            break
        low, high = (u, high) if error < 0 else (low, u)
        slope = 3 * ((1 - u) ** 2 * x1 + 2 * (1 - u) * u * (x2 - x1) + u * u * (1 - x2))
        after = u - error / slope if slope else low
        if not low < after < high:
            after = (low + high) / 2
        if after == u:
            break
        u = after
    return _bezier(u, y1, y2)


def _bezier(u: float, a: float, b: float) -> float:
    return u * (3 * (1 - u) * ((1 - u) * a + u * b) + u * u)


def css_ease(n: float) -> float:
    """``cubic-bezier(0.25, 0.1, 0.25, 1)`` (CSS ``ease``)."""
    return cubic_bezier(n, 0.25, 0.1, 0.25, 1.0)


def css_ease_in(n: float) -> float:
    """``cubic-bezier(0.42, 0, 1, 1)`` (CSS ``ease-in``)."""
    return cubic_bezier(n, 0.42, 0.0, 1.0, 1.0)


def css_ease_out(n: float) -> float:
    """``cubic-bezier(0, 0, 0.58, 1)`` (CSS ``ease-out``)."""
    return cubic_bezier(n, 0.0, 0.0, 0.58, 1.0)


def css_ease_in_out(n: float) -> float:
    """``cubic-bezier(0.42, 0, 0.58, 1)`` (CSS ``ease-in-out``)."""
    return cubic_bezier(n, 0.42, 0.0, 0.58, 1.0)


def steps(n: float, count: int = 5, jump: str = "end") -> float:
    """`count` equal steps (CSS ``steps()``).

    Args:
        n: progress in 0..1.
        count: how many, from 1; from 2 for ``jump="none"``.
        jump: where it jumps: "start", "end", "none" (at neither end) or "both"; also written "jump-start" etc.

    Raises:
        SettingsError: another count or jump.
    """
    where = jump.removeprefix("jump-").removeprefix("jump_")
    jumps = {"start": count, "end": count, "none": count - 1, "both": count + 1}.get(where, 0)
    if int(count) != count or count < 1 or jumps < 1:
        raise SettingsError(
            f"steps count = {count!r}, jump = {jump!r}: need a whole count from 1 (from 2 for jump none) and a jump of "
            "start, end, none or both"
        )
    taken = math.floor(n * count + _NOISE) + (where in ("start", "both"))
    return min(max(taken, 0), jumps) / jumps


def linear(n: float, points: Sequence[Point] | None = None) -> float:
    """``n``, or straight lines through `points` (CSS ``linear()``).

    Args:
        n: progress in 0..1.
        points: outputs, as numbers spread evenly, as (output, at) or as (output, from, to), with progress in 0..1.
            ``linear(0, 0.25 75%, 1)`` of CSS is ``[0, (0.25, 0.75), 1]``. Where two have one place, it jumps.

    Raises:
        SettingsError: fewer than 2 points, or a point that is none of these.
    """
    if points is None:
        return n
    places, outputs = _stops(points)
    at = min(max(bisect_right(places, n) - 1, 0), len(places) - 2)
    if places[at] == places[at + 1]:
        return outputs[at + 1]
    part = (n - places[at]) / (places[at + 1] - places[at])
    return outputs[at] * (1 - part) + outputs[at + 1] * part


def _stops(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    """The points' progress and outputs, in order, as CSS canonicalises them."""
    places: list[float | None] = []
    outputs: list[float] = []
    for point in points:
        output, *at = point if isinstance(point, (tuple, list)) else (point,)
        if len(at) > 2 or not all(isinstance(x, (int, float)) and math.isfinite(x) for x in (output, *at)):
            raise SettingsError(f"linear point {point!r}: need an output, (output, at) or (output, from, to)")
        places += map(float, at) if at else [None]
        outputs += [float(output)] * max(1, len(at))
    if len(points) < 2:
        raise SettingsError(f"linear points = {points!r}: need at least 2")
    places[0] = 0.0 if places[0] is None else places[0]
    places[-1] = 1.0 if places[-1] is None else places[-1]
    filled: list[float] = []
    for index, place in enumerate(places):
        before = filled[-1] if filled else -math.inf
        if place is None:
            later, end = next((i, p) for i, p in enumerate(places) if i > index and p is not None)
            place = before + (end - before) / (later - index + 1)
        filled.append(max(place, before))
    return filled, outputs
