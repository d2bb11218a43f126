"""An ArtistAnimation of lines and texts."""

import os

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import ArtistAnimation

FRAMES = int(os.environ.get("FRAMES", "40"))


fig, ax = plt.subplots()
x = np.linspace(0, 6, 60)
shown = []
for i in range(FRAMES):
    shown.append([ax.plot(x, np.sin(x + i / 5), "b")[0], ax.text(3, 0, str(i))])
ani = ArtistAnimation(fig, shown, interval=50)

plt.show()
