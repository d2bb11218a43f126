"""The core's own plugin, found by entry point like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from panim_core.hookspecs import hookimpl
from panim_core.protocols import Easing, Executor, FrameTransform


@hookimpl
def panim_register_easings() -> Mapping[str, Easing]:
    from panim_core.easing import EASINGS

    return EASINGS


@hookimpl
def panim_register_transforms() -> Mapping[str, FrameTransform]:
    from panim_core.time_transforms import TRANSFORMS

    return TRANSFORMS


@hookimpl
def panim_register_executors() -> Iterable[Executor]:
    from panim_core.execution.local import LocalExecutor

    return [LocalExecutor()]
