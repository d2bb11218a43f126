"""The workloads of matplotlib as panim's sources: `panim render bench/figures.py:NAME`. See `workloads.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import drawings
import matplotlib.pyplot  # here, as in people's scripts
import workloads

import panim_mpl


class FigureWorkload(workloads.Workload):
    """A figure, redrawn in full for every frame."""

    def start(self):
        matplotlib.use("agg")
        self.drawing = drawings.DRAWINGS[self.name]()
        self.figure = self.drawing.setup()

    def generate_at(self, time_ms):
        self.drawing.update(time_ms / self.duration)
        return self.figure


def kept(name):
    """The same figure as a source that may keep what does not change."""

    def setup():
        drawing = drawings.DRAWINGS[name]()
        return drawing.setup(), drawing

    def update(state, time_ms):
        state[1].update(time_ms / workloads.Workload.duration)

    return panim_mpl.animation(
        setup,
        update,
        duration=workloads.Workload.duration,
        fps=drawings.FPS,
        frame_size=drawings.SIZE,
        redraw="auto",
    )


line = FigureWorkload("line")
multi = FigureWorkload("multi")


def line_kept():
    return kept("line")


def multi_kept():
    return kept("multi")
