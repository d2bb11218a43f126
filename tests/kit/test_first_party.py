"""panim's own easings, transforms, renderers, encoders and executors pass the suites that it gives to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from decode import decode, timing
from matplotlib.animation import FuncAnimation
from matplotlib.figure import Figure
from PIL import Image

from panim_core import plugins
from panim_core.easing import EASINGS
from panim_core.testing import (
    EasingConformance,
    EncoderConformance,
    ExecutorConformance,
    MovingClip,
    RendererConformance,
    TransformConformance,
)
from panim_core.testing.clips import moving_pixels
from panim_ffmpeg import choosing

# What is no way from 0 to 1.
ENDS: dict[str, tuple[float | None, float | None]] = {
    "exponential_decay": (0.0, None),
    "freeze": (0.0, 0.0),
    "not_quite_there": (0.0, 0.7),
    "there_and_back": (0.0, 0.0),
    "there_and_back_with_pause": (0.0, 0.0),
    "wiggle": (0.0, 0.0),
}
PARAMS: dict[str, tuple[dict[str, Any], ...]] = {
    "chain": ({}, {"easings": ["ease_in_quad", "ease_out_bounce"]}),
    "clamp": ({}, {"easing": "ease_out_back"}),
    "cubic_bezier": ({}, {"x1": 0.2, "y1": -1.0, "x2": 0.8, "y2": 2.0}),
    "ease_in_out_poly": ({}, {"degree": 2.5}),
    "ease_out_back": ({}, {"overshoot": 3.0}),
    "mirror": ({}, {"easing": "ease_in_quad"}),
    "reverse": ({}, {"easing": "ease_in_expo"}),
    "squish": ({}, {"easing": "linear", "a": 0.1, "b": 0.9}),
    "steps": ({}, {"count": 3, "jump": "end"}),
}


def _call(transform: Any, source: Any, name: str) -> Any:
    width, height = source.frame_size
    other = MovingClip(source.frame_size, 300)
    still = Image.new("RGBA", source.frame_size, (9, 99, 199, 128))
    if name in TRANSITIONS:
        return transform(source, other, 120)
    args, kwargs = ARGUMENTS.get(name, ((), {}))
    match name:
        case "crop_pixels":
            return transform(source, 0, 0, (width + 1) // 2, (height + 1) // 2)
        case "mask" | "background":
            return transform(source, still)
        case "sequence":
            return transform(source, other)
        case "side_by_side" | "stacked" | "overlay":
            return transform(source, MovingClip(source.frame_size, source.duration))
        case "pan":
            return transform(source, ((width + 1) // 2, (height + 1) // 2))
    return transform(source, *args, **kwargs)


TRANSITIONS = {
    *("blinds", "clock_wipe", "cover", "cross_blur", "cross_zoom", "crossfade", "cut", "dissolve"),
    *("fade_through_color", "iris", "pixelise", "push", "slide", "wipe"),
}
ARGUMENTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "brightness": ((1.5,), {}),
    "caption": (("hello",), {}),
    "contrast": ((0.5,), {}),
    "delay": ((100,), {}),
    "dilate": (("ease_out_back",), {"overshoot": 2.0}),
    "exact_duration": ((1000 / 3,), {}),
    "fade_in": ((100,), {}),
    "fade_out": ((100,), {"color": "white"}),
    "fit": (((20, 20),), {}),
    "freeze_frame": ((100, 50), {}),
    "gamma": ((2.2,), {}),
    "hold": ((100,), {}),
    "hue": ((60,), {}),
    "loop": ((3,), {}),
    "margin": ((2,), {}),
    "multiply": (("orange",), {}),
    "opacity": ((0.5,), {}),
    "rescale": (((15, 11),), {}),
    "rotate": ((30,), {}),
    "saturation": ((0.5,), {}),
    "scroll": ((100.0, 50.0), {}),
    "speed": ((1.7,), {}),
    "tint": (("teal",), {}),
    "title": (("hello",), {}),
    "trim": ((50, 300), {}),
}


def _suite(kind: str, name: str, base: type, **attributes: Any) -> None:
    label = f"Test{kind}_{name}"
    globals()[label] = type(label, (base,), {"name": name, "__module__": __name__, **attributes})


for _name in EASINGS:
    _starts, _ends = ENDS.get(_name, (0.0, 1.0))
    _suite(
        "Easing",
        _name,
        EasingConformance,
        starts_at=_starts,
        ends_at=_ends,
        params=PARAMS.get(_name, ({},)),
    )

for _name in plugins.current().names("transforms"):
    _suite(
        "Transform",
        _name,
        TransformConformance,
        apply=lambda self, transform, source: _call(transform, source, self.name),
    )


class TestPillow(RendererConformance):
    name = "pillow"
    lazy_modules = ("PIL", "numpy", "matplotlib")

    def drawings(self) -> Iterable[tuple[object, np.ndarray | None]]:
        for size in ((24, 16), (17, 9), (1, 1)):
            pixels = moving_pixels(size, 40)
            yield Image.fromarray(pixels), pixels
            opaque = moving_pixels(size, 40, opaque=True)
            yield Image.fromarray(opaque[..., :3]), opaque
        changing = Image.new("RGBA", (2, 1), (1, 2, 3, 4))
        yield changing, np.full((1, 2, 4), (1, 2, 3, 4), np.uint8)
        changing.putpixel((1, 0), (5, 6, 7, 8))
        yield changing, np.array([[[1, 2, 3, 4], [5, 6, 7, 8]]], np.uint8)
        grey = Image.new("LA", (7, 5), (100, 50))
        yield grey, np.full((5, 7, 4), (100, 100, 100, 50), np.uint8)
        for mode in ("1", "L", "P", "PA", "CMYK", "YCbCr", "HSV", "I", "F", "RGBa", "La", "RGBX", "LAB", "I;16"):
            yield Image.new(mode, (7, 5)), None


class TestPillowAdopts(TestPillow):
    @pytest.fixture(autouse=True)
    def _animated(self, tmp_path: Path) -> Iterator[None]:
        frames = [Image.new("RGB", (24, 16), colour) for colour in ("red", "green", "blue")]
        frames[0].save(tmp_path / "animated.gif", save_all=True, append_images=frames[1:], duration=100)
        with Image.open(tmp_path / "animated.gif") as self.image:
            yield

    def targets(self) -> Iterable[object]:
        return [self.image]


class FfmpegConformance(EncoderConformance):
    tolerance = 3

    def decode(self, path: Path) -> Any:
        return decode(path)

    def read_fps(self, path: Path) -> Any:
        starts = timing(path).starts
        return (len(starts) - 1) / (starts[-1] - starts[0])


class TestH264(FfmpegConformance):
    name = "h264"


class TestH264InMatroska(FfmpegConformance):
    name, extension = "h264", ".mkv"


class TestVp9(FfmpegConformance):
    name = "vp9"


class _OfPlanes:
    """Small frames, too, however much changes."""

    @pytest.fixture(autouse=True)
    def _of_planes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(choosing, "_LEAST_PIXELS", 0)
        monkeypatch.setattr(choosing, "_MOST_CHANGED", 1.0)


class TestH264OfPlanes(_OfPlanes, TestH264):
    pass


class TestVp9OfPlanes(_OfPlanes, TestVp9):
    pass


class TestFfv1(FfmpegConformance):
    name, extension, tolerance = "ffv1", ".mkv", 0


class TestGif(FfmpegConformance):
    name, tolerance = "gif", 0


class TestPng(FfmpegConformance):
    name, tolerance = "png", 0

    def read_fps(self, path: Path) -> Any:
        return None


class TestLocal(ExecutorConformance):
    name = "local"


class TestHere(ExecutorConformance):
    name = "here"

    def test_tries_again_when_a_process_dies(self):
        """It draws in the process that asks, which must not die."""


class TestMatplotlib(RendererConformance):
    name = "matplotlib"
    lazy_modules = ("matplotlib", "PIL", "numpy")

    def drawings(self) -> Iterable[tuple[object, np.ndarray | None]]:
        changing = Figure(figsize=(0.24, 0.16), dpi=100, facecolor="#ff8000")
        yield changing, np.full((16, 24, 4), (255, 128, 0, 255), np.uint8)
        changing.set_facecolor("#0080ff")
        yield changing, np.full((16, 24, 4), (0, 128, 255, 255), np.uint8)
        for facecolor in ("white", "none"):
            figure = Figure(figsize=(1.23, 0.77), dpi=100, facecolor=facecolor)
            figure.add_subplot().plot([1, 3, 2])
            yield figure, None

    def targets(self) -> Iterable[object]:
        figure = Figure(figsize=(0.64, 0.48), dpi=100)
        line = figure.add_subplot().plot([0, 1], [0, 1])[0]
        yield FuncAnimation(figure, lambda number: line.set_ydata([0, number]), frames=4, interval=50)
