"""Render a workload with parallel-matplotlib-animation: `python parallel_peer.py WORKLOAD FRAMES OUT`."""

import sys

import drawings
import matplotlib

matplotlib.use("agg")

from parallel_animate import Animator


class Source(Animator):
    def __init__(self, name, frames):
        self.drawing, self.frames = drawings.DRAWINGS[name](), frames

    def setup(self):
        return self.drawing.setup()

    def update(self, frame_idx, params):
        self.drawing.update(frame_idx / self.frames)


if __name__ == "__main__":
    name, frames, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    Source(name, frames).make_video(
        out,
        param_by_frame=range(frames),
        fps=drawings.FPS,
        savefig_params={"dpi": 100},
        video_mode="cpu",
        video_quality=23,
        video_preset="medium",
    )
