"""What the Pillow plugin adds. Importing this imports neither Pillow nor numpy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from panim_core.hookspecs import hookimpl
from panim_core.protocols import FrameTransform, Renderer
from panim_pil.lazy import LazyTransform
from panim_pil.renderer import PillowRenderer

TRANSFORMS: Mapping[str, str] = {
    "background": "composition:background",
    "blur": "filters:blur",
    "brightness": "colour:brightness",
    "caption": "text:caption",
    "chroma_key": "composition:chroma_key",
    "contrast": "colour:contrast",
    "crop_pixels": "geometry:crop_pixels",
    "drop_shadow": "filters:drop_shadow",
    "fade_in": "colour:fade_in",
    "fade_out": "colour:fade_out",
    "fit": "geometry:fit",
    "gamma": "colour:gamma",
    "glow": "filters:glow",
    "grayscale": "colour:grayscale",
    "hue": "colour:hue",
    "invert": "colour:invert",
    "ken_burns": "views:ken_burns",
    "margin": "geometry:margin",
    "mask": "composition:mask",
    "mirror_x": "geometry:mirror_x",
    "mirror_y": "geometry:mirror_y",
    "multiply": "colour:multiply",
    "opacity": "colour:opacity",
    "overlay": "composition:OverlayFrameGenerator",
    "pad_even": "geometry:pad_even",
    "pan": "views:pan",
    "pixelate": "filters:pixelate",
    "posterise": "colour:posterise",
    "rescale": "geometry:RescaleFrameGenerator",
    "rotate": "geometry:rotate",
    "saturation": "colour:saturation",
    "scroll": "views:scroll",
    "sharpen": "filters:sharpen",
    "side_by_side": "composition:side_by_side",
    "solarise": "colour:solarise",
    "stacked": "composition:stacked",
    "supersample": "time:SupersampleFrameGenerator",
    "threshold": "colour:threshold",
    "tint": "colour:tint",
    "title": "text:title",
    "vignette": "filters:vignette",
    "zoom": "views:zoom",
}
"""Registered name -> ``module:attribute`` in this package: from one clip, or several, to one."""

TRANSITIONS: Mapping[str, str] = {
    name: f"transitions:{name}"
    for name in (
        "blinds",
        "clock_wipe",
        "cover",
        "cross_blur",
        "cross_zoom",
        "crossfade",
        "cut",
        "dissolve",
        "fade_through_color",
        "iris",
        "pixelise",
        "push",
        "slide",
        "wipe",
    )
}
"""Likewise: ``(a, b, overlap, **params)``, for ``FluentFG.then(b, transition=name, overlap=...)``."""


@hookimpl
def panim_register_renderers() -> Iterable[Renderer]:
    return [PillowRenderer()]


@hookimpl
def panim_register_transforms() -> Mapping[str, FrameTransform]:
    return {name: LazyTransform(*place.split(":")) for name, place in {**TRANSFORMS, **TRANSITIONS}.items()}
