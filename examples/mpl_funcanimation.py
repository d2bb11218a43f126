"""An ordinary matplotlib script, which knows nothing of panim: `panim render` takes it as it is."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

rng = np.random.default_rng(7)
walk = np.cumsum(rng.normal(size=(240, 2)), axis=0)

fig, ax = plt.subplots(figsize=(9.6, 5.4))
ax.set(xlim=(walk[:, 0].min() - 2, walk[:, 0].max() + 2))
ax.set(ylim=(walk[:, 1].min() - 2, walk[:, 1].max() + 2), title="a random walk")
ax.grid(alpha=0.3)
(path,) = ax.plot([], [], lw=1.5)
(walker,) = ax.plot([], [], "o", ms=9)


def step(i):
    path.set_data(walk[: i + 1, 0], walk[: i + 1, 1])
    walker.set_data(walk[i : i + 1, 0], walk[i : i + 1, 1])
    return path, walker


animation = FuncAnimation(fig, step, frames=len(walk), interval=1000 / 60)

plt.show()
