"""Contours made anew on one map, a view that moves on another with lines added to it."""

import os

import cartopy.crs as ccrs
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation

fig, (left, right) = plt.subplots(1, 2, figsize=(5, 2.5), subplot_kw={"projection": ccrs.Orthographic(10, 40)})
left.set_global()
right.gridlines(draw_labels=True)
x, y = np.meshgrid(np.linspace(-60, 80, 25), np.linspace(-20, 80, 13))
contours = None


def update(i):
    global contours
    if contours is not None:
        contours.remove()
    field = np.cos(np.radians(x + 9 * i)) * np.cos(np.radians(y))
    contours = left.contourf(x, y, field, transform=ccrs.PlateCarree())
    right.set_extent([i / 2 - 10, i / 2 + 30, 30, 60], ccrs.PlateCarree())
    right.plot([i, i + 1], [40, 45], "b", transform=ccrs.Geodetic())


ani = FuncAnimation(fig, update, int(os.environ["FRAMES"]))
