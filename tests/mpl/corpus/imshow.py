"""An image with a colorbar."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x, y = np.meshgrid(np.linspace(0, 6, 120), np.linspace(0, 6, 120))
image = ax.imshow(np.sin(x) * np.cos(y), vmin=-1, vmax=1)
fig.colorbar(image, label="height")


def update(i):
    image.set_data(np.sin(x + i / 6) * np.cos(y - i / 9))
    return [image]


ani = FuncAnimation(fig, update, FRAMES, blit=True)

plt.show()
