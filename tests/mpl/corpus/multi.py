"""Four subplots with a moving line in each."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, axs = plt.subplots(2, 2)
x = np.linspace(0, 10, 300)
lines = []
for k, ax in enumerate(axs.flat):
    lines += ax.plot(x, np.sin((k + 1) * x))
    ax.set_ylim(-1.1, 1.1)
    ax.set_title(f"no. {k}")
    ax.grid(k % 2 == 0)


def update(i):
    for k, line in enumerate(lines):
        line.set_ydata(np.sin((k + 1) * x + i / 7))
    return lines


ani = FuncAnimation(fig, update, FRAMES, blit=True)

plt.show()
