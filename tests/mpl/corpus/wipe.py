"""An image that is wiped in by a clip path that grows, below lines and a text."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.patches import Rectangle

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
image = ax.imshow(np.arange(100.0).reshape(10, 10), extent=(0, 10, 0, 10))
ax.plot([0, 10], [0, 10], color="white")
ax.text(7, 2, "wiped", color="white")
curtain = Rectangle((0, 0), 0.5, 10, transform=ax.transData)


def update(i):
    curtain.set_width(0.5 + abs(9 * np.sin(i / 7)))
    image.set_clip_path(curtain)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
