"""Transforms that are registered without being imported."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panim_core.protocols import FrameGenerator, FrameTransform


class LazyTransform:
    """Stands for a transform of this package until it is first called or looked at.

    `inspect.signature` and `inspect.getdoc` see the transform itself.
    """

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    @property
    def __wrapped__(self) -> FrameTransform:
        transform: FrameTransform = getattr(importlib.import_module(f"panim_pil.{self._module}"), self._name)
        return transform

    def __call__(self, source: FrameGenerator, *args: Any, **kwargs: Any) -> FrameGenerator:
        return self.__wrapped__(source, *args, **kwargs)

    @property
    def __name__(self) -> str:
        return self._name

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self.__wrapped__.__doc__

    def __repr__(self) -> str:
        return f"<panim_pil.{self._module}.{self._name}>"
