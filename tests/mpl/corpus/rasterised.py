"""Rasterised artists and a rasterisation zorder."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x, y = np.meshgrid(np.linspace(0, 3, 20), np.linspace(0, 3, 20))
mesh = ax.pcolormesh(x, y, np.sin(x * y), rasterized=True, zorder=-5, shading="auto")
ax.set_rasterization_zorder(-1)
(line,) = ax.plot([0, 3], [0, 3], "w", rasterized=True)


def update(i):
    mesh.set_array(np.sin(x * y + i / 3))
    line.set_ydata([i * 3 / FRAMES, 0])


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
