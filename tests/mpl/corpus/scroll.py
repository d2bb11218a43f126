"""A window that scrolls along."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.linspace(0, 60, 3000)
ax.plot(x, np.sin(x) * np.exp(-x / 30))


def update(i):
    ax.set_xlim(i / 5, i / 5 + 10)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
