"""An image whose colour limits, and with them the colorbar, change."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
data = np.random.default_rng(3).normal(size=(40, 40))
image = ax.imshow(data, cmap="magma")
bar = fig.colorbar(image)


def update(i):
    image.set_data(data * (1 + i // 4))
    image.set_clim(-1 - i // 4, 1 + i // 4)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
