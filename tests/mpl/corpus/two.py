"""Two animations in two figures."""

import os

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
first, ax1 = plt.subplots()
second, ax2 = plt.subplots(figsize=(4, 3))
(a,) = ax1.plot([0, 1], [0, 1])
(b,) = ax2.plot([0, 1], [1, 0])


def tilt(i, line):
    line.set_ydata([i / FRAMES, 0.5])


up = FuncAnimation(first, tilt, FRAMES, fargs=(a,))
down = FuncAnimation(second, tilt, FRAMES, fargs=(b,), interval=100)

plt.show()
