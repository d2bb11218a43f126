"""Arrows in 3-D as a class of the script's own, as often copied, that counts how often it is drawn."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.patches import FancyArrowPatch
from mpl_toolkits.mplot3d import proj3d

FRAMES = int(os.environ.get("FRAMES", "40"))


class Arrow3D(FancyArrowPatch):
    def __init__(self, xs, ys, zs, **kwargs):
        super().__init__((0, 0), (0, 0), mutation_scale=12, arrowstyle="-|>", **kwargs)
        self.ends = xs, ys, zs
        self.projected = self.drawn = 0

    def do_3d_projection(self, renderer=None):
        xs, ys, zs = proj3d.proj_transform(*self.ends, self.axes.M)
        self.set_positions((xs[0], ys[0]), (xs[1], ys[1]))
        self.projected += 1
        return np.min(zs)

    def draw(self, renderer):
        self.drawn += 1
        self.set_linewidth(1 + (self.drawn + self.projected) % 7)
        super().draw(renderer)


fig = plt.figure(figsize=(4, 3))
ax = fig.add_subplot(projection="3d", xlim=(-1, 1), ylim=(-1, 1), zlim=(-1, 1))
arrows = [ax.add_artist(Arrow3D((0, 1), (0, 0), (0, z), color=color)) for z, color in ((0.5, "r"), (-0.5, "b"))]


def update(i):
    angle = 2 * np.pi * i / FRAMES
    for arrow in arrows:
        arrow.ends = (0, np.cos(angle)), (0, np.sin(angle)), arrow.ends[2]
    ax.view_init(30, 90 * i / FRAMES)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
