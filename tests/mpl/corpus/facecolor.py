"""Changing face colours of figure and axes; a face colour and a dpi for saving."""

import os

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
plt.rcParams["savefig.facecolor"] = (0.9, 0.8, 0.2, 0.5)
plt.rcParams["savefig.dpi"] = 80
fig, ax = plt.subplots()
(line,) = ax.plot([0, 1], [0, 1])


def update(i):
    ax.set_facecolor((i / FRAMES, 0.5, 0.5, 0.5))
    fig.set_facecolor((0, i / FRAMES, 0))
    line.set_ydata([0, i])


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
