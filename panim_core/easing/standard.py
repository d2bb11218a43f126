"""pympanim's easings, under its names and with its parameters."""

from __future__ import annotations

from panim_core.errors import SettingsError


def freeze(n: float, at: float = 0.0) -> float:
    """The constant `at` (pympanim)."""
    return at


def squeeze(n: float, amt: float = 0.2) -> float:
    """0 for the first `amt` of the time, 1 for the last `amt`, linear between (pympanim).

    Raises:
        SettingsError: `amt` is not in [0, 0.5).
    """
    if not 0 <= amt < 0.5:
        raise SettingsError(f"squeeze amt = {amt!r}: need a number from 0 to below 0.5")
    return min(1.0, max(0.0, (n - amt) / (1 - 2 * amt)))


def doublespeed(n: float) -> float:
    """Linear from 0 to 1 in the first half, then 1 (pympanim)."""
    return min(1.0, 2 * n)


def smoothstep(n: float) -> float:
    """``3n^2 - 2n^3``: no speed at both ends (Hermite; GLSL's smoothstep)."""
    return n * n * (3 - 2 * n)


def smootherstep(n: float) -> float:
    """``6n^5 - 15n^4 + 10n^3``: no speed and no acceleration at both ends (K. Perlin)."""
    return n * n * n * (n * (6 * n - 15) + 10)


def smootheststep(n: float) -> float:
    """``35n^4 - 84n^5 + 70n^6 - 20n^7``: three derivatives zero at both ends (K. McDonald)."""
    return n**4 * (35 + n * (-84 + n * (70 - 20 * n)))
