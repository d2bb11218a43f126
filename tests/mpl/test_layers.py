"""Layers: what goes into them, when they are given up, and that they are never believed without a check."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("matplotlib")
from matplotlib import patheffects
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.artist import Artist
from matplotlib.colors import Normalize, PowerNorm, get_named_colors_mapping
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import ConnectionPatch, FancyArrowPatch, FancyBboxPatch, Rectangle, Wedge
from matplotlib.path import Path
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FixedLocator
from matplotlib.transforms import (
    Affine2D,
    Affine2DBase,
    Bbox,
    BboxTransformTo,
    LockableBbox,
    TransformedBbox,
    TransformWrapper,
)
from matplotlib.tri import Triangulation
from playing import frames_of, record, unlike_saved

from panim_mpl import drawer as drawer_module
from panim_mpl.animation_source import AnimationSource
from panim_mpl.changes import Fingerprint
from panim_mpl.drawer import Drawer, LayersError
from panim_mpl.order import drawing_order
from panim_mpl.raster import draw_figure
from panim_mpl.regions import NOWHERE, contains, overlap, region, union


@pytest.fixture(autouse=True)
def _layers_are_worthwhile(monkeypatch):
    """However long they take here."""
    monkeypatch.setattr(drawer_module, "WORTHWHILE", math.inf)


@pytest.fixture
def plot():
    fig, ax = plt.subplots(figsize=(3, 2))
    yield fig, ax, ax.plot(np.zeros(5))[0]
    plt.close(fig)


@pytest.fixture
def full_redraws(monkeypatch):
    """Counts them."""
    calls = []
    monkeypatch.setattr(drawer_module, "draw_figure", lambda *a: calls.append(1) or draw_figure(*a))
    return calls


def run(fig, update, count=30, **kwargs):
    """Draw `count` frames, each compared with matplotlib's; the drawer is left open."""
    drawer = Drawer(fig, fig.dpi, {}, "auto", **kwargs)
    for i in range(count):
        update(i)
        drawn = drawer.draw().copy()
        assert np.array_equal(drawn, reference(fig, drawer)), i
    return drawer


def reference(fig, drawer):
    """Drawn unheard, with the flags put back that drawing takes away."""
    drawer._drawing = True
    artists = fig.findobj(Artist)
    flags = [artist.stale for artist in artists]
    pixels = draw_figure(fig, fig.dpi, {}).copy()
    for artist, flag in zip(artists, flags, strict=True):
        artist.stale = flag
    drawer._drawing = False
    return pixels


def play(fig, update, count=40):
    """Draw `count` frames without looking at them."""
    drawer = Drawer(fig, fig.dpi, {}, "auto")
    for i in range(count):
        update(i)
        drawer.draw()
    drawer.close()
    return drawer


def test_only_what_changes_is_drawn(plot, full_redraws, monkeypatch):
    fig, ax, line = plot
    drawn = []
    title = ax.set_title("still")
    draw = Text.draw
    monkeypatch.setattr(Text, "draw", functools.wraps(draw)(lambda *a: drawn.extend(a[:1]) or draw(*a)))
    play(fig, lambda i: line.set_ydata(np.full(5, i % 3)))
    assert len(full_redraws) <= 10  # two at first, and comparisons
    assert drawn.count(title) <= len(full_redraws) + 2


def test_spines_that_nothing_comes_near_are_drawn_once(plot, full_redraws, monkeypatch):
    fig, ax, line = plot
    ax.set(xlim=(-1, 5), ylim=(-1, 5))
    drawn = []
    draw = Spine.draw
    monkeypatch.setattr(Spine, "draw", functools.wraps(draw)(lambda *a: drawn.extend(a[:1]) or draw(*a)))
    drawer = run(fig, lambda i: line.set_ydata(np.full(5, 5 if i in (20, 21, 25) else i % 3)), count=40)
    drawer.close()
    for spine in ax.spines.values():
        passed = 3 if spine is ax.spines["top"] else 0
        assert drawn.count(spine) <= 40 + 4 * len(full_redraws) + passed  # of which 40 are those of `run`


IN_FRONT = {
    "grid": lambda ax: ax.set_axisbelow(False) or ax.grid() or ax.get_xgridlines()[1],
    "dashes": lambda ax: ax.plot([0, 4], [0, 2], "--", color="r", gapcolor="b", zorder=5)[0],
    "markers": lambda ax: ax.plot([0, 2, 4], [2, 0, 2], "-o", mfc="w", fillstyle="left", zorder=5)[0],
    "shadow": lambda ax: ax.plot([0, 4], [2, 0], path_effects=[patheffects.withStroke(linewidth=4)], zorder=5)[0],
    "hatch": lambda ax: ax.add_patch(Rectangle((1, 0.5), 2, 1, hatch="//", fc="y", alpha=0.5, zorder=5)),
    "clipped": lambda ax: ax.add_patch(Wedge((2, 1), 0.5, 0, 270, zorder=5, clip_path=ax.patch)),
    "unclipped": lambda ax: ax.plot([-1, 5], [1, 1], clip_on=False, zorder=5)[0],
}


@pytest.mark.parametrize("kind", IN_FRONT)
def test_what_rests_in_front_is_asked_once(plot, kind, full_redraws, monkeypatch):
    fig, ax, line = plot
    ax.set(xlim=(0, 4), ylim=(0, 2))
    front = IN_FRONT[kind](ax)

    def update(i):
        line.set_ydata(np.arange(5) * i % 3)
        if i in (33, 35):
            front.set_linewidth(i / 10)

    run(fig, update, count=40).close()
    drawn = []
    draw = type(front).draw
    monkeypatch.setattr(type(front), "draw", functools.wraps(draw)(lambda *a: drawn.extend(a[:1]) or draw(*a)))
    full_redraws.clear()
    play(fig, update)
    assert drawn.count(front) <= 7 + 4 * len(full_redraws)  # it moves from 33 on
    assert len(full_redraws) <= 10


def test_full_means_full(plot, full_redraws):
    fig, _, line = plot
    drawer = Drawer(fig, fig.dpi, {}, "full")
    for i in range(5):
        line.set_ydata(np.full(5, i))
        drawer.draw()
    drawer.close()
    assert len(full_redraws) == 5


def test_always_changing_limits_cost_no_attempts(plot, full_redraws, monkeypatch):
    fig, ax, _ = plot
    built = []
    monkeypatch.setattr(drawer_module, "Layers", lambda *a: built.append(1))
    play(fig, lambda i: ax.set_xlim(i, i + 5), 60)
    assert len(full_redraws) == 60
    assert not built


def test_layers_that_take_too_long_are_tried_again_at_growing_distances(plot, monkeypatch):
    fig, _, line = plot
    built, make = [], drawer_module.Layers
    monkeypatch.setattr(drawer_module, "Layers", lambda *a: built.append(1) or make(*a))
    monkeypatch.setattr(drawer_module, "WORTHWHILE", 0)
    monkeypatch.setattr(drawer_module, "MAX_PAUSE", 4)
    play(fig, lambda i: line.set_ydata(np.full(5, i)), 64)
    assert len(built) == 4


def test_where_nothing_rests_no_layers_are_drawn(monkeypatch):
    fig, ax = plt.subplots(figsize=(3, 2), subplot_kw={"projection": "polar"})
    drawn = []
    monkeypatch.setattr(drawer_module.Layers, "draw", lambda self: drawn.append(1))
    play(fig, lambda i: ax.set_theta_offset(i / 10), 20)
    plt.close(fig)
    assert not drawn


def test_when_layers_are_tried_again_what_has_come_to_rest_is_in_the_background(plot, monkeypatch):
    fig, ax, line = plot
    (other,) = ax.plot(np.ones(5))
    monkeypatch.setattr(drawer_module, "MAX_PAUSE", 8)

    def update(i):
        monkeypatch.setattr(drawer_module, "WORTHWHILE", 0 if i < 6 else math.inf)
        for moving in [line, other] if i < 6 else [line]:
            moving.set_ydata(np.full(5, i % 4 / 4))

    drawer = play(fig, update, 20)
    assert list(drawer._layers.moving) == [id(line)]


def test_setting_the_same_limits_changes_nothing(plot, full_redraws):
    fig, ax, line = plot

    def update(i):
        line.set_ydata(np.full(5, i % 3))
        ax.set_xlim(0, 5)
        ax.relim()

    play(fig, update)
    assert len(full_redraws) <= 10


def test_a_change_that_nothing_tells_ends_the_layers(plot, monkeypatch):
    """An artist of matplotlib's whose look depends on something outside of it."""
    fig, ax, line = plot
    named = get_named_colors_mapping()
    monkeypatch.setitem(named, "mine", "#ff0000")
    ax.axhline(0.5, lw=9, color="mine", zorder=0)

    def update(i):
        line.set_ydata(np.full(5, (i % 3) / 3))
        if i == 20:
            named["mine"] = "#0000ff"

    with pytest.raises(LayersError) as caught:
        play(fig, update, 200)
    assert caught.value.retry_with == {"redraw": "full"}


class Gain(Normalize):
    gain = 1.0

    def __call__(self, value, clip=None):
        return super().__call__(value, clip) * self.gain


class Outline(patheffects.AbstractPathEffect):
    width = 1.0

    def draw_path(self, renderer, gc, tpath, affine, rgbFace=None):
        copied = renderer.new_gc()
        copied.copy_properties(gc)
        copied.set_linewidth(self.width)
        renderer.draw_path(copied, tpath, affine, rgbFace)


class Turned(Affine2DBase):
    degrees = 0.0

    def get_matrix(self):
        return Affine2D().rotate_deg(self.degrees).get_matrix()


def change_a_gamma(ax):
    norm = PowerNorm(1, 0, 9)
    ax.imshow(np.arange(9.0).reshape(3, 3), norm=norm)
    return lambda on: setattr(norm, "gamma", 0.3 if on else 1)


def change_a_colour_map(ax):
    image = ax.imshow(np.arange(9.0).reshape(3, 3), vmin=5)
    return lambda on: image.cmap.set_under("red" if on else "blue")


def change_a_font(ax):
    font = ax.set_title("title").get_fontproperties()
    return lambda on: font.set_size(20 if on else 9)


def change_a_locator(ax):
    return lambda on: ax.locator_params(axis="y", nbins=3 if on else 9)


def change_tick_labels(ax):
    labels = ["a", "b", "c"]
    ax.xaxis.set_major_locator(FixedLocator([0, 1, 2]))
    ax.xaxis.set_major_formatter(FixedFormatter(labels))
    return lambda on: labels.__setitem__(1, "now" if on else "b")


def change_an_own_norm(ax):
    norm = Gain(0, 9)
    ax.imshow(np.arange(9.0).reshape(3, 3), norm=norm)
    return lambda on: setattr(Gain, "gain", 0.3 if on else 1)


def change_an_own_path_effect(ax):
    ax.axhline(0.5, zorder=0, path_effects=[Outline()])
    return lambda on: setattr(Outline, "width", 9 if on else 1)


def change_an_own_transform(ax):
    ax.plot([0, 1], [1, 0], zorder=0, transform=Turned() + ax.transData)
    return lambda on: setattr(Turned, "degrees", 20 if on else 0)


def change_a_clipping_patch(ax):
    corners = np.array([[0.2, 0.2], [0.5, 0.9], [0.8, 0.2]])
    patch = plt.Polygon(corners, transform=ax.transAxes)
    ax.imshow(np.arange(9.0).reshape(3, 3)).set_clip_path(patch)
    return lambda on: patch.set_xy(corners / 2 if on else corners)


def change_a_clipping_box(ax):
    box = Bbox([[0, 0], [0.5, 1]])
    ax.imshow(np.arange(9.0).reshape(3, 3)).set_clip_box(TransformedBbox(box, ax.transAxes))
    return lambda on: box.set_points(np.array([[0, 0], [0.9 if on else 0.5, 1]]))


def change_the_box_of_a_text(ax):
    box = ax.text(0.1, 0.5, "text", zorder=0, bbox={"facecolor": "red"}).get_bbox_patch()
    return lambda on: box.set_facecolor("blue" if on else "red")


def change_the_arrow_of_a_note(ax):
    note = ax.annotate("note", (0.1, 0.1), (0.7, 0.7), zorder=0, arrowprops={"arrowstyle": "->"})
    return lambda on: note.arrow_patch.set_color("blue" if on else "red")


def change_a_filter(ax):
    light = {"of": 1.0}
    (line,) = ax.plot([0, 1], [1, 0], zorder=0)
    line.set_agg_filter(lambda image, dpi: (image * [light["of"]] * 4, 0, 0))
    return lambda on: light.update(of=0.3 if on else 1.0)


@pytest.mark.parametrize(
    "make",
    [
        change_a_gamma,
        change_a_colour_map,
        change_a_font,
        change_a_locator,
        change_tick_labels,
        change_an_own_norm,
        change_an_own_path_effect,
        change_an_own_transform,
        change_a_clipping_patch,
        change_a_clipping_box,
        change_the_box_of_a_text,
        change_the_arrow_of_a_note,
        change_a_filter,
    ],
)
@pytest.mark.filterwarnings("ignore:The set_under function:PendingDeprecationWarning")
def test_what_changes_for_a_moment_without_a_flag_is_seen(plot, make):
    fig, ax, line = plot
    ax.set_ylim(0, 1)
    change = make(ax)

    def update(i):
        line.set_ydata(np.full(5, (i % 3) / 3))
        change(6 <= i < 9)  # between two comparisons with full redraws

    drawer = run(fig, update, 20)
    assert drawer.take_notes() == []
    assert drawer._layers is not None
    drawer.close()


def test_layers_that_are_wrong_from_the_start_are_not_used(plot, monkeypatch, full_redraws):
    fig, _, line = plot
    from panim_mpl.layers import Layers

    original = Layers._draw_background

    def spoilt(self, kwargs):
        original(self, kwargs)
        self._background ^= 1

    monkeypatch.setattr(Layers, "_draw_background", spoilt)
    monkeypatch.setattr(
        Layers, "_divide", lambda self, trust, d=Layers._divide: d(self, trust) or setattr(self, "_dirty", None)
    )
    drawer = run(fig, lambda i: line.set_ydata(np.full(5, i % 3)), 10)
    drawer.close()
    assert any("everything is redrawn" in note for note in drawer.take_notes())


def test_drawing_by_the_animation_itself_ends_the_layers(plot):
    fig, _, line = plot

    def update(i):
        line.set_ydata(np.full(5, i % 3))
        if i == 7:
            fig.canvas.draw()

    drawer = run(fig, update)
    drawer.close()
    assert any("draws the figure itself" in note for note in drawer.take_notes())


def test_idle_drawing_is_left_out_until_closed(plot, full_redraws, monkeypatch):
    monkeypatch.setattr("panim_mpl.settling._listens_to_drawing", lambda figure: False)
    fig, _, _ = plot
    counted = []
    fig.canvas.mpl_connect("draw_event", lambda event: counted.append(1))
    drawer = Drawer(fig, fig.dpi, {}, "full")
    drawer.draw()
    drawn = len(counted)
    fig.canvas.draw_idle()
    assert len(counted) == drawn
    drawer.close()
    fig.canvas.draw_idle()
    assert len(counted) == drawn + 1


def test_another_dpi_is_that_of_the_frames_only(plot):
    fig, _, line = plot
    drawer = Drawer(fig, 37, {}, "auto")
    for i in range(12):
        line.set_ydata(np.full(5, i % 3))
        drawn = drawer.draw().copy()
        assert fig.dpi == 100
        assert np.array_equal(drawn, draw_figure(fig, 37, {})), i
        for artist in fig.findobj(Artist):
            artist.stale = False
    drawer.close()


def test_order_is_that_of_drawing(monkeypatch):
    fig, axs = plt.subplots(2, 2)
    axs[0, 0].plot([1, 2])
    axs[0, 0].add_patch(plt.Circle((0, 0), 1, zorder=9))
    axs[0, 1].inset_axes([0.5, 0.5, 0.3, 0.3]).imshow(np.eye(3))
    axs[1, 0].set_axis_off()
    axs[1, 1].set_zorder(-1)
    axs[1, 1].set_frame_on(False)
    fig.text(0.5, 0.5, "text")
    seen = []
    leaves = drawing_order(fig).leaves
    for leaf in leaves:
        kind = type(leaf)
        if "draw" in vars(leaf):
            continue
        leaf.draw = lambda renderer, leaf=leaf, kind=kind: seen.append(leaf) or kind.draw(leaf, renderer)
    fig.canvas.draw()
    plt.close(fig)
    assert [id(x) for x in seen] == [id(x) for x in leaves]


def test_regions():
    a, b = (0.0, 0.0, 2.0, 2.0), (1.0, 1.0, 3.0, 3.0)
    assert overlap(a, b)
    assert not overlap(a, (2.0, 0.0, 3.0, 1.0))
    assert overlap(None, a)
    assert not overlap(None, NOWHERE)
    assert contains(None, a)
    assert not contains(a, None)
    assert not contains(a, b)
    assert union([a, b, NOWHERE]) == (0.0, 0.0, 3.0, 3.0)
    assert union([a, None]) is None
    assert union([]) == NOWHERE


def clipped_to_a_circle(fig, ax):
    dots = ax.scatter([0.4, 1.5], [0.5, 0.5], s=9000)
    dots.set_clip_box(None)
    dots.set_clip_path(plt.Circle((0.5, 0.5), 0.2, transform=ax.transData))
    assert region(dots, fig.canvas.get_renderer())[2] < fig.bbox.width * 0.7
    return dots


@pytest.mark.parametrize(
    "make",
    [
        lambda fig, ax: ax.text(0.5, 0.5, "$\\frac{a}{b}$ slanted", style="italic", rotation=30, size=20),
        lambda fig, ax: fig.text(0.1, 0.9, "jgy", size=30),
        lambda fig, ax: ax.text(0.4, 0.5, "boxed", rotation=20, bbox={"boxstyle": "rarrow,pad=1", "lw": 9}),
        lambda fig, ax: ax.text(0.4, 0.5, "boxed", bbox={"visible": False, "pad": 30}),
        lambda fig, ax: ax.plot([0.2, 0.5, 0.8], [0.2, 0.8, 0.2], lw=12, clip_on=False, solid_joinstyle="miter")[0],
        lambda fig, ax: ax.plot([0.5], [0.5], "v", ms=40, mew=6, clip_on=False)[0],
        lambda fig, ax: ax.plot([0.5], [0.5], marker=3, ms=40, clip_on=False)[0],
        lambda fig, ax: ax.plot([2, -1], [0.5, 0.7])[0],
        lambda fig, ax: ax.add_patch(plt.Polygon([(0.3, 0.3), (0.5, 0.8), (0.7, 0.3)], lw=15, clip_on=False)),
        lambda fig, ax: ax.scatter([0.1, 1.5], [0.5, 0.5], s=5000),
        lambda fig, ax: ax.imshow(np.eye(4), extent=(0.2, 0.8, 0.2, 0.8)),
        clipped_to_a_circle,
        lambda fig, ax: ax.xaxis.label,
    ],
)
def test_a_region_holds_every_pixel(make):
    fig, ax = plt.subplots(figsize=(4, 3))
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="label")
    artist = make(fig, ax)
    fig.canvas.draw()
    with_it = np.asarray(fig.canvas.buffer_rgba()).copy()
    where = region(artist, fig.canvas.get_renderer())
    artist.set_visible(False)
    fig.canvas.draw()
    rows, columns = np.nonzero((with_it != np.asarray(fig.canvas.buffer_rgba())).any(axis=-1))
    plt.close(fig)
    assert where is not None
    assert len(rows)
    left, bottom, right, top = where
    height = with_it.shape[0]
    assert left <= columns.min()
    assert columns.max() < right
    assert bottom <= height - 1 - rows.max()
    assert height - 1 - rows.min() < top


@settings(max_examples=40, deadline=None)
@given(
    st.integers(150, 230), st.floats(0.2, 6), st.sampled_from(["left", "right", "top", "bottom"]), st.floats(60, 140)
)
def test_the_region_of_a_spine_holds_every_pixel(height, width, side, dpi):
    fig, ax = plt.subplots(figsize=(3, height / 100), dpi=dpi)
    ax.set(xticks=[], yticks=[])
    for name, spine in ax.spines.items():
        spine.set(linewidth=width, visible=name == side)
    fig.canvas.draw()
    where = region(ax.spines[side], fig.canvas.get_renderer())
    inked = (np.asarray(fig.canvas.buffer_rgba()) != 255).any(axis=-1)[::-1]
    plt.close(fig)
    left, bottom, right, top = where
    assert inked[bottom:top, left:right].any()
    inked[bottom:top, left:right] = False
    assert not inked.any()


def test_a_title_close_above_a_spine_is_drawn_once(monkeypatch):
    fig, ax = plt.subplots(figsize=(6.4, 4.8))
    line = ax.plot(np.zeros(5))[0]
    title = ax.set_title("title")
    draws, draw = [], Text.draw
    monkeypatch.setattr(Text, "draw", functools.wraps(draw)(lambda *a: draws.append(a[0]) or draw(*a)))
    drawer = Drawer(fig, fig.dpi, {}, "auto")
    for value in (1, 2, 3, 4, 5):
        draws.clear()
        line.set_ydata(np.full(5, value))
        drawer.draw()
    drawer.close()
    plt.close(fig)
    assert title not in draws


def test_what_rests_is_not_looked_at_one_by_one(monkeypatch):
    fig, axes = plt.subplots(2)
    line = axes[0].plot(np.zeros(5))[0]
    drawer = Drawer(fig, fig.dpi, {}, "auto")
    for value in (1, 2, 3, 4):
        line.set_ydata(np.full(5, value))
        drawer.draw()
    looks, look = [], Fingerprint.still_holds
    monkeypatch.setattr(Fingerprint, "still_holds", lambda known: looks.append(known) or look(known))
    for value in (5, 6):
        line.set_ydata(np.full(5, value))
        drawer.draw()
    drawer.close()
    plt.close(fig)
    assert len(looks) < 10


@pytest.mark.parametrize(
    "change",
    [
        lambda ax, i: ax.spines["left"].set_position(("data", i / 10)),
        lambda ax, i: ax.spines["bottom"].set_position(("axes", i / 50)),
        lambda ax, i: ax.spines["left"].set_position(("outward", i)),
        lambda ax, i: ax.spines["top"].set_visible(i % 2 == 0),
        lambda ax, i: ax.spines["bottom"].set_bounds(0, i / 10),
        lambda ax, i: ax.spines["right"].set_color("rgb"[i % 3]),
    ],
)
@pytest.mark.parametrize("every", [1, 7])
def test_what_ticks_are_drawn_along(plot, change, every):
    fig, ax, line = plot

    def update(i):
        line.set_ydata(np.full(5, i % 3 / 100))
        if i % every == 0:
            change(ax, i // every)

    run(fig, update).close()


def test_ticks_that_are_made_anew(plot):
    fig, ax, line = plot

    def update(i):
        line.set_ydata(np.full(5, i % 3 / 100))
        if i % 10 == 4:
            ax.xaxis.reset_ticks()
        if i % 10 == 8:
            ax.xaxis.get_major_ticks()[1].label1.set_color("rgb"[i // 10])

    run(fig, update).close()


def test_polar_axes_that_turn_move_what_a_layout_places():
    fig = plt.figure(figsize=(5, 2.5), layout="constrained")
    grid = fig.add_gridspec(1, 2, width_ratios=[2, 1])
    fig.add_subplot(grid[0])
    polar = fig.add_subplot(grid[1], projection="polar")
    animation = FuncAnimation(fig, lambda i: i % 3 == 0 and polar.set_theta_offset(i / 10), 14)
    assert np.array_equal(frames_of(AnimationSource(animation)), record(animation))


@pytest.mark.parametrize("projection", ["mollweide", "polar"])
def test_axes_whose_spines_have_no_position(projection):
    fig, axs = plt.subplots(1, 2, figsize=(4, 2), subplot_kw={"projection": projection})
    (line,) = axs[0].plot([0, 1], [0, 0.5])
    run(fig, lambda i: line.set_xdata([0, i / 30]), 12).close()


def test_a_secondary_axis_takes_room_of_a_layout():
    fig, ax = plt.subplots(layout="constrained", figsize=(4, 3))
    secondary = ax.secondary_xaxis("top", functions=(lambda x: 2 * x, lambda x: x / 2))
    animation = FuncAnimation(fig, lambda i: i > 5 and secondary.set_xlabel(f"{i}"), 14)
    assert np.array_equal(frames_of(AnimationSource(animation)), record(animation))


def lean_out(fig, ax):
    ax.text(0.8, 0.6, r"$\int f$", size=60)
    return lambda i: None


def move_a_box(fig, ax):
    box = Bbox([[0, 0], [100, 100]])
    ax.text(1, 1, "here", transform=BboxTransformTo(box))
    return lambda i: setattr(box, "p1", (150, 120) if i in (13, 14) else (100, 100))


def move_the_axes_of_a_text(fig, ax):
    polar = fig.add_axes((0.6, 0.6, 0.25, 0.25), projection="polar")
    fig.text(0.5, 1.1, "label", transform=polar.transAxes, zorder=9)
    return lambda i: polar.set_position([0.5 if i in (13, 14) else 0.6, 0.6, 0.25, 0.25])


def show_axes_for_a_moment(fig, ax):
    hidden = fig.add_axes((0.6, 0.6, 0.3, 0.3), visible=False, xlim=(0, 30))
    return lambda i: hidden.set_visible(i in (13, 14))


def scale_hidden_axes(fig, ax, inside=False):
    hidden = scaled = fig.add_axes((0.6, 0.6, 0.3, 0.3), visible=False)
    if inside:
        scaled = hidden.inset_axes((0.2, 0.2, 0.7, 0.7))
    (line,) = scaled.plot([0, 1])

    def update(i):
        if i == 4:
            line.set_ydata([0, 10])
            scaled.relim()
        hidden.set_visible(i > 6)

    return update


def mark_by_a_shape(fig, ax):
    ax.plot([1], [0.5], marker=np.array([[0, 0], [1, 1], [1, 0], [0, 0]]), clip_on=False)
    return lambda i: None


def change_polar_axes(fig, ax, zorder):
    polar = fig.add_axes((0.7, 0.7, 0.25, 0.25), projection="polar")
    polar.set_rmax(6)
    ends = {"axesA": ax, "axesB": polar, "coordsA": "data", "coordsB": "data"}
    fig.add_artist(ConnectionPatch((0.5, 0.2), (1, 3), **ends, zorder=zorder))
    fig.add_artist(Line2D([0, 1], [2, 4], transform=polar.transData, zorder=zorder))
    return lambda i: (polar.set_rmax(9 if i in (13, 14) else 6), polar.set_rorigin(-2 if i in (13, 14) else 0))


def change_styles(fig, ax, zorder):
    own = [0.1]

    def own_box(x0, y0, width, height, size):
        return Path([(x0 - own[0], y0), (x0 + width, y0 + height), (x0, y0)])

    box = ax.add_patch(FancyBboxPatch((0.2, 0.3), 0.3, 0.2, boxstyle="round", mutation_aspect=0.2, zorder=zorder))
    ax.add_patch(FancyBboxPatch((1.2, 0.3), 0.3, 0.2, boxstyle=own_box, zorder=zorder))
    arrow = ax.add_patch(FancyArrowPatch((0, 0), (1, 0.8), arrowstyle="->", mutation_scale=9, zorder=zorder))
    arrows, boxes = {"arrowstyle": "->"}, {"boxstyle": "round"}
    note = ax.annotate("x", (1, 0.9), (1.5, 0.6), arrowprops=arrows, bbox=boxes, zorder=zorder)

    def update(i):
        there = i in (13, 14)
        own[0] = 0.5 if there else 0.1
        box.get_boxstyle().pad = note.get_bbox_patch().get_boxstyle().pad = 0.1 if there else 0.3
        arrow.get_arrowstyle().head_length = note.arrow_patch.get_arrowstyle().head_width = 0.9 if there else 0.3
        arrow.get_connectionstyle().rad = 0.5 if there else 0.2

    return update


def change_inside_transforms(fig, ax, zorder):
    wrapper, box = TransformWrapper(Affine2D()), LockableBbox(Bbox([[0, 0], [80, 60]]))
    ax.plot([0, 1], [1, 0], transform=wrapper + ax.transData, zorder=zorder)
    fig.add_artist(Line2D([0, 1], [1, 0], transform=BboxTransformTo(box), zorder=zorder))
    turned = Affine2D()
    ax.plot([0.5], [0.2], marker=MarkerStyle("^", transform=turned), ms=20, zorder=zorder)

    def update(i):
        turned.clear().rotate_deg(50 * (i in (13, 14)))
        wrapper.set(Affine2D().translate(0.5 * (i in (13, 14)), 0))
        box.locked_x1 = 50 if i in (13, 14) else None

    return update


def set_what_sets_no_flag(fig, ax, zorder):
    ax.set_ylabel("y")
    fig.patch.set(hatch="/", edgecolor="r")
    mesh = Triangulation([0, 1, 0, 1], [0, 0, 0.5, 0.5], [[0, 1, 2], [1, 2, 3]])
    ax.tripcolor(mesh, [0, 1, 2, 3], shading="gouraud", zorder=zorder)
    ax.tricontour(mesh, [0, 1, 2, 3], zorder=-2)  # which compiles it
    shapes = [Path([(0.2, 0.2), (1, 0.2), (0.2, 0.9), (0.2, 0.2)]), Path([(1, 0), (2, 0), (1, 1), (1, 0)])]
    for shape, left in zip(shapes, (0, 1), strict=True):
        image = ax.imshow(np.eye(3), extent=(left, left + 1, 0, 1), aspect="auto", zorder=zorder)
        image.set_clip_path(shape, ax.transData)

    def update(i):
        there = i in (13, 14)
        ax.yaxis.labelpad = 12 if there and zorder < 0 else 4
        mesh.set_mask([there and zorder == 1, False])
        shapes[0].vertices[1, 0] = 0.6 if there and zorder == 0 else 1
        fig.patch.set_hatch("x" if there and zorder == 9 else "/")

    return update


def let_a_tick_label_grow(fig, ax):
    ax.set_xlabel("below them all")
    return lambda i: ax.get_xticklabels()[1].set_fontsize(18 if i in (13, 14) else 10)


@pytest.mark.parametrize(
    "change",
    [
        *(lean_out, move_a_box, move_the_axes_of_a_text, mark_by_a_shape, show_axes_for_a_moment, scale_hidden_axes),
        *(functools.partial(scale_hidden_axes, inside=True), let_a_tick_label_grow),
        *(functools.partial(change_polar_axes, zorder=zorder) for zorder in (-1, 9)),
        *(functools.partial(change_styles, zorder=zorder) for zorder in (-1, 9)),
        *(functools.partial(change_inside_transforms, zorder=zorder) for zorder in (-1, 9)),
        *(functools.partial(set_what_sets_no_flag, zorder=zorder) for zorder in (-1, 0, 1, 9)),
    ],
)
def test_what_changes_between_comparisons(change):
    """The line moves so that it is in the same place whenever frames are compared."""
    fig, ax = plt.subplots(figsize=(4, 3))
    (line,) = ax.plot([0, 1, 2], [0, 1, 0], lw=2)
    ax.set(xlim=(0, 2), ylim=(0, 1))
    update = change(fig, ax)
    animation = FuncAnimation(fig, lambda i: (line.set_ydata([0, 0, (i + 1) % 2 / 2]), update(i)), 20)
    assert unlike_saved(animation, (0, 1)) == []
