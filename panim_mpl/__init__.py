"""matplotlib figures and animations as targets.

Importing this imports no matplotlib; what is named here is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panim_mpl.animation_source import AnimationSource
    from panim_mpl.figures import FigureActRenderer, FigureFrameGenerator, animation
    from panim_mpl.save import save

_EXPORTS = {
    "AnimationSource": "animation_source",
    "FigureActRenderer": "figures",
    "FigureFrameGenerator": "figures",
    "animation": "figures",
    "save": "save",
}

__all__ = ["AnimationSource", "FigureActRenderer", "FigureFrameGenerator", "animation", "save"]


def __getattr__(name: str) -> Any:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
