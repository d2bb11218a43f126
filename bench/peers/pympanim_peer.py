"""Render a workload with pympanim: `python pympanim_peer.py WORKLOAD FRAMES OUT`."""

import os
import sys

import drawings
import pympanim.frame_gen as fg
import pympanim.worker


class Source(fg.FrameGenerator):
    def __init__(self, name, frames):
        self.name, self.frames = name, frames

    @property
    def duration(self):
        return self.frames * 1000 / drawings.FPS + 1  # its frame count is int(duration / (1000 / fps))

    @property
    def frame_size(self):
        return drawings.SIZE

    def start(self):
        self.drawing = drawings.DRAWINGS[self.name]()
        if self.name in drawings.MATPLOTLIB:
            import matplotlib

            matplotlib.use("agg")
            self.figure = self.drawing.setup()

    def generate_at(self, time_ms):
        progress = time_ms / (self.frames * 1000 / drawings.FPS)
        if self.name in drawings.MATPLOTLIB:
            self.drawing.update(progress)
            return bytes(drawings.agg(self.figure))
        if hasattr(self.drawing, "array"):
            import numpy as np

            frame = np.empty((drawings.SIZE[1], drawings.SIZE[0], 4), np.uint8)
            frame[..., :3] = self.drawing.array(progress)
            frame[..., 3] = 255
            return frame.tobytes()
        return self.drawing.image(progress).tobytes()


if __name__ == "__main__":
    name, frames, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    # Its default is a third of the physical cores, which is none on a small machine; then it never ends.
    settings = pympanim.worker.PerformanceSettings(num_workers=max(2, cores))
    pympanim.worker.produce(Source(name, frames), fps=drawings.FPS, dpi=100, bitrate=-1, outfile=out, settings=settings)
