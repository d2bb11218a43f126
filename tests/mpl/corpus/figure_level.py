"""Figure-level artists: a connection between two axes, a suptitle, texts, a moving patch."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.patches import ConnectionPatch, Rectangle

FRAMES = int(os.environ.get("FRAMES", "40"))


fig, (left, right) = plt.subplots(ncols=2, gridspec_kw={"width_ratios": [1, 2]})
fig.suptitle("circle and sine")
left.set_aspect(1)
theta = np.linspace(0, 2 * np.pi, 50)
left.plot(np.cos(theta), np.sin(theta), lw=1)
(point,) = left.plot([0], [0], "o")
x = np.linspace(0, 2 * np.pi, 100)
(sine,) = right.plot(x, np.sin(x))
con = ConnectionPatch((1, 0), (0, 0), "data", "data", axesA=left, axesB=right, color="red", ls="dotted")
fig.add_artist(con)
box = fig.add_artist(Rectangle((0, 0.95), 0.05, 0.05, color="C3"))


def update(i):
    x, y = np.cos(i / 6), np.sin(i / 6)
    point.set_data([x], [y])
    con.xy1 = x, y
    con.xy2 = i / 6 % 6.28, y
    box.set_x(i / FRAMES)


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
