"""An image whose array is changed in place, which sets no flag."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, (left, right) = plt.subplots(1, 2)
image = left.imshow(np.zeros((30, 30)), vmin=0, vmax=1)
(line,) = right.plot(np.zeros(50))
right.set_ylim(0, 1)


def update(i):
    image.get_array()[i % 30, :] = (i % 7) / 7
    if i % 3 == 0:
        line.set_ydata(np.full(50, (i % 10) / 10))


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
