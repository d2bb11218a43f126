"""A growing line, blitted, with an init function."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.linspace(0, 4 * np.pi, 400)
(line,) = ax.plot([], [])
ax.set_xlim(0, 4 * np.pi)
ax.set_ylim(-1.2, 1.2)
ax.grid()
ax.set_title("sine")


def init():
    line.set_data([], [])
    return (line,)


def update(i):
    n = 2 + int(i * (len(x) - 2) / FRAMES)
    line.set_data(x[:n], np.sin(x[:n]))
    return (line,)


ani = FuncAnimation(fig, update, frames=FRAMES, init_func=init, interval=20, blit=True)

plt.show()
