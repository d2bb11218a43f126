"""A surface that is turned."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
x, y = np.meshgrid(np.linspace(-3, 3, 25), np.linspace(-3, 3, 25))
ax.plot_surface(x, y, np.sin(np.hypot(x, y)), cmap="viridis")
ax.scatter([0, 1, 2], [0, 1, 2], [1, 1, 1], c="r")


def update(i):
    ax.view_init(elev=30, azim=3 * i)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
