"""Render a workload with moviepy: `python moviepy_peer.py WORKLOAD FRAMES OUT`."""

import sys

import drawings
import numpy as np
from moviepy import VideoClip

name, frames, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
drawing = drawings.DRAWINGS[name]()
duration = frames / drawings.FPS

if name in drawings.MATPLOTLIB:
    import matplotlib

    matplotlib.use("agg")
    figure = drawing.setup()

    def frame_at(seconds):
        drawing.update(seconds / duration)
        return np.asarray(drawings.agg(figure))[..., :3]

elif hasattr(drawing, "array"):

    def frame_at(seconds):
        return drawing.array(seconds / duration)

else:

    def frame_at(seconds):
        return np.asarray(drawing.image(seconds / duration, "RGB"))


VideoClip(frame_at, duration=duration).write_videofile(
    out,
    fps=drawings.FPS,
    codec="libx264",
    preset="medium",
    pixel_format="yuv420p",
    ffmpeg_params=["-crf", "23"],
    audio=False,
    logger=None,
)
