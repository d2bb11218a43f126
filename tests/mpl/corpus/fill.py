"""A filled area that is removed and added in every frame."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.linspace(0, 10, 200)
(line,) = ax.plot(x, np.sin(x), "k")
area = ax.fill_between(x, 0, np.sin(x), alpha=0.3)
ax.set_ylim(-1.5, 1.5)


def update(i):
    global area
    area.remove()
    y = np.sin(x + i / 6)
    area = ax.fill_between(x, 0, y, alpha=0.3, color="C0")
    line.set_ydata(y)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
