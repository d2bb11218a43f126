"""All by pyplot's current figure and axes."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
plt.figure(figsize=(6.4, 4.8))
x = np.linspace(0, 10, 100)


def update(i):
    plt.cla()
    plt.plot(x, np.cos(x + i / 5), "m")
    plt.ylim(-1.1, 1.1)
    plt.xlabel(f"frame {i}")


ani = FuncAnimation(plt.gcf(), update, FRAMES)

plt.show()
