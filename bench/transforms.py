"""What a chain of five transforms costs against its Pillow calls made by hand, at 1920x1080.

    python bench/transforms.py

Both take turns; each figure is the median of the rounds' ratios. A chain shall cost at most 1.15 times its calls.
"translucent" frames are mixed premultiplied, and by hand too: Pillow's conversions to RGBa and back count as calls.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from panim_core.frame_gen import FluentFG
from panim_core.protocols import FrameGenerator

WIDTH, HEIGHT = 1920, 1080
ROUNDS = 9
SAME = list(range(256))
NEGATIVE = [255 - value for value in SAME]
BRIGHT = [min(255, round(value * 1.2)) for value in SAME]


def frame(kind: str) -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT // 8, WIDTH // 8, 4), dtype=np.uint8)
    image = Image.fromarray(noise).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    if kind != "RGBA, translucent":
        image.putalpha(255)
    return image.convert("RGB") if kind == "RGB" else image


class Still(FrameGenerator):
    """Shows `image`, as it is."""

    duration = 1000.0

    def __init__(self, image: Image.Image) -> None:
        self.image, self.frame_size = image, image.size

    def generate_at_pil(self, time_ms: float) -> Image.Image:
        return self.image


def cheap_chain(source: FrameGenerator) -> FluentFG:
    return (
        FluentFG(source).apply("mirror_x").apply("invert").apply("brightness", 1.2).apply("mirror_y").apply("grayscale")
    )


def cheap_calls(image: Image.Image) -> Image.Image:
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    same = SAME if image.mode == "RGBA" else []
    image = image.point(NEGATIVE * 3 + same)
    image = image.point(BRIGHT * 3 + same)
    image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return image.convert("LA" if image.mode == "RGBA" else "L").convert(image.mode)


def dear_chain(source: FrameGenerator) -> FluentFG:
    return (
        FluentFG(source)
        .apply("saturation", 1.4)
        .apply("blur", 3)
        .apply("brightness", 1.2)
        .apply("rescale", (1280, 720))
        .apply("mirror_x")
    )


def dear_calls(image: Image.Image) -> Image.Image:
    image = ImageEnhance.Color(image).enhance(1.4)
    if image.mode == "RGB" or image.getextrema()[3] == (255, 255):
        image = image.filter(ImageFilter.GaussianBlur(3))
    else:
        image = image.convert("RGBa").filter(ImageFilter.GaussianBlur(3)).convert("RGBA")
    image = image.point(BRIGHT * 3 + (SAME if image.mode == "RGBA" else []))
    image = image.resize((1280, 720), Image.Resampling.LANCZOS)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def soft_chain(source: FrameGenerator) -> FluentFG:
    return (
        FluentFG(source)
        .apply("fade_in", 1000, "black")
        .apply("mirror_x")
        .apply("pixelate", 8)
        .apply("margin", 10, color="white")
        .apply("gamma", 1.5)
    )


def soft_calls(image: Image.Image) -> Image.Image:
    opaque = image.mode == "RGB" or image.getextrema()[3] == (255, 255)
    black = Image.new(image.mode, image.size, "black")
    if opaque:
        image = Image.blend(image, black, 0.5)
    else:
        image = Image.blend(image.convert("RGBa"), black.convert("RGBa"), 0.5).convert("RGBA")
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    image = image.reduce(8).resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)
    image = ImageOps.expand(image, 10, "white")
    return image.point([round(255 * (v / 255) ** (1 / 1.5)) for v in SAME] * 3 + (SAME if image.mode == "RGBA" else []))


CHAINS = (("cheap", cheap_chain, cheap_calls), ("soft", soft_chain, soft_calls), ("dear", dear_chain, dear_calls))


def seconds(work: Callable[[], Image.Image]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    print(f"{'chain':24}{'by hand':>12}{'chain':>12}{'ratio':>8}")
    for name, chain, calls in CHAINS:
        for kind in ("RGB", "RGBA, opaque", "RGBA, translucent"):
            image = frame(kind)
            clip = chain(Still(image)).build()
            shown, wanted = (picture.convert("RGBA") for picture in (clip.frame_at(500.0), calls(image)))
            assert np.abs(np.asarray(shown).astype(int) - np.asarray(wanted)).max() <= 2
            by_hand, chained_work = partial(calls, image), partial(clip.frame_at, 500.0)
            rounds = [(seconds(by_hand), seconds(chained_work)) for _ in range(ROUNDS)]
            hand, chained = (statistics.median(times) * 1000 for times in zip(*rounds, strict=True))
            ratio = statistics.median(b / a for a, b in rounds)
            label = f"{name}, {kind}"
            print(f"{label:24}{hand:9.1f} ms{chained:9.1f} ms{ratio:8.3f}")


if __name__ == "__main__":
    main()
