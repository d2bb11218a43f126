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
from PIL import Image, ImageEnhance, ImageFilter

from panim_core.frame_gen import FluentFG
from panim_core.protocols import FrameGenerator
from panim_pil.sources import ImageFrameGenerator

WIDTH, HEIGHT = 1920, 1080
ROUNDS = 7
SAME = list(range(256))
NEGATIVE = [255 - value for value in SAME]
BRIGHT = [min(255, round(value * 1.2)) for value in SAME]


def frame(opaque: bool) -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT // 8, WIDTH // 8, 4), dtype=np.uint8)
    image = Image.fromarray(noise).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    if opaque:
        image.putalpha(255)
    return image


def cheap_chain(source: FrameGenerator) -> FluentFG:
    return (
        FluentFG(source).apply("mirror_x").apply("invert").apply("brightness", 1.2).apply("mirror_y").apply("grayscale")
    )


def cheap_calls(image: Image.Image) -> Image.Image:
    image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    image = image.point(NEGATIVE * 3 + SAME)
    image = image.point(BRIGHT * 3 + SAME)
    image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return image.convert("LA").convert("RGBA")


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
    if image.getextrema()[3] == (255, 255):
        image = image.filter(ImageFilter.GaussianBlur(3))
    else:
        image = image.convert("RGBa").filter(ImageFilter.GaussianBlur(3)).convert("RGBA")
    image = image.point(BRIGHT * 3 + SAME)
    image = image.resize((1280, 720), Image.Resampling.LANCZOS)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def seconds(work: Callable[[], Image.Image]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    print(f"{'chain':20}{'by hand':>12}{'chain':>12}{'ratio':>8}")
    for name, chain, calls in (("cheap", cheap_chain, cheap_calls), ("dear", dear_chain, dear_calls)):
        for opaque in (True, False):
            image = frame(opaque)
            clip = chain(ImageFrameGenerator(image, 1000.0)).build()
            assert np.abs(np.asarray(clip.generate_at_pil(0.0)).astype(int) - np.asarray(calls(image))).max() <= 1
            by_hand, chained_work = partial(calls, image), partial(clip.generate_at_pil, 0.0)
            rounds = [(seconds(by_hand), seconds(chained_work)) for _ in range(ROUNDS)]
            hand, chained = (statistics.median(times) * 1000 for times in zip(*rounds, strict=True))
            ratio = statistics.median(b / a for a, b in rounds)
            label = f"{name}, {'opaque' if opaque else 'translucent'}"
            print(f"{label:20}{hand:9.1f} ms{chained:9.1f} ms{ratio:8.3f}")


if __name__ == "__main__":
    main()
