"""Subfigures, each with axes and a title of its own."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig = plt.figure()
top, bottom = fig.subfigures(2, 1)
a, b = top.subplots(1, 2)
c = bottom.subplots()
x = np.linspace(0, 6, 80)
lines = [ax.plot(x, np.sin(x))[0] for ax in (a, b, c)]
top.suptitle("top")
bottom.set_facecolor("lightgray")


def update(i):
    for k, line in enumerate(lines):
        line.set_ydata(np.sin(x + (k + 1) * i / 9))
    bottom.suptitle(f"bottom {i}")


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
