"""Twin axes, both with something in motion."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
other = ax.twinx()
x = np.linspace(0, 10, 100)
(a,) = ax.plot(x, x, "r")
(b,) = other.plot(x, x**2, "b--", lw=3)
other.set_ylabel("squares")


def update(i):
    a.set_ydata(x * (1 + np.sin(i / 9)) / 2)
    b.set_ydata(x**2 * (1 + np.cos(i / 11)) / 2)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
