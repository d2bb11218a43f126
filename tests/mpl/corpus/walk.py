"""A random walk on the global generators, drawn by a generator function and by the update."""

import os
import random

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))


np.random.seed(11)
random.seed(11)
fig, ax = plt.subplots()
xs, ys = [0.0], [0.0]
(line,) = ax.plot(xs, ys)
ax.set(xlim=(-10, 10), ylim=(-10, 10))


def steps():
    for _ in range(FRAMES):
        yield np.random.normal(), random.random()


def update(step):
    xs.append(xs[-1] + step[0] + np.random.normal() * 0.1)
    ys.append(ys[-1] + step[1] - 0.5 + random.gauss(0, 0.1))
    line.set_data(xs, ys)


ani = FuncAnimation(fig, update, frames=steps, save_count=FRAMES)

plt.show()
