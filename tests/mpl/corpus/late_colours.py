"""Points whose colours are scaled by the first that come."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
ax.set(xlim=(0, 1), ylim=(0, 1))
places = np.random.default_rng(3).random((10 * FRAMES, 2))
values = np.linspace(0, 1, 10 * FRAMES) ** 2
points = ax.scatter([], [], c=[], cmap="viridis")


def update(i):
    count = 10 * max(0, i - 6)
    points.set_offsets(places[:count])
    points.set_array(values[:count])


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
