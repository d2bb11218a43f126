"""Limits that follow the data."""

import os

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
xs, ys = [], []
(line,) = ax.plot([], [], "o-")


def update(i):
    xs.append(i)
    ys.append((i % 11) ** 2 if i < 20 else 50)
    line.set_data(xs, ys)
    ax.relim()
    ax.autoscale_view()


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
