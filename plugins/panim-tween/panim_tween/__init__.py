"""The easings of pytweening for panim, under pytweening's names: ``.dilate("easeOutBounce")``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from panim_core import hookimpl
from panim_core.protocols import Easing


@hookimpl
def panim_register_easings() -> Mapping[str, Easing]:
    """Every tweening function but ``linear``, which panim has itself."""
    import pytweening

    return {
        name: function
        for name, function in inspect.getmembers(pytweening, inspect.isfunction)
        if name.startswith("ease")
    }
