"""An inset that shows part of a moving line."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.linspace(0, 10, 400)
(line,) = ax.plot(x, np.sin(x * x))
inset = ax.inset_axes([0.55, 0.6, 0.4, 0.35], xlim=(2, 3), ylim=(-1, 1), xticklabels=[])
(small,) = inset.plot(x, np.sin(x * x))
ax.indicate_inset_zoom(inset)
ax.set_ylim(-1.5, 3)


def update(i):
    y = np.sin(x * x + i / 4)
    line.set_ydata(y)
    small.set_ydata(y)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
