"""Maps of cartopy: the frames of `Animation.save`, drawn by two workers, and only what changes; without any data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playing import check, play_all

pytest.importorskip("matplotlib")
pytest.importorskip("cartopy")
import cartopy.crs as ccrs
import cartopy.mpl.gridliner as gridliner
from cartopy.mpl.geoaxes import GeoAxes
from matplotlib import pyplot as plt

from panim_mpl import foreign
from panim_mpl.drawer import Drawer
from panim_mpl.foreign import is_map
from panim_mpl.settling import draws_every_frame

SCRIPTS = sorted((Path(__file__).parent / "maps").glob("*.py"))


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    play_all(folder, [f"{script}:1" for script in SCRIPTS])
    return folder


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [script.stem for script in SCRIPTS])
def test_same_frames_as_save(played, name):
    assert not check(played / name)


def a_map(kind=GeoAxes):
    fig = plt.figure(figsize=(3, 2))
    ax = kind(fig, [0.2, 0.2, 0.6, 0.6], projection=ccrs.PlateCarree())
    fig.add_axes(ax)
    grid = ax.gridlines(draw_labels=True)
    (line,) = ax.plot([0, 1], [0, 1])
    return ax, grid, line


def test_its_grid_is_not_laid_out_for_every_frame(monkeypatch):
    ax, _, line = a_map()
    drawer = Drawer(ax.figure, ax.figure.dpi, {}, "auto")
    laid_out = []
    lay_out = gridliner.Gridliner._draw_gridliner
    monkeypatch.setattr(
        gridliner.Gridliner, "_draw_gridliner", lambda self, *a, **k: laid_out.append(1) or lay_out(self, *a, **k)
    )
    counts = []
    for i in range(40):
        line.set_ydata([0, 10 * i])
        ax.set_title(f"day {i}")
        drawer.draw()
        counts.append(len(laid_out))
    drawer.close()
    assert counts[-1] == counts[20], "by then two frames were compared with full redraws"
    assert not draws_every_frame(ax.figure)


class OwnMap(GeoAxes):
    def draw(self, renderer=None, **kwargs):
        self.set_title("drawn")
        return super().draw(renderer, **kwargs)


def test_what_is_drawn_in_another_way_is_not_taken_for_a_map():
    own, _, _ = a_map(OwnMap)
    assert not is_map(own)
    assert draws_every_frame(own.figure)


def test_images_that_are_made_when_drawing_are_left_to_drawing():
    class Factory:
        crs = ccrs.PlateCarree()

        def image_for_domain(self, *args):
            return np.zeros((2, 2)), (-180, 180, -90, 90), "upper"

    ax, _, _ = a_map()
    assert is_map(ax)
    ax.add_image(Factory(), 1)
    assert not is_map(ax)


def test_an_older_cartopy_is_not_known(monkeypatch):
    ax, _, _ = a_map()
    monkeypatch.setattr(foreign, "_known", {})
    monkeypatch.setattr(gridliner, "Gridliner", object)
    assert not is_map(ax)
    assert draws_every_frame(ax.figure)
