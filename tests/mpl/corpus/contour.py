"""Contours that are removed and drawn anew."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x, y = np.meshgrid(np.linspace(-3, 3, 60), np.linspace(-3, 3, 60))
shown = [ax.contourf(x, y, x), ax.contour(x, y, y, colors="k")]


def update(i):
    for one in shown:
        one.remove()
    z = np.sin(x + i / 5) * np.cos(y)
    shown[:] = [ax.contourf(x, y, z, levels=8), ax.contour(x, y, z, levels=8, colors="k", linewidths=0.5)]


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
