"""Every hook, in one file: who calls it, when, and what to return.

A plugin is a module (or object) behind an entry point of the group ``panim``, with functions marked
``@panim_core.hookimpl``::

    # pyproject.toml
    [project.entry-points.panim]
    wobble = "panim_wobble"

    # panim_wobble.py
    from panim_core import hookimpl

    @hookimpl
    def panim_register_easings():
        return {"wobble": wobble}

Registration hooks are called once per process, when something of their kind is first looked up or when the
plugins are listed. What they return is cheap and stateless: import nothing heavy until it is used. A hook
that raises or returns something else marks its own plugin as broken and no other. No hook is called per
frame: frames go through the protocol objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pluggy

from panim_core.protocols import Easing, Encoder, Executor, FrameTransform, Renderer

if TYPE_CHECKING:
    import typer

    from panim_core.events import RenderEvent

PROJECT = "panim"
"""The pluggy project and the entry-point group."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def panim_register_renderers() -> Iterable[Renderer]:  # type: ignore[empty-body]
    """Return the renderers this plugin adds.

    Called when a target has to be adapted or a drawing has to become pixels.
    """


@hookspec
def panim_register_easings() -> Mapping[str, Easing]:  # type: ignore[empty-body]
    """Return name -> ``callable(n, **params) -> float``.

    Called when an easing is used by name, as in ``.dilate("smoothstep")``.
    """


@hookspec
def panim_register_transforms() -> Mapping[str, FrameTransform]:  # type: ignore[empty-body]
    """Return name -> ``callable(FrameGenerator, ...) -> FrameGenerator``.

    Called when a transform is used by name, as in ``.apply("blur", radius=4)``.
    """


@hookspec
def panim_register_encoders() -> Iterable[Encoder]:  # type: ignore[empty-body]
    """Return the encoders this plugin adds.

    Called when a render is planned, to choose by ``--encoder`` or by the output's extension.
    """


@hookspec
def panim_register_executors() -> Iterable[Executor]:  # type: ignore[empty-body]
    """Return the executors this plugin adds.

    Called when a render is planned, to choose by ``--executor``.
    """


@hookspec
def panim_register_commands(app: typer.Typer) -> None:
    """Add commands to the command line.

    Called once by `panim_core.cli` when the command line starts and the command asked for is not panim's own
    (or help is), so it must be cheap.
    """


@hookspec
def panim_render_event(event: RenderEvent) -> None:
    """Observe a render: progress, lost workers, its end. See `panim_core.events`.

    Called in the rendering process, a few times a second at most. An observer that raises is reported once
    and muted; it never disturbs the render.
    """
