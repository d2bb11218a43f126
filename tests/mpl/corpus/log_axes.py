"""Logarithmic axes, one of them a twin."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.logspace(0, 3, 100)
(line,) = ax.loglog(x, x**2)
other = ax.twinx()
other.set_yscale("symlog")
(second,) = other.plot(x, x - 100, "g")
ax.grid(which="both", alpha=0.3)


def update(i):
    line.set_ydata(x ** (2 - i / FRAMES))
    second.set_ydata((x - 100) * np.cos(i / 10))


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
