"""A span that comes below the grid and goes again, after `tight_layout`."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
ax.set(xlim=(0, 10), ylim=(-1, 1))
ax.grid(lw=3)
(line,) = ax.plot([], [])
fig.tight_layout()
x = np.linspace(0, 10, FRAMES)
spans = []


def update(i):
    line.set_data(x[:i], np.sin(x[:i]))
    if i == 12:
        spans.append(ax.axvspan(3, 5, color="red"))
    if i == 20:
        spans.pop().remove()


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
