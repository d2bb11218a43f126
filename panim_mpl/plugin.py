"""What the matplotlib plugin adds. Importing this imports neither matplotlib nor numpy."""

from __future__ import annotations

from collections.abc import Iterable

from panim_core.hookspecs import hookimpl
from panim_core.protocols import Executor, Renderer
from panim_mpl.here import HereExecutor
from panim_mpl.renderer import MatplotlibRenderer


@hookimpl
def panim_register_renderers() -> Iterable[Renderer]:
    return [MatplotlibRenderer()]


@hookimpl
def panim_register_executors() -> Iterable[Executor]:
    return [HereExecutor()]
