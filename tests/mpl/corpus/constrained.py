"""Constrained layout with a label that grows."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, axs = plt.subplots(1, 2, layout="constrained")
x = np.linspace(0, 10, 50)
lines = [ax.plot(x, x)[0] for ax in axs]
axs[1].set_title("fixed")


def update(i):
    lines[0].set_ydata(x * np.sin(i / 5))
    lines[1].set_ydata(x * np.cos(i / 5))
    if i % 8 == 0:
        axs[0].set_ylabel("x\n" * (1 + i % 3))
    axs[0].set_title(f"{i}")


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
