"""Checks of what a user may ask of every source that draws figures."""

from __future__ import annotations

from typing import Any

from panim_core.errors import SettingsError

REDRAW_WAYS = ("auto", "full")


def check_redraw(redraw: object) -> str:
    """`redraw` if it is a known way, else `SettingsError`."""
    if redraw not in REDRAW_WAYS:
        raise SettingsError(f"redraw {redraw!r}: write auto (draw only what changes) or full")
    return str(redraw)


def check_dpi(dpi: Any) -> float:
    """`dpi` as a float, or `SettingsError`."""
    if isinstance(dpi, bool) or not isinstance(dpi, (int, float)) or not 0 < dpi < 100_000:
        raise SettingsError(f"dpi {dpi!r}: need a number above 0")
    return float(dpi)
