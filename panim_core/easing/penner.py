"""Robert Penner's easings, as on https://easings.net and in his "Programming Macromedia Flash MX", chapter 7.

Each family is one formula, the one that eases in. Easing out is ``1 - in(1 - n)``; easing in and out is half of
``in(2n)``, then half of ``1 + out(2n - 1)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from panim_core.units import positive


def _in_out(ease_in: Callable[..., float], n: float, *params: float) -> float:
    return ease_in(2 * n, *params) / 2 if n < 0.5 else 1 - ease_in(2 - 2 * n, *params) / 2


def ease_in_sine(n: float) -> float:
    """``1 - cos(n pi/2)`` (Penner)."""
    return 1 - math.sin((1 - n) * math.pi / 2)


def ease_out_sine(n: float) -> float:
    """``sin(n pi/2)`` (Penner)."""
    return math.sin(n * math.pi / 2)


def ease_in_out_sine(n: float) -> float:
    """``(1 - cos(n pi)) / 2`` (Penner)."""
    return (1 - math.cos(n * math.pi)) / 2


def ease_in_quad(n: float) -> float:
    """``n^2`` (Penner)."""
    return n * n


def ease_out_quad(n: float) -> float:
    """``1 - (1 - n)^2`` (Penner)."""
    return 1 - (1 - n) ** 2


def ease_in_out_quad(n: float) -> float:
    """``2n^2``, then ``1 - 2(1 - n)^2`` (Penner)."""
    return _in_out(ease_in_quad, n)


def ease_in_cubic(n: float) -> float:
    """``n^3`` (Penner)."""
    return n * n * n


def ease_out_cubic(n: float) -> float:
    """``1 - (1 - n)^3`` (Penner)."""
    return 1 - (1 - n) ** 3


def ease_in_out_cubic(n: float) -> float:
    """``4n^3``, then ``1 - 4(1 - n)^3`` (Penner)."""
    return _in_out(ease_in_cubic, n)


def ease_in_quart(n: float) -> float:
    """``n^4`` (Penner)."""
    return n**4


def ease_out_quart(n: float) -> float:
    """``1 - (1 - n)^4`` (Penner)."""
    return 1 - (1 - n) ** 4


def ease_in_out_quart(n: float) -> float:
    """``8n^4``, then ``1 - 8(1 - n)^4`` (Penner)."""
    return _in_out(ease_in_quart, n)


def ease_in_quint(n: float) -> float:
    """``n^5`` (Penner)."""
    return n**5


def ease_out_quint(n: float) -> float:
    """``1 - (1 - n)^5`` (Penner)."""
    return 1 - (1 - n) ** 5


def ease_in_out_quint(n: float) -> float:
    """``16n^5``, then ``1 - 16(1 - n)^5`` (Penner)."""
    return _in_out(ease_in_quint, n)


def ease_in_poly(n: float, degree: float = 3.0) -> float:
    """``n^degree`` for a degree above 0 (d3-ease's polyIn)."""
    return float(n ** positive(degree, "degree"))


def ease_out_poly(n: float, degree: float = 3.0) -> float:
    """``1 - (1 - n)^degree`` (d3-ease's polyOut)."""
    return 1 - ease_in_poly(1 - n, degree)


def ease_in_out_poly(n: float, degree: float = 3.0) -> float:
    """``(2n)^degree / 2``, then its mirror image (d3-ease's polyInOut)."""
    return _in_out(ease_in_poly, n, degree)


def ease_in_expo(n: float) -> float:
    """``2^(10n - 10)``, and 0 at 0 (Penner)."""
    return 2 ** (10 * n - 10) if n > 0 else 0.0


def ease_out_expo(n: float) -> float:
    """``1 - 2^(-10n)``, and 1 at 1 (Penner)."""
    return 1 - ease_in_expo(1 - n)


def ease_in_out_expo(n: float) -> float:
    """``2^(20n - 10) / 2``, then its mirror image (Penner)."""
    return _in_out(ease_in_expo, n)


def ease_in_circ(n: float) -> float:
    """``1 - sqrt(1 - n^2)``: a quarter of a circle (Penner)."""
    return 1 - math.sqrt(max(0.0, 1 - n * n))


def ease_out_circ(n: float) -> float:
    """``sqrt(1 - (1 - n)^2)`` (Penner)."""
    return 1 - ease_in_circ(1 - n)


def ease_in_out_circ(n: float) -> float:
    """``(1 - sqrt(1 - 4n^2)) / 2``, then its mirror image (Penner)."""
    return _in_out(ease_in_circ, n)


def ease_in_back(n: float, overshoot: float = 1.70158) -> float:
    """``(s + 1) n^3 - s n^2`` with s = `overshoot`: draws back first, by a tenth for 1.70158 (Penner)."""
    return n * n * (n + overshoot * (n - 1))


def ease_out_back(n: float, overshoot: float = 1.70158) -> float:
    """``1 + (s + 1)(n - 1)^3 + s(n - 1)^2``: goes past 1 and comes back (Penner)."""
    return 1 - ease_in_back(1 - n, overshoot)


def ease_in_out_back(n: float, overshoot: float = 1.70158) -> float:
    """As `ease_in_back`, then its mirror image, with 1.525 times the overshoot (Penner)."""
    return _in_out(ease_in_back, n, overshoot * 1.525)


def ease_in_elastic(n: float, amplitude: float = 1.0, period: float = 0.3) -> float:
    """``-a 2^(10(n - 1)) sin((n - 1 - s) 2pi / period)``, s = period / 2pi * asin(1 / a), 0 at 0 (Penner).

    Args:
        n: progress in 0..1.
        amplitude: a; below 1 counts as 1.
        period: of one swing, as a part of the whole.
    """
    if n <= 0 or n >= 1:
        return 0.0 if n <= 0 else 1.0
    amplitude = max(1.0, amplitude)
    turn = 2 * math.pi / positive(period, "period")
    return -amplitude * 2 ** (10 * (n - 1)) * math.sin((n - 1) * turn - math.asin(1 / amplitude))


def ease_out_elastic(n: float, amplitude: float = 1.0, period: float = 0.3) -> float:
    """``1 + a 2^(-10n) sin((n - s) 2pi / period)``: `ease_in_elastic` turned round (Penner)."""
    return 1 - ease_in_elastic(1 - n, amplitude, period)


def ease_in_out_elastic(n: float, amplitude: float = 1.0, period: float = 0.45) -> float:
    """As `ease_in_elastic`, then its mirror image (Penner)."""
    return _in_out(ease_in_elastic, n, amplitude, period)


def ease_in_bounce(n: float) -> float:
    """``1 - ease_out_bounce(1 - n)`` (Penner)."""
    return 1 - ease_out_bounce(1 - n)


def ease_out_bounce(n: float) -> float:
    """Four parabolas ``7.5625 (n - m)^2 + c``: falls and bounces three times (Penner)."""
    for end, middle, floor in ((1 / 2.75, 0.0, 0.0), (2 / 2.75, 1.5 / 2.75, 0.75), (2.5 / 2.75, 2.25 / 2.75, 0.9375)):
        if n < end:
            return 7.5625 * (n - middle) ** 2 + floor
    return 7.5625 * (n - 2.625 / 2.75) ** 2 + 0.984375 if n < 1 else 1.0


def ease_in_out_bounce(n: float) -> float:
    """As `ease_in_bounce`, then its mirror image (Penner)."""
    return _in_out(ease_in_bounce, n)
