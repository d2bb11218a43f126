"""Points that move, grow and change colour."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
rng = np.random.default_rng(1)
fig, ax = plt.subplots()
position = rng.uniform(0, 1, (200, 2))
velocity = rng.normal(0, 0.01, (200, 2))
dots = ax.scatter(*position.T, s=20, c=rng.uniform(0, 1, 200), alpha=0.6, edgecolors="k")
ax.set(xlim=(0, 1), ylim=(0, 1))


def update(i):
    global position
    position = (position + velocity) % 1
    dots.set_offsets(position)
    dots.set_sizes(20 + 15 * np.sin(i / 5 + np.arange(200)))
    dots.set_array(np.hypot(*position.T))


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
