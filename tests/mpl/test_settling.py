"""Which figures must be drawn for every frame, since code that is not matplotlib's takes part in drawing them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredOffsetbox, DrawingArea
from matplotlib.patches import Circle
from matplotlib.text import Text

from panim_mpl.drawer import Drawer
from panim_mpl.settling import Settler, draws_every_frame, settle_axes


class CountedFigure(Figure):
    def draw(self, renderer):
        self.suptitle("drawn")
        super().draw(renderer)


class CountedLine(Line2D):
    def draw(self, renderer):
        self.set_linewidth(self.get_linewidth() + 1)
        super().draw(renderer)


class Clock(Text):
    def get_window_extent(self, *args, **kwargs):
        self.set_text("asked")
        return super().get_window_extent(*args, **kwargs)


class Ball(Circle):
    """Moves, but is drawn by matplotlib alone."""

    label = "ball"

    def __init__(self):
        super().__init__((0, 0), 1)

    def update(self, *args):
        self.set_center((1, 1))

    def step(self):
        self.set_radius(2)


def test_a_figure_of_an_own_class():
    fig = plt.figure(FigureClass=CountedFigure)
    assert draws_every_frame(fig)
    drawer = Drawer(fig, fig.dpi, {}, "auto")
    drawer.draw()
    assert "takes part in drawing" in drawer.take_notes()[0]
    drawer.close()


def test_own_code_is_called_as_often_as_while_saving():
    fig, ax = plt.subplots(subplot_kw={"projection": "polar"}, figsize=(2, 2))
    counted = ax.add_line(CountedLine([0, 1], [0, 1], linewidth=0))
    drawer = Drawer(fig, fig.dpi, {}, "auto")
    for number, show in enumerate([drawer.draw, drawer.pass_by, drawer.draw, drawer.pass_by, drawer.pass_by]):
        counted.set_ydata([0, number])
        fig.canvas.draw_idle()
        show()
        assert counted.get_linewidth() == 2 * number + 2
    drawer.close()


@pytest.mark.parametrize("hide", ["line", "axes", "figure", "animated"])
def test_what_is_hidden_is_passed_by_as_it_is_drawn(hide):
    """An artist is asked to draw even if it is invisible, but not one in axes that are."""
    fig, ax = plt.subplots(figsize=(2, 2))
    counted = ax.add_line(CountedLine([0, 1], [0, 1], linewidth=0))
    if hide == "animated":
        fig.add_artist(counted := CountedLine([0, 1], [0, 1], linewidth=0))
        counted.set_animated(True)
    else:
        {"line": counted, "axes": ax, "figure": fig}[hide].set_visible(False)
    drawer = Drawer(fig, fig.dpi, {}, "auto")
    drawer.draw()
    once = counted.get_linewidth()
    drawer.pass_by()
    assert counted.get_linewidth() == 2 * once
    assert once == (hide == "line")
    drawer.close()


def beside(fig):
    fig.add_subplot().add_line(CountedLine([0, 1], [0, 1]))


def in_polar_axes(fig):
    fig.add_subplot(projection="polar").add_line(CountedLine([0, 1], [0, 1]))


def in_a_box(fig):
    area = DrawingArea(9, 9)
    area.add_artist(CountedLine([0, 1], [0, 1]))
    fig.add_subplot().add_artist(AnchoredOffsetbox(loc="center", child=area))


def in_a_legend(fig):
    ax = fig.add_subplot()
    ax.plot([0, 1], label="x")
    ax.legend().get_frame().draw = lambda renderer: None


def asked_while_drawing(fig):
    fig.add_subplot().add_artist(Clock(0, 0, ""))


@pytest.mark.parametrize("add", [in_a_box, in_a_legend, asked_while_drawing])
def test_own_code_that_is_called_by_others_needs_every_frame(add):
    fig = plt.figure()
    settler = Settler(fig)
    settler.look()
    assert not settler.every_frame
    add(fig)
    settler.look()
    assert settler.every_frame


@pytest.mark.parametrize("add", [beside, in_polar_axes])
def test_artists_that_draw_by_themselves_are_found(add):
    fig = plt.figure()
    settler = Settler(fig)
    settler.look()
    assert not settler.own
    add(fig)
    settler.look()
    assert settler.own
    assert not settler.every_frame
    fig.set_layout_engine("tight")  # which asks all artists for their bounds
    assert settler.every_frame


def test_a_class_that_only_moves_is_drawn_like_matplotlibs():
    fig, ax = plt.subplots()
    ax.add_patch(Ball())
    assert not draws_every_frame(fig)


def test_a_quiver_that_comes_later_into_polar_axes_settles():
    fig, ax = plt.subplots(subplot_kw={"projection": "polar"})
    ax.plot([0, 1])
    settler = Settler(fig)
    assert settler.look()
    assert not settler.look()
    ax.quiver([0], [1], [1], [1])
    assert settler.look()
    assert not settler.every_frame


def test_the_projection_of_axes_is_that_of_the_frame():
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    fig.canvas.draw()
    before = ax.M
    ax.view_init(5, 5)
    settle_axes(fig)
    settled = ax.M
    fig.canvas.draw()
    assert np.array_equal(settled, ax.M)
    assert not np.array_equal(before, settled)
