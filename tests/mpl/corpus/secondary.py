"""A secondary axis in other units, above limits that stay and then move."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.linspace(0, 10, 200)
(line,) = ax.plot(x, np.sin(x))
ax.set_xlabel("radians")
ax.secondary_xaxis("top", functions=(np.rad2deg, np.deg2rad)).set_xlabel("degrees")


def update(i):
    line.set_ydata(np.sin(x + i / 5))
    if i > FRAMES // 2:
        ax.set_xlim(0, 10 + i / FRAMES)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
