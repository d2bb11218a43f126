"""A title and axis labels that change with every frame."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.linspace(0, 10, 200)
(line,) = ax.plot(x, np.sin(x))
title = ax.set_title("")


def update(i):
    line.set_ydata(np.sin(x + i / 10))
    title.set_text(f"frame {i} $\\phi$ = {i / 10:.1f}")
    ax.set_xlabel(f"x at {i}")


ani = FuncAnimation(fig, update, frames=range(FRAMES), interval=40)

plt.show()
