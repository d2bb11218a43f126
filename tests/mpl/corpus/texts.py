"""Texts in the axes and in the figure."""

import os

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
ax.plot([0, 1], [0, 1])
inside = ax.text(0.1, 0.8, "", transform=ax.transAxes, bbox={"boxstyle": "round", "facecolor": "wheat"})
outside = fig.text(0.02, 0.02, "")
note = ax.annotate("here", xy=(0.2, 0.2), xytext=(0.6, 0.2), arrowprops={"arrowstyle": "->"})


def update(i):
    inside.set_text(f"i = {i}")
    outside.set_text("." * (i % 20))
    note.xy = (0.2 + 0.01 * i, 0.2 + 0.01 * i)
    return inside, outside, note


ani = FuncAnimation(fig, update, frames=FRAMES)

plt.show()
