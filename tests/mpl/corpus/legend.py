"""A legend whose texts change, and whose best place does."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
x = np.linspace(0, 6, 100)
(a,) = ax.plot(x, np.sin(x), label="a")
(b,) = ax.plot(x, np.cos(x), label="b")
legend = ax.legend()


def update(i):
    a.set_ydata(np.sin(x + i / 8))
    b.set_ydata(np.cos(x - i / 5))
    if i % 10 == 5:
        a.set_label(f"a{i}")
        ax.legend()
    else:
        ax.get_legend().get_texts()[1].set_text(f"b{i}")


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
