"""panim: draws the frames of an animation on every core and streams them into a video.

Everything public is importable from here or from the modules named in the documentation; nothing is imported
before it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Not by __getattr__: the module of the same name would take the function's place once it is imported.
from panim_core.produce import produce, still
from panim_core.version import __version__

if TYPE_CHECKING:
    from panim_core.errors import (
        EncodeError,
        FrameError,
        FrameTimeoutError,
        PanimError,
        PluginConflictError,
        PluginContractError,
        PluginError,
        PluginLoadError,
        PluginNotFoundError,
        PluginUnavailableError,
        RenderCancelledError,
        RenderError,
        SettingsError,
        WorkerLostError,
    )
    from panim_core.frame_gen import FluentFG, FrameGenerator
    from panim_core.functions import animation
    from panim_core.hookspecs import hookimpl
    from panim_core.job import Deadlines, RenderSettings
    from panim_core.report import RenderReport

__all__ = [
    "Deadlines",
    "EncodeError",
    "FluentFG",
    "FrameError",
    "FrameGenerator",
    "FrameTimeoutError",
    "PanimError",
    "PluginConflictError",
    "PluginContractError",
    "PluginError",
    "PluginLoadError",
    "PluginNotFoundError",
    "PluginUnavailableError",
    "RenderCancelledError",
    "RenderError",
    "RenderReport",
    "RenderSettings",
    "SettingsError",
    "WorkerLostError",
    "__version__",
    "animation",
    "hookimpl",
    "produce",
    "still",
]

_MODULES = {
    "FluentFG": "frame_gen",
    "FrameGenerator": "frame_gen",
    "animation": "functions",
    "hookimpl": "hookspecs",
    "Deadlines": "job",
    "RenderSettings": "job",
    "RenderReport": "report",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _MODULES.get(name, "errors")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
