"""A TimedAnimation subclass."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import TimedAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))


class Spiral(TimedAnimation):
    def __init__(self):
        fig, self.ax = plt.subplots()
        self.t = np.linspace(0, 20, FRAMES)
        (self.line,) = self.ax.plot([], [], "k")
        (self.head,) = self.ax.plot([], [], "ro")
        self.ax.set(xlim=(-20, 20), ylim=(-20, 20))
        super().__init__(fig, interval=50, blit=True)

    def _draw_frame(self, i):
        t = self.t[: i + 1]
        self.line.set_data(t * np.cos(t), t * np.sin(t))
        self.head.set_data([t[-1] * np.cos(t[-1])], [t[-1] * np.sin(t[-1])])
        self._drawn_artists = [self.line, self.head]

    def new_frame_seq(self):
        return iter(range(self.t.size))

    def _init_draw(self):
        for line in (self.line, self.head):
            line.set_data([], [])


Spiral.shown = Spiral()

plt.show()
