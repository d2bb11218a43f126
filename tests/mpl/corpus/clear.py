"""Axes that are cleared and drawn anew."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.linspace(0, 10, 100)


def update(i):
    ax.clear()
    ax.plot(x, np.sin(x + i / 5))
    ax.set_title(f"{i}")


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
