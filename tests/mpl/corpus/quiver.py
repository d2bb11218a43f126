"""Arrows, whose scale settles when they are first drawn."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x, y = np.meshgrid(np.arange(0, 8, 0.8), np.arange(0, 8, 0.8))
arrows = ax.quiver(x, y, np.cos(x), np.sin(y), pivot="mid", color="r")
ax.quiverkey(arrows, 0.8, 0.95, 1, "one", coordinates="figure")


def update(i):
    arrows.set_UVC((1 + i / 10) * np.cos(x + i / 5), np.sin(y + i / 5))
    return (arrows,)


ani = FuncAnimation(fig, update, FRAMES, interval=50)

plt.show()
