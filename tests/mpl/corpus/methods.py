"""Bound methods, partial and closures; the object holds the animation, nothing is global."""

import os
from functools import partial

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))


class Pendulum:
    def __init__(self):
        self.fig, self.ax = plt.subplots()
        self.state = np.array([1.0, 0.0])
        (self.rod,) = self.ax.plot([], [], "o-", lw=3)
        self.ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal")
        self.clock = self.ax.text(0.05, 0.9, "", transform=self.ax.transAxes)
        self.ani = FuncAnimation(self.fig, partial(self.update, dt=0.05), frames=FRAMES, init_func=self.init, blit=True)

    def init(self):
        self.rod.set_data([], [])
        return self.rod, self.clock

    def update(self, i, dt):
        for _ in range(10):
            angle, speed = self.state
            self.state = self.state + dt / 10 * np.array([speed, -9.81 * np.sin(angle)])
        self.rod.set_data([0, np.sin(self.state[0])], [0, -np.cos(self.state[0])])
        self.clock.set_text(f"{i * dt:.2f} s")
        assert self.ani.event_source.interval == 200
        return self.rod, self.clock


def main():
    return Pendulum()


main_object = main()

plt.show()
