"""A track over land, with a grid and a title."""

import os

import cartopy.crs as ccrs
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from shapely.geometry import Point

fig = plt.figure(figsize=(4, 3))
ax = fig.add_subplot(projection=ccrs.Robinson())
ax.set_global()
ax.gridlines()
islands = [Point(40 * k - 150, 30 * np.sin(k)).buffer(5 + 2 * k) for k in range(8)]
ax.add_geometries(islands, ccrs.PlateCarree(), facecolor="tan", edgecolor="k")
turn = np.linspace(0, 2 * np.pi, 100)
(line,) = ax.plot([], [], "r", transform=ccrs.PlateCarree())


def update(i):
    shown = turn[: 2 + 6 * i]
    line.set_data(np.degrees(shown) - 180, 60 * np.sin(3 * shown))
    ax.set_title(f"day {i}")


ani = FuncAnimation(fig, update, int(os.environ["FRAMES"]))
