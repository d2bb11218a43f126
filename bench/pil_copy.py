"""How to get a Pillow image into a frame's memory: milliseconds per 1920x1080 frame for each way and mode.

    python bench/pil_copy.py

The ways take turns; each figure is a median. `panim_pil.images.copy_into` is the fastest of them.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from panim_pil.images import copy_into

WIDTH, HEIGHT = 1920, 1080
ROUNDS = 15
OUT = np.empty((HEIGHT, WIDTH, 4), np.uint8)


def paste(image: Image.Image) -> None:
    view = Image.frombuffer("RGBA", (WIDTH, HEIGHT), OUT, "raw", "RGBA", 0, 1)
    view.readonly = 0
    view.paste(image)


def asarray(image: Image.Image) -> None:
    pixels = np.asarray(image if image.mode in ("RGB", "RGBA") else image.convert("RGBA"))
    OUT[..., : pixels.shape[2]] = pixels
    if pixels.shape[2] == 3:
        OUT[..., 3] = 255


def tobytes(image: Image.Image) -> None:
    data = image.tobytes("raw", "RGBX") if image.mode == "RGB" else image.convert("RGBA").tobytes()
    OUT.reshape(-1)[:] = np.frombuffer(data, np.uint8)
    if image.mode == "RGB":
        OUT[..., 3] = 255


def direct(image: Image.Image) -> None:
    copy_into(image, OUT)


WAYS: dict[str, Callable[[Image.Image], None]] = {
    "copy_into": direct,
    "paste": paste,
    "asarray": asarray,
    "tobytes": tobytes,
}


def main() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    rgba = Image.frombuffer("RGBA", (WIDTH, HEIGHT), noise.tobytes(), "raw", "RGBA", 0, 1).copy()
    print(f"{'mode':6}" + "".join(f"{way:>12}" for way in WAYS))
    for mode in ("RGBA", "RGB", "L", "P", "1", "LA"):
        image = rgba.convert(mode)
        seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(ROUNDS):
            for way, copy in random.sample(list(WAYS.items()), len(WAYS)):  # one leaves memory behind for the next
                begun = time.perf_counter()
                copy(image)
                seconds[way].append(time.perf_counter() - begun)
        print(f"{mode:6}" + "".join(f"{statistics.median(seconds[way]) * 1000:9.2f} ms" for way in WAYS))


if __name__ == "__main__":
    main()
