"""A generator object as frames, on a generator of its own."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
rng = np.random.default_rng(7)
fig, ax = plt.subplots()
values = np.zeros(30)
(line,) = ax.plot(values)
ax.set_ylim(-3, 3)


def stream(n):
    while n:
        values[:-1] = values[1:]
        values[-1] = rng.normal()
        yield values
        n -= 1


def update(data, scale):
    line.set_ydata(scale * data)
    return (line,)


ani = FuncAnimation(fig, update, frames=stream(FRAMES), fargs=(1.5,), save_count=FRAMES)

plt.show()
