"""Equal scales that adjust the limits, and data that grow."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, (left, right) = plt.subplots(1, 2)
left.axis("equal")
right.set_aspect("equal")
t = np.linspace(0, 2 * np.pi, 100)
(a,) = left.plot(np.cos(t), np.sin(t))
(b,) = right.plot(np.cos(t), np.sin(t))


def update(i):
    size = 1 + (i // 5) * 0.3
    a.set_data(size * np.cos(t), np.sin(t))
    b.set_data(size * np.cos(t), np.sin(t))
    if i % 5 == 0:
        left.relim()
        left.autoscale()


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
