"""Calling an easing, and saying what is wrong with what it returned."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

from panim_core.errors import SettingsError
from panim_core.protocols import Easing
from panim_core.signatures import check_takes


class EasingError(SettingsError):
    """An easing returned NaN, infinity, or no number.

    Attributes:
        n: the progress it was called with.
        time_ms: the time for which it was called, in milliseconds.
    """

    def __init__(self, easing: str, n: float, time_ms: float, value: object) -> None:
        super().__init__(
            f"easing {easing} returned {value!r:.80} for n = {n:g} (at {time_ms:g} ms); "
            "an easing must return a finite number for every n in 0..1"
        )
        self.n, self.time_ms = n, time_ms


def name_of(easing: Easing) -> str:
    """What to call an easing in a message."""
    if isinstance(easing, functools.partial):
        return name_of(easing.func)
    return str(getattr(easing, "__name__", None) or repr(easing))


def evaluate(easing: Easing, n: float, params: Mapping[str, Any], time_ms: float) -> float:
    """``easing(n, **params)``, which may overshoot 0..1.

    Raises:
        EasingError: the result is not a finite number.
    """
    value = easing(n, **params)
    try:
        finite = math.isfinite(value)
    except (TypeError, OverflowError):
        finite = False
    if not finite:
        raise EasingError(name_of(easing), n, time_ms, value)
    return float(value)


def check_params(easing: Easing, params: Mapping[str, Any]) -> None:
    """Raise `SettingsError` if `easing` does not take `params`, as far as its signature and two calls tell."""
    what = f"easing {name_of(easing)}"
    check_takes(what, easing, 0.0, **params)
    if not params and not isinstance(easing, functools.partial):
        return
    for n in (0.0, 0.5):
        try:
            evaluate(easing, n, params, 0.0)
        except EasingError:
            raise SettingsError(f"{what} with {dict(params)!r:.200} gives no finite number for n = {n:g}") from None
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
            told = f"{type(error).__name__}: {error}"
            raise SettingsError(f"{what} with {dict(params)!r:.200} failed for n = {n:g}: {told}") from error
