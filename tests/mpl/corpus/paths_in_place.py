"""A patch whose vertices, a line whose data and points whose places are changed in place."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

FRAMES = int(os.environ.get("FRAMES", "40"))


fig, axs = plt.subplots(2, 2)
path = Path(np.array([[0.2, 0.2], [0.8, 0.2], [0.5, 0.8], [0.2, 0.2]]), closed=True)
axs[0, 0].add_patch(PathPatch(path))
dots = axs[0, 1].scatter([0.1, 0.5, 0.9], [0.1, 0.5, 0.9])
turn = Affine2D()
(turned,) = axs[1, 0].plot([-1, 1], [0, 0], transform=turn + axs[1, 0].transData)
axs[1, 0].set(xlim=(-2, 2), ylim=(-2, 2))
(line,) = axs[1, 1].plot(np.arange(10.0))


def update(i):
    if i % 4 == 0:
        path.vertices[2, 1] = 0.3 + 0.5 * i / FRAMES
    if i % 3 == 1:
        dots.get_offsets()[1] = (0.5, i / FRAMES)
    if i % 5 == 2:
        turn.rotate_deg(7)
    line.set_ydata(np.arange(10.0) * i / FRAMES)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
