"""The workloads as panim's sources: `panim render bench/workloads.py:NAME`; those of matplotlib are in `figures.py`.

The environment variable PANIM_BENCH_FRAMES says how many frames each has (300 by default).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import drawings

from panim_core import FrameGenerator

FRAMES = int(os.environ.get("PANIM_BENCH_FRAMES", "300"))


class Workload(FrameGenerator):
    """One of `drawings.DRAWINGS` as a source."""

    duration = FRAMES * 1000 / drawings.FPS
    frame_size = drawings.SIZE
    fps = drawings.FPS

    def __init__(self, name):
        self.name = name


class PillowWorkload(Workload):
    def start(self):
        self.drawing = drawings.DRAWINGS[self.name]()

    def generate_at_pil(self, time_ms):
        return self.drawing.image(time_ms / self.duration)


class NumpyWorkload(Workload):
    def start(self):
        self.drawing = drawings.DRAWINGS[self.name]()

    def generate_at(self, time_ms):
        return self.drawing.array(time_ms / self.duration)


class Sleeping(Workload):
    """Waits 30 ms for each frame, as for a disk, a network or a GPU; 640x360."""

    frame_size = (640, 360)

    def __init__(self):
        super().__init__("sleeping")

    def generate_at(self, time_ms):
        import time

        import numpy as np

        time.sleep(0.03)
        return np.full((360, 640, 3), round(255 * time_ms / self.duration), np.uint8)


class Products(Workload):
    """Products of matrices, which numpy's BLAS would spread over all cores; 640x360."""

    frame_size = (640, 360)

    def __init__(self):
        super().__init__("products")

    def start(self):
        import numpy as np

        self.matrix = np.random.default_rng(1).normal(size=(900, 900)).astype(np.float32)

    def generate_at(self, time_ms):
        import numpy as np

        product = self.matrix @ (self.matrix.T * np.float32(1 + time_ms / self.duration))
        shades = (product[:360, :640] % 256).astype(np.uint8) // 16
        return np.repeat(shades[..., None], 3, axis=2)


class LargeDots(Workload):
    """dots, 3840x2160."""

    frame_size = (3840, 2160)

    def __init__(self):
        super().__init__("dots")

    def start(self):
        self.drawing = drawings.DRAWINGS[self.name]()

    def generate_at_pil(self, time_ms):
        return self.drawing.image(time_ms / self.duration).resize(self.frame_size, 0)


red = PillowWorkload("red")
dots = PillowWorkload("dots")
numpy = NumpyWorkload("numpy")
sleeping = Sleeping()
products = Products()
large = LargeDots()


def find(name: str) -> FrameGenerator:
    """The workload of that name, also one of matplotlib."""
    if name in drawings.MATPLOTLIB:
        from bench import figures

        return getattr(figures, name)
    return globals()[name]
