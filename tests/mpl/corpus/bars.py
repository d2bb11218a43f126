"""Bars of changing height."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
rng = np.random.default_rng(5)
fig, ax = plt.subplots()
bars = ax.bar(list("abcdefgh"), rng.uniform(0, 1, 8), color="teal", hatch="//", edgecolor="w")
ax.set_ylim(0, 1)


def update(i):
    for k, bar in enumerate(bars):
        bar.set_height(0.5 + 0.4 * np.sin(i / 6 + k))


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
