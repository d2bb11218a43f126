"""A legend beside its axes whose text becomes wider and narrower."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
fig.subplots_adjust(right=0.6)
ax.set(xlim=(0, 10), ylim=(-1, 1))
(line,) = ax.plot([], [], label="y")
legend = ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
x = np.linspace(0, 10, FRAMES)


def update(i):
    line.set_data(x[:i], np.sin(x[:i]))
    legend.get_texts()[0].set_text("y" * (1 + (7 * i) % 13))


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
