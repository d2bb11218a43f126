"""An artist of the script's own that changes while it is drawn."""

import os

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.text import Text

FRAMES = int(os.environ.get("FRAMES", "40"))


class Reading(Text):
    def draw(self, renderer):
        self.set_text(f"up to {line.get_ydata()[1]:.2f}")
        super().draw(renderer)


fig, ax = plt.subplots()
(line,) = ax.plot([0, 1], [0, 1])
ax.add_artist(Reading(0.1, 0.8))


def update(i):
    line.set_ydata([0, i / FRAMES])


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
