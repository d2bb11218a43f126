"""A field under a grid with labels, over which the title is lifted; the grid changes, and goes."""

import os

import cartopy.crs as ccrs
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

fig = plt.figure(figsize=(4, 3))
ax = fig.add_subplot(projection=ccrs.PlateCarree())
grid = ax.gridlines(draw_labels=True)
x, y = np.meshgrid(np.linspace(-180, 180, 25), np.linspace(-90, 90, 13))
mesh = ax.pcolormesh(x, y, np.zeros((12, 24)), vmin=-1, vmax=1, transform=ccrs.PlateCarree())
fig.colorbar(mesh)


def update(i):
    mesh.set_array(np.sin(np.radians(x + 9 * i) + np.radians(y))[:-1, :-1])
    ax.set_title(f"day {i}" + "\n of many" * (i in (5, 6)))
    if i == 8:
        grid.xlabel_style = {"size": 6, "color": "red"}
    if i == 11:
        grid.top_labels = False


ani = FuncAnimation(fig, update, int(os.environ["FRAMES"]))
