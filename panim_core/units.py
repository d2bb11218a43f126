"""Units of time, by every name that a person may write, in milliseconds."""

from __future__ import annotations

import math
from types import MappingProxyType

from panim_core.errors import SettingsError

_NAMES = (
    (("ms", "millisecond", "milliseconds"), 1),
    (("s", "sec", "secs", "second", "seconds"), 1000),
    (("m", "min", "mins", "minute", "minutes"), 60_000),
    (("h", "hr", "hrs", "hour", "hours"), 3_600_000),
    (("d", "dy", "day", "days"), 86_400_000),
)

UNITS_LOOKUP = MappingProxyType({name: factor for names, factor in _NAMES for name in names})
"""Name of a unit -> its milliseconds."""


def to_ms(value: float, unit: str = "ms") -> float:
    """`value` in `unit` as milliseconds.

    Raises:
        SettingsError: the unit is unknown, or the value is no finite number.
    """
    factor = UNITS_LOOKUP.get(unit) if isinstance(unit, str) else None
    if factor is None:
        raise SettingsError(f"unit {unit!r} is unknown; write one of {', '.join(UNITS_LOOKUP)}")
    return as_number(value, "time") * factor


def as_number(value: object, what: str) -> float:
    """`value` as a finite float; raises `SettingsError` naming `what` otherwise."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, (str, bytes)):
        raise SettingsError(f"{what} = {value!r:.80}: need a finite number")
    return number


def positive(value: object, what: str) -> float:
    """`value` as a finite float above zero; raises `SettingsError` naming `what` otherwise."""
    number = as_number(value, what)
    if number <= 0:
        raise SettingsError(f"{what} = {value!r}: need a number above 0")
    return number
