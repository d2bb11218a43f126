"""Artists that come and go."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
rng = np.random.RandomState(4)
fig, ax = plt.subplots()
ax.set(xlim=(0, 1), ylim=(0, 1))
here = []


def update(i):
    here.append(ax.plot(*rng.uniform(0, 1, (2, 5)), marker="s")[0])
    if i % 3 == 2:
        here.append(ax.add_patch(plt.Circle(rng.uniform(0, 1, 2), 0.1, color="orange", alpha=0.5)))
    if len(here) > 5:
        here.pop(0).remove()


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
