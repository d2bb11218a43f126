"""A table whose text becomes smaller for good where it must fit."""

import os

from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))
fig, ax = plt.subplots()
ax.axis("off")
table = ax.table([["0", "0"], ["a", "b"]], colLabels=["i", "power"], colWidths=[0.2, 0.2], loc="center")
note = ax.text(0.1, 0.1, "")


def update(i):
    table[1, 0].get_text().set_text(str(i))
    table[1, 1].get_text().set_text(str(10 ** (i % 17)) if i % 3 == 1 else "1")
    note.set_text(f"frame {i}")


ani = FuncAnimation(fig, update, FRAMES)

plt.show()
