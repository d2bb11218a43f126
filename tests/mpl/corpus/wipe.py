"""A band that is wiped in below a text, by a clip path that grows."""

import os

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.patches import Rectangle

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
ax.set(xlim=(0, 10), ylim=(0, 10))
(band,) = ax.plot([0, 10], [5, 5], lw=40)
ax.text(6, 4.8, "wiped", color="red")
curtain = Rectangle((0, 0), 1, 10, transform=ax.transData)


def update(i):
    curtain.set_width(1 + 8 * i / FRAMES)
    band.set_clip_path(curtain)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
