"""500 points in motion, some of which change their colour and size: a FuncAnimation, 1920x1080."""

import os

import numpy as np
from matplotlib import pyplot
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "300"))
POINTS = 500
places = np.random.default_rng(1).uniform(0, 1, (POINTS, 2))
ways = np.random.default_rng(2).normal(0, 0.3, (POINTS, 2))
figure, axes = pyplot.subplots(figsize=(19.2, 10.8), dpi=100)
axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="x", ylabel="y", title="500 points")
axes.grid(visible=True)
points = axes.scatter(*places.T, s=40, c=places[:, 0])


def update(i):
    points.set_offsets((places + ways * i / FRAMES) % 1)
    points.set_array((places[:, 0] + i / FRAMES) % 1)
    return [points]


animation = FuncAnimation(figure, update, FRAMES, interval=1000 / 60)
