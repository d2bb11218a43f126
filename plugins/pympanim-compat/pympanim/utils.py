"""Units and the search for a child by time, as in pympanim 0.1.1."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from panim_core.units import UNITS_LOOKUP as _UNITS

UNITS_LOOKUP = dict(_UNITS)
"""Name of a unit -> its milliseconds."""

UNITS = tuple(
    (tuple(name for name, other in UNITS_LOOKUP.items() if other == factor), factor)
    for factor in sorted(set(UNITS_LOOKUP.values()))
)
"""(names, milliseconds) of every unit."""


def find_child(ends_arr: Sequence[float], time: float, hint: int = 0) -> tuple[int, float]:
    """Which of the intervals that end at `ends_arr` holds `time`, and the time since its start.

    At a boundary it is the later one; at the very end, the end of the last. `hint` is not needed any more.

    Raises:
        ValueError: `time` lies outside.
    """
    if not 0 <= time <= ends_arr[-1]:
        raise ValueError(f"time={time} not in [0, {ends_arr[-1]}]")
    index = min(bisect_right(ends_arr, time), len(ends_arr) - 1)
    return index, time - (ends_arr[index - 1] if index else 0)
