"""The curve of an easing as text."""

from __future__ import annotations

from collections.abc import Callable

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of the dots of a braille character, by column and row: https://www.unicode.org/charts/PDF/U2800.pdf"""
_BRAILLE = 0x2800


def curve(function: Callable[[float], float], columns: int = 60, rows: int = 15, braille: bool = True) -> str:
    """Draw `function` over 0..1, from the lower of 0 and its least value to the higher of 1 and its greatest.

    Args:
        columns, rows: of characters for the curve itself; the values stand to its left.
        braille: draw with braille characters, 2 by 4 dots each, instead of asterisks.
    """
    across, down = (2, 4) if braille else (1, 1)
    width, height = columns * across, rows * down
    values = [function(x / (width - 1)) for x in range(width)]
    low, high = min(0.0, *values), max(1.0, *values)
    cells = [[0] * columns for _ in range(rows)]
    levels = [round((high - value) / (high - low) * (height - 1)) for value in values]
    before = levels[0]
    for x, level in enumerate(levels):
        # From where the last column ended, so that steep parts are lines too.
        start = before + (level > before) - (level < before)
        for y in range(min(start, level), max(start, level) + 1):
            cells[y // down][x // across] |= _DOTS[x % across][y % down]
        before = level
    labels = {round((high - value) / (high - low) * (height - 1)) // down: f"{value:g}" for value in (0.0, 1.0)}
    for row, value in ((0, high), (rows - 1, low)):
        labels.setdefault(row, f"{value:.2f}")
    lines = [f"{labels.get(row, ''):>6} │{_line(cells[row], braille)}" for row in range(rows)]
    axis = "─" * columns
    if not braille:
        lines, axis = [line.replace("│", "|") for line in lines], "-" * columns
    corner = "└" if braille else "+"
    return "\n".join([*map(str.rstrip, lines), f"{'':>6} {corner}{axis}", f"{'':>7}0{'1':>{columns}}"])


def _line(cells: list[int], braille: bool) -> str:
    if braille:
        return "".join(chr(_BRAILLE + dots) if dots else " " for dots in cells)
    return "".join("*" if dots else " " for dots in cells)
