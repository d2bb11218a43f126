"""Artists that change places, vanish and come back."""

import os

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
a = ax.add_patch(plt.Rectangle((0.1, 0.1), 0.5, 0.5, color="C0"))
b = ax.add_patch(plt.Circle((0.6, 0.6), 0.3, color="C1"))
(line,) = ax.plot([0, 1], [0.5, 0.5], lw=10, color="C2")


def update(i):
    a.set_zorder(1 + i % 4)
    b.set_visible(i % 5 != 3)
    line.set_visible(i % 7 < 4)
    line.set_ydata([i / FRAMES, 0.5])
    ax.spines["top"].set_visible(i % 9 < 6)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
