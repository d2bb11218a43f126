"""Transforms of scikit-image for panim: swirl, edges, equalize, superpixels, denoise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from panim_core import FrameGenerator, hookimpl
from panim_core.protocols import FrameTransform

NAMES = ("denoise", "edges", "equalize", "superpixels", "swirl")


class _Lazy:
    """A transform that imports scikit-image when it is first used or looked at."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    @property
    def __wrapped__(self) -> Callable[..., FrameGenerator]:
        transform: Callable[..., FrameGenerator] = getattr(import_module("panim_skimage.transforms"), self.__name__)
        return transform

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self.__wrapped__.__doc__

    def __call__(self, clip: FrameGenerator, **params: Any) -> FrameGenerator:
        return self.__wrapped__(clip, **params)


@hookimpl
def panim_register_transforms() -> Mapping[str, FrameTransform]:
    """Each under its own name."""
    return {name: _Lazy(name) for name in NAMES}
