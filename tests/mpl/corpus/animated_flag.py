"""Artists with animated=True."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.linspace(0, 6, 100)
(line,) = ax.plot(x, np.sin(x), animated=True)
(still,) = ax.plot(x, np.cos(x), "k:", animated=True)
text = ax.text(3, 0, "", animated=True)
lost = fig.text(0.5, 0.01, "never drawn", animated=True)


def update(i):
    line.set_ydata(np.sin(x + i / 4))
    text.set_text(str(i))
    lost.set_text(str(i))
    return line, text


ani = FuncAnimation(fig, update, FRAMES, blit=True)

plt.show()
