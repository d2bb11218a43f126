"""Tight layout, and limits that change now and then."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
plt.rcParams["figure.autolayout"] = True
fig, axs = plt.subplots(2, 1)
x = np.linspace(0, 10, 50)
lines = [ax.plot(x, x)[0] for ax in axs]


def update(i):
    for k, line in enumerate(lines):
        line.set_ydata(x * np.sin(i / 5 + k))
    if i % 6 == 0:
        high = 10 ** (i // 6 % 7)
        axs[0].set_ylim(-high, high)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
