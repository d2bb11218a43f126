"""Polar axes."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots(subplot_kw={"projection": "polar"})
theta = np.linspace(0, 8 * np.pi, 300)
(line,) = ax.plot(theta, theta / 8)
ax.set_rmax(3.5)


def update(i):
    line.set_ydata(theta / 8 * (0.5 + 0.5 * np.sin(i / 8)))


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
