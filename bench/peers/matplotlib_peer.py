"""Render a workload with matplotlib's `Animation.save`: `python matplotlib_peer.py WORKLOAD FRAMES OUT`."""

import os
import sys

import drawings
import matplotlib

matplotlib.use("agg")

from matplotlib.animation import FFMpegWriter, FuncAnimation

name, frames, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
matplotlib.rcParams["animation.ffmpeg_path"] = os.environ["FFMPEG_BINARY"]
drawing = drawings.DRAWINGS[name]()
figure = drawing.setup()
animation = FuncAnimation(figure, lambda i: drawing.update(i / frames), frames=frames, blit=True)
encoding = ["-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p"]
animation.save(out, writer=FFMpegWriter(fps=drawings.FPS, codec="libx264", extra_args=encoding), dpi=100)
