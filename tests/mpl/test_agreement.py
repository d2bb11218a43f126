"""What processes compare: all that updates change and no drawing does."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")
from matplotlib import pyplot as plt
from matplotlib.lines import Line2D

from panim_mpl.agreement import told_of
from panim_mpl.raster import draw_figure


def in_2d():
    fig, ax = plt.subplots(figsize=(2, 2))
    ax.plot([0, 1], [0, 1])
    ax.set_title("a")
    return fig, ax


def in_3d():
    fig, ax = plt.subplots(figsize=(2, 2), subplot_kw={"projection": "3d"})
    ax.plot([0, 1], [0, 1], [0, 1])
    ax.scatter([0, 1], [0, 1], [0, 1])
    return fig, ax


CHANGES = {
    "data": (in_2d, lambda ax: ax.lines[0].set_ydata([0, 2])),
    "text": (in_2d, lambda ax: ax.set_title("b")),
    "colour": (in_2d, lambda ax: ax.lines[0].set_color("r")),
    "hidden": (in_2d, lambda ax: ax.lines[0].set_visible(False)),
    "limits": (in_2d, lambda ax: ax.set_xlim(0, 3)),
    "place": (in_2d, lambda ax: ax.set_position([0.2, 0.2, 0.5, 0.5])),
    "random numbers": (in_2d, lambda ax: np.random.random()),
    "data in 3-D": (in_3d, lambda ax: ax.lines[0].set_data_3d([0, 1], [0, 1], [0, 2])),
    "limits in 3-D": (in_3d, lambda ax: ax.set_zlim(0, 3)),
    "camera": (in_3d, lambda ax: ax.view_init(10, 20)),
}


@pytest.mark.parametrize(("make", "change"), CHANGES.values(), ids=CHANGES)
def test_what_an_update_changes_is_told_and_drawing_changes_nothing(make, change):
    fig, ax = make()
    before = told_of(fig)
    draw_figure(fig, 50, {})
    assert told_of(fig) == before
    change(ax)
    changed = told_of(fig)
    assert changed != before
    draw_figure(fig, 50, {})
    assert told_of(fig) == changed


def test_numbers_that_are_too_large_to_be_rounded_warn_of_nothing(recwarn):
    fig, ax = in_2d()
    ax.lines[0].set_ydata(np.full(2, 1e39))
    told_of(fig)
    assert not recwarn.list


class Rememberer(Line2D):
    def __init__(self):
        super().__init__([0, 1], [0, 1])
        self.seen = {"titles": []}
        self.seen["itself"] = self.seen

    def draw(self, renderer):
        super().draw(renderer)


def deep_down(call, depth=20):
    """What `call` gives where less of the stack is left."""
    return deep_down(call, depth - 1) if depth else call()


def test_what_artists_with_a_drawing_of_their_own_keep_is_told():
    fig, ax = in_2d()
    remembering = ax.add_line(Rememberer())
    draw_figure(fig, 50, {})
    before = told_of(fig)
    draw_figure(fig, 50, {})
    assert told_of(fig) == before == deep_down(lambda: told_of(fig))
    remembering.seen["titles"].append("a")
    assert told_of(fig) != before
