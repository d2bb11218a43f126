"""Tick labels that a function of a changing global makes."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.ticker import FuncFormatter

FRAMES = int(os.environ.get("FRAMES", "40"))


fig, ax = plt.subplots()
unit = "a"
(line,) = ax.plot([0, 1, 2], [0, 1e6, 0])
ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}{unit}"))


def update(i):
    global unit
    if i % 6 == 3:
        unit = "abcdef"[i // 6 % 6]
    line.set_ydata([0, 1e6 * np.cos(i / 10), 0])


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
