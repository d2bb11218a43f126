"""No frames given, only how many; a step and a stem plot, error bars, a table of values."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, axs = plt.subplots(2, 2)
x = np.arange(10)
(steps,) = axs[0, 0].step(x, x)
stems = axs[0, 1].stem(x, x)
bars = axs[1, 0].errorbar(x, x, yerr=1, capsize=3)
table = axs[1, 1].table([["0", "0"]], colLabels=["i", "square"], loc="center")
axs[1, 1].axis("off")


def update(i):
    steps.set_ydata(x * np.sin(i))
    stems.markerline.set_ydata(x * np.cos(i))
    table[1, 0].get_text().set_text(str(i))
    table[1, 1].get_text().set_text(str(i * i))


ani = FuncAnimation(fig, update, save_count=FRAMES, cache_frame_data=False)

plt.show()
