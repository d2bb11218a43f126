"""Artists that leave their axes, some clipped and some not, with alpha."""

import os

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, (left, right) = plt.subplots(1, 2)
(free,) = left.plot([0], [0], "o", ms=40, clip_on=False, alpha=0.5, zorder=10)
(caged,) = right.plot([0], [0], "o", ms=40, alpha=0.5)
for ax in (left, right):
    ax.set(xlim=(0, 1), ylim=(0, 1), title="over the edge")
left.set_ylabel("left")


def update(i):
    x = 1.8 * i / FRAMES - 0.3
    free.set_data([x], [0.9])
    caged.set_data([x], [0.9])


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
