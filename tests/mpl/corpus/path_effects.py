"""Path effects on moving and still artists."""

import os

import numpy as np
from matplotlib import patheffects
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))


fig, ax = plt.subplots()
x = np.linspace(0, 6, 60)
outline = [patheffects.withStroke(linewidth=6, foreground="y")]
(line,) = ax.plot(x, np.sin(x), path_effects=[patheffects.SimpleLineShadow(), patheffects.Normal()])
text = ax.text(1, 0, "halo", size=30, path_effects=outline)
ax.set_title("title", path_effects=outline)


def update(i):
    line.set_ydata(np.sin(x + i / 6))
    text.set_position((1 + i / FRAMES, 0))


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
