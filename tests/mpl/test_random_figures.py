"""Figures put together at random: what is right alone may be wrong beside something else.

`make soak` tries many. To look into one: ``pytest -m '' tests/mpl/test_random_figures.py -k 'figure-17'``.
"""

from __future__ import annotations

import random

import numpy as np
import pytest

pytest.importorskip("matplotlib")
from matplotlib import __version_info__, collections, patches, patheffects
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from playing import unlike_saved

FRAMES = 14
X = np.linspace(0, 3, 40)
GRID = np.meshgrid(X, X[:10] / 3)

RC = {
    "axes.axisbelow": ("line", True, False),
    "axes.grid": (True,),
    "axes.titlelocation": ("left",),
    "axes.xmargin": (0.0,),
    "figure.dpi": (60, 72),
    "font.size": (7,),
    "lines.antialiased": (False,),
    "savefig.bbox": ("tight",),
    "savefig.dpi": (80,),
    "savefig.facecolor": ("#ffeedd",),
    "savefig.format": ("pdf", "svg"),
    "xtick.minor.visible": (True,),
    "xtick.top": (True,),
}
if __version_info__ >= (3, 9):  # before, it fails at some limits itself
    RC["axes.autolimit_mode"] = ("round_numbers",)


def lines(ax, pick):
    style = {"alpha": pick(None, 0.5), "animated": pick(False, False, True), "clip_on": pick(True, True, False)}
    effects = pick([], [], [patheffects.withStroke(linewidth=4, foreground="y")])
    (line,) = ax.plot(X, np.sin(X), pick("-", "o-", "--", "."), lw=pick(1, 3), path_effects=effects, **style)
    drawn = line.get_ydata(orig=False)

    def in_place(i):
        drawn[:] = np.sin(X + i)

    return pick(
        lambda i: line.set_ydata(np.sin(X + i / 3)),
        lambda i: line.set_data(X[: 3 * i + 1], np.sin(X[: 3 * i + 1])),
        lambda i: line.set_color("rgb"[i % 3]),
        lambda i: line.set_linewidth(1 + i / 3),
        lambda i: line.set_marker("osx"[i % 3]),
        lambda i: line.set_visible(i % 3 != 0),
        lambda i: line.set_ydata(np.sin(X) + np.random.normal(size=40)),
        in_place,
    )


def crossing_lines(ax, pick):
    below, _ = (ax.plot(X, ys, lw=9)[0] for ys in (X / 3, 1 - X / 3))
    return lambda i: below.set_zorder(2 + i % 2)


def scattered(ax, pick):
    points = ax.scatter(X, np.cos(X), c=X, s=20 * X)
    if pick(True, False, False):
        ax.figure.colorbar(points, ax=ax)
    return pick(
        lambda i: points.set_offsets(np.c_[X, np.cos(X + i)]),
        lambda i: points.set_array(X * i),
        lambda i: points.set_sizes(X * (i + 9)),
        lambda i: points.set_clim(0, 1 + i % 5),
    )


def image(ax, pick):
    shades = np.arange(72.0).reshape(8, 9)
    shown = ax.imshow(shades, extent=(0, 3, 0, 1), aspect="auto", interpolation=pick("nearest", "bilinear"))
    return pick(
        lambda i: shown.set_data(np.roll(shades, i)),
        lambda i: shown.get_array().__setitem__(i % 8, 0),
        lambda i: shown.set_cmap(("gray", "jet")[i % 2]),
        lambda i: shown.set_extent((0, 3 + i / 4, 0, 1)),
    )


def texts(ax, pick):
    place = pick(ax.transAxes, ax.transData, ax.figure.transFigure)
    box = pick(None, {"fc": "y", "boxstyle": "round"})
    text = ax.text(0.3, 0.5, "t", transform=place, rotation=pick(0, 30), bbox=box, clip_on=pick(True, False))
    return lambda i: text.set(text=(f"{i}", f"$x^{{{i}}}$", "two\nlines")[i % 3], x=0.3 + i / 50)


def annotation(ax, pick):
    arrow = pick(None, {"arrowstyle": "->"}, {"facecolor": "k", "shrink": 0.05})
    note = ax.annotate("here", (1, 0.5), (20, 20), textcoords="offset points", arrowprops=arrow)
    return lambda i: note.set(text=f"at {i}", position=(20 + i, 20)) or setattr(note, "xy", (i / 5, 0.5))


def replaced(ax, pick):
    draw = pick(
        lambda i: ax.fill_between(X, 0, np.sin(X + i / 4), alpha=0.4),
        lambda i: ax.contour(*GRID, np.sin(GRID[0] + i / 4) * GRID[1]),
        lambda i: ax.vlines(X[::5], 0, np.sin(X[::5] + i)),
        lambda i: ax.hist(np.random.normal(size=50) + 1, 8, color="C2")[2],
        lambda i: ax.bar_label(ax.barh(range(3), [i, 1, 2])),
    )
    kept = [draw(0)]

    def update(i):
        old = kept.pop()
        for part in old if isinstance(old, (list, tuple)) else [old]:
            part.remove()
        kept.append(draw(i))

    return update


def bars(ax, pick):
    heights = ax.bar(range(4), [1, 2, 3, 4], hatch=pick(None, "//"))
    return lambda i: [bar.set_height(np.sin(i + k) + 1) for k, bar in enumerate(heights)]


def arrows(ax, pick):
    quiver = ax.quiver(*np.meshgrid(np.arange(3), np.arange(3)), 1, 1)
    return lambda i: quiver.set_UVC(np.full((3, 3), np.cos(i)), np.full((3, 3), i * np.sin(i)))


def patch(ax, pick):
    shape = pick(
        patches.Ellipse((1, 0.5), 1, 0.3, angle=20),
        patches.FancyBboxPatch((0.5, 0.2), 1, 0.4),
        patches.Wedge((1, 0.5), 0.4, 0, 200),
    )
    ax.add_patch(shape)
    return lambda i: shape.set(alpha=0.3 + i / 30, linewidth=i, facecolor=f"C{i % 5}", hatch=("", "x")[i % 2])


def segments(ax, pick):
    fan = ax.add_collection(collections.LineCollection([np.c_[X, X * k] for k in range(3)], array=np.arange(3)))
    return lambda i: fan.set(array=np.arange(3) * i, linewidth=1 + i % 3)


def legend(ax, pick):
    (line,) = ax.plot([0, 3], [0, 1], label="first")
    ax.legend(loc=pick("best", "upper right", (1.01, 0.2)))
    return pick(
        lambda i: line.set_label(f"n{i}") or ax.legend(loc="upper left"),
        lambda i: ax.get_legend() and ax.get_legend().get_texts()[0].set_text(f"t{i}"),
    )


def twin(ax, pick):
    other = pick(ax.twinx, ax.twiny)()
    (line,) = other.plot(X, X, "r")
    return lambda i: (line.set_ydata(X * (i + 1)), other.relim(), other.autoscale_view())


def inset(ax, pick):
    small = ax.inset_axes([0.6, 0.6, 0.3, 0.3])
    (line,) = small.plot(X, X**2)
    if pick(True, False):
        ax.indicate_inset_zoom(small)
    return lambda i: (line.set_ydata(X ** (i % 4)), small.set_xlim(0, 3 + i / 5))


def secondary(ax, pick):
    axis = ax.secondary_xaxis("top", functions=(lambda x: 2 * x, lambda x: x / 2))
    return lambda i: axis.set_xlabel(f"s{i}")


def autoscaled(ax, pick):
    (line,) = ax.plot(X, 1e6 + X)
    return lambda i: (line.set_ydata(1e6 + X * 10 ** (i % 5)), ax.relim(), ax.autoscale_view())


def comings_and_goings(ax, pick):
    return lambda i: ax.plot(X, X * 0 + i / 14) if i % 2 else ax.lines and i > 3 and ax.lines[-1].remove()


def axes_themselves(ax, pick):
    return pick(
        lambda i: ax.set_title(f"title {i}" if i % 4 else "two\nlines"),
        lambda i: ax.set(xlabel=f"x {i}", ylabel="y" * (i % 3)),
        lambda i: ax.set(xlim=(i / 10, 3 + i / 10)) if i % 2 else ax.set(ylim=(-1 - i / 10, 1.2)),
        lambda i: ax.set_facecolor(f"C{i}"),
        lambda i: ax.set_visible(i % 5 != 2),
        lambda i: ax.set_axis_off() if i % 6 == 5 else ax.set_axis_on(),
        lambda i: ax.grid(i % 2 == 0, color="rg"[i // 2 % 2]),
        lambda i: ax.tick_params(labelsize=6 + i % 4, colors="rgbk"[i % 4], length=i),
        lambda i: ax.set_xticks(range(i % 4 + 2), [f"{k}:{i}" for k in range(i % 4 + 2)], rotation=5 * i),
        lambda i: ax.spines["left"].set_position(("data", i / 10)),
        lambda i: ax.spines["top"].set(visible=i % 2 == 0, color="rgb"[i % 3]),
        lambda i: ax.set_aspect(("equal", "auto", 1.5)[i // 3 % 3]),
    )


def turning(ax, pick):
    (line,) = ax.plot(X, X)
    bars = ax.bar([0, 1, 2], [1, 2, 3], alpha=0.4)
    return pick(
        lambda i: line.set_ydata(X * (1 + np.sin(i))),
        lambda i: ax.set_rmax(3 + i / 3),
        lambda i: ax.set_theta_offset(i / 10),
        lambda i: [bar.set_height(i / 4) for bar in bars],
        lambda i: ax.set_title(f"p{i}"),
    )


def solid(ax, pick):
    (line,) = ax.plot(X, X, X)
    return pick(
        lambda i: line.set_data_3d(X, np.sin(X + i), X),
        lambda i: ax.view_init(30, 10 * i),
        lambda i: ax.set_zlim(0, 3 + i),
    )


FLAT = (
    *(lines, lines, crossing_lines, scattered, image, texts, annotation, replaced, replaced, bars, arrows, patch),
    *(segments, legend, twin, inset, secondary, autoscaled, comings_and_goings, axes_themselves, axes_themselves),
)
TIMES = (lambda i: True, lambda i: True, lambda i: i % 3 == 0, lambda i: i > 5, lambda i: i < 4)


def figure(seed):
    """An animation of features that seed chooses."""
    pick = random.Random(seed).choice

    def choice(*values):
        return pick(values)

    np.random.seed(seed)
    plt.rcParams.update({name: choice(*values) for name, values in RC.items() if choice(True, False, False)})
    layout = choice(None, None, None, None, "constrained", "tight", "compressed")
    fig = plt.figure(figsize=choice((4, 3), (5, 2.5), (3, 4)), layout=layout)
    rows, columns = choice((1, 1), (1, 1), (1, 2), (2, 1), (2, 2))
    grid = fig.add_gridspec(rows, columns, width_ratios=[choice(1, 2) for _ in range(columns)])
    updates = []
    for cell in range(rows * columns):
        projection = choice(*[None] * 8, "polar", "3d")
        ax = fig.add_subplot(grid[cell], projection=projection)
        kinds = {None: FLAT, "polar": (turning,), "3d": (solid,)}[projection]
        for _ in range(choice(1, 2, 3)):
            updates.append((choice(*TIMES), choice(*kinds)(ax, choice)))
    if choice(True, False, False):
        title = fig.suptitle("s")
        updates.append((choice(*TIMES), lambda i: title.set_text(f"sup {i}")))

    def update(i):
        for when, change in updates:
            if when(i):
                change(i)

    return FuncAnimation(fig, update, FRAMES)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "seed",
    [*range(5), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(5, 150))],
    ids=lambda seed: f"figure-{seed}",
)
def test_same_frames_as_save(seed):
    with plt.rc_context():
        assert unlike_saved(figure(seed), (0, 1), (0, 2), (1, 2)) == []
