"""Limits that follow the data, in a constrained layout."""

import os

import cartopy.crs as ccrs
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

fig = plt.figure(figsize=(3, 2.5), layout="constrained")
ax = fig.add_subplot(projection=ccrs.Mercator())


def update(i):
    if i % 3 != 1:
        ax.scatter([5 * i], [2 * i], transform=ccrs.PlateCarree())
    if i % 4 == 0:
        ax.plot([0, i], [0, 3 * i], transform=ccrs.PlateCarree())
    if i == 10:
        ax.set_title("two\nlines")


ani = FuncAnimation(fig, update, int(os.environ["FRAMES"]))
