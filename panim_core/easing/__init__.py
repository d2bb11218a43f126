"""Easings: functions ``(n, **params) -> float`` from progress `n` in 0..1 to eased progress.

Any callable of that shape can be used wherever an easing is taken. Where an easing says *when* to show a clip,
a result outside 0..1 holds the clip's first or last frame, and one that is no finite number is an `EasingError`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from panim_core.easing import combinators, css, manim, penner, physics, standard
from panim_core.easing.combinators import chain, clamp, mirror, reverse, scale
from panim_core.easing.css import (
    css_ease,
    css_ease_in,
    css_ease_in_out,
    css_ease_out,
    cubic_bezier,
    linear,
    steps,
)
from panim_core.easing.evaluation import EasingError, check_params, evaluate, name_of
from panim_core.easing.manim import (
    double_smooth,
    exponential_decay,
    lingering,
    not_quite_there,
    running_start,
    rush_from,
    rush_into,
    slow_into,
    smooth,
    smoothererstep,
    squish,
    there_and_back,
    there_and_back_with_pause,
    wiggle,
)
from panim_core.easing.penner import (
    ease_in_back,
    ease_in_bounce,
    ease_in_circ,
    ease_in_cubic,
    ease_in_elastic,
    ease_in_expo,
    ease_in_out_back,
    ease_in_out_bounce,
    ease_in_out_circ,
    ease_in_out_cubic,
    ease_in_out_elastic,
    ease_in_out_expo,
    ease_in_out_poly,
    ease_in_out_quad,
    ease_in_out_quart,
    ease_in_out_quint,
    ease_in_out_sine,
    ease_in_poly,
    ease_in_quad,
    ease_in_quart,
    ease_in_quint,
    ease_in_sine,
    ease_out_back,
    ease_out_bounce,
    ease_out_circ,
    ease_out_cubic,
    ease_out_elastic,
    ease_out_expo,
    ease_out_poly,
    ease_out_quad,
    ease_out_quart,
    ease_out_quint,
    ease_out_sine,
)
from panim_core.easing.physics import settling_time, spring
from panim_core.easing.standard import doublespeed, freeze, smootherstep, smootheststep, smoothstep, squeeze
from panim_core.protocols import Easing

__all__ = [
    "EASINGS",
    "Easing",
    "EasingError",
    "chain",
    "check_params",
    "clamp",
    "css_ease",
    "css_ease_in",
    "css_ease_in_out",
    "css_ease_out",
    "cubic_bezier",
    "double_smooth",
    "doublespeed",
    "ease_in_back",
    "ease_in_bounce",
    "ease_in_circ",
    "ease_in_cubic",
    "ease_in_elastic",
    "ease_in_expo",
    "ease_in_out_back",
    "ease_in_out_bounce",
    "ease_in_out_circ",
    "ease_in_out_cubic",
    "ease_in_out_elastic",
    "ease_in_out_expo",
    "ease_in_out_poly",
    "ease_in_out_quad",
    "ease_in_out_quart",
    "ease_in_out_quint",
    "ease_in_out_sine",
    "ease_in_poly",
    "ease_in_quad",
    "ease_in_quart",
    "ease_in_quint",
    "ease_in_sine",
    "ease_out_back",
    "ease_out_bounce",
    "ease_out_circ",
    "ease_out_cubic",
    "ease_out_elastic",
    "ease_out_expo",
    "ease_out_poly",
    "ease_out_quad",
    "ease_out_quart",
    "ease_out_quint",
    "ease_out_sine",
    "evaluate",
    "exponential_decay",
    "freeze",
    "linear",
    "lingering",
    "mirror",
    "name_of",
    "not_quite_there",
    "reverse",
    "running_start",
    "rush_from",
    "rush_into",
    "scale",
    "settling_time",
    "slow_into",
    "smooth",
    "smootherstep",
    "smoothererstep",
    "smootheststep",
    "smoothstep",
    "spring",
    "squeeze",
    "squish",
    "steps",
    "there_and_back",
    "there_and_back_with_pause",
    "wiggle",
]


def _defined_in(module: ModuleType) -> dict[str, Easing]:
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


EASINGS: Mapping[str, Easing] = MappingProxyType(
    {
        **_defined_in(standard),
        **_defined_in(penner),
        **_defined_in(css),
        **_defined_in(manim),
        "spring": physics.spring,
        "reverse": combinators.reversed_easing,
        "mirror": combinators.mirrored_easing,
        "chain": combinators.chained_easing,
        "scale": combinators.scaled_easing,
        "clamp": combinators.clamped_easing,
    }
)
"""The core's easings by the names under which they are registered."""
