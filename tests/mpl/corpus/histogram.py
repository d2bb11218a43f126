"""A histogram of new random numbers, from the global generator, in every frame."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
np.random.seed(19680801)
bins = np.linspace(-4, 4, 60)
fig, ax = plt.subplots()
_, _, bars = ax.hist(np.random.randn(1000), bins, ec="yellow", fc="green", alpha=0.5)
ax.set_ylim(top=80)


def animate(bars):
    def update(frame):
        heights, _ = np.histogram(np.random.randn(1000), bins)
        for height, rectangle in zip(heights, bars.patches, strict=True):
            rectangle.set_height(height)
        return bars.patches

    return update


ani = FuncAnimation(fig, animate(bars), FRAMES, repeat=False, blit=True)

plt.show()
