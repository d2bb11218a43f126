"""Artists of the script's own that remember what they have drawn: a highest value, and a random walk."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.lines import Line2D
from matplotlib.text import Text

FRAMES = int(os.environ.get("FRAMES", "40"))
random = np.random.default_rng(1)
np.random.seed(1)


class Highest(Line2D):
    def draw(self, renderer):
        top = max(line.get_ydata()[1], self.get_ydata()[0])
        self.set_ydata([top, top])
        super().draw(renderer)


class Wanderer(Text):
    def draw(self, renderer):
        self.set_x(self.get_position()[0] + np.random.normal(0, 0.02))
        super().draw(renderer)


fig = plt.figure(figsize=(5, 2.5))
ax = fig.add_subplot(121, ylim=(0, 1))
(line,) = ax.plot([0, 1], [0, 0])
highest = ax.add_line(Highest([0, 1], [0, 0], color="r"))
polar = fig.add_subplot(122, projection="polar")
polar.add_artist(Wanderer(1, 0.5, "here"))


def update(i):
    line.set_ydata([0, random.random()])
    return line, highest


ani = FuncAnimation(fig, update, FRAMES, blit=True)

plt.show()
