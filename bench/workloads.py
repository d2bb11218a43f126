"""The workloads as panim's sources: `panim render bench/workloads.py:NAME`.

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


class MatplotlibWorkload(Workload):
    """A figure, redrawn in full for every frame."""

    def start(self):
        import matplotlib

        matplotlib.use("agg")
        self.drawing = drawings.DRAWINGS[self.name]()
        self.figure = self.drawing.setup()

    def generate_at(self, time_ms):
        self.drawing.update(time_ms / self.duration)
        return self.figure


def kept(name):
    """The same figure as a source that may keep what does not change."""
    import panim_mpl

    def setup():
        drawing = drawings.DRAWINGS[name]()
        return drawing.setup(), drawing

    def update(state, time_ms):
        state[1].update(time_ms / Workload.duration)

    return panim_mpl.animation(
        setup, update, duration=Workload.duration, fps=drawings.FPS, frame_size=drawings.SIZE, redraw="auto"
    )


red = PillowWorkload("red")
dots = PillowWorkload("dots")
line = MatplotlibWorkload("line")
numpy = NumpyWorkload("numpy")
multi = MatplotlibWorkload("multi")


def line_kept():
    return kept("line")


def multi_kept():
    return kept("multi")
