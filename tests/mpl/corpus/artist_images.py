"""An ArtistAnimation of images."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import ArtistAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))


fig, ax = plt.subplots()
x, y = np.meshgrid(np.linspace(0, 6, 60), np.linspace(0, 6, 60))
shown = []
for i in range(FRAMES):
    image = ax.imshow(np.sin(x + i / 5) + np.cos(y), animated=True)
    if i == 0:
        ax.imshow(np.sin(x) + np.cos(y))
    shown.append([image])
ani = ArtistAnimation(fig, shown, interval=50, blit=True, repeat_delay=1000)

plt.show()
