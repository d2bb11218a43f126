"""Which figures must be drawn for every frame, since code that is not matplotlib's takes part in drawing them."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredOffsetbox, AnnotationBbox, DrawingArea, OffsetImage
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.path import Path
from matplotlib.text import Annotation, Text
from matplotlib.ticker import MultipleLocator
from playing import frames_of, record, unlike_saved

from panim_mpl.animation_source import AnimationSource
from panim_mpl.drawer import Drawer, LooksError
from panim_mpl.playing import LastFrameError, RcParamsError
from panim_mpl.raster import draw_figure
from panim_mpl.settling import Settler, draws_every_frame, settle_axes


class CountedFigure(Figure):
    def draw(self, renderer):
        self.suptitle("drawn")
        super().draw(renderer)


class CountedLine(Line2D):
    def draw(self, renderer):
        self.set_linewidth(self.get_linewidth() + 1)
        super().draw(renderer)


class SteadyLine(Line2D):
    def draw(self, renderer):
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


@pytest.mark.parametrize("layout", ["constrained", "tight"])
def test_3d_axes_in_a_layout(layout):
    """They are laid out by how they were drawn before, and `save` draws each frame twice."""
    fig = plt.figure(figsize=(4, 2), layout=layout)
    ax = fig.add_subplot(121, projection="3d")
    fig.add_subplot(122)
    animation = FuncAnimation(fig, lambda i: ax.view_init(azim=17 * i), 6)
    source = AnimationSource(animation)
    assert source.max_workers == 1
    assert np.array_equal(frames_of(source), record(animation))


@pytest.mark.parametrize("which", ["major", "minor"])
def test_ticks_that_only_a_frame_of_others_shows_are_not_styled_later(which):
    """A new tick looks like the first one; those that are there already keep their looks."""
    fig, ax = plt.subplots(figsize=(6, 2))
    ax.xaxis.set_major_locator(MultipleLocator(1))
    ax.xaxis.set_minor_locator(MultipleLocator(0.5))

    def update(i):
        ax.set_xlim(0, 13 if i in (2, 7, 8) else 3)
        if i == 5:
            plt.setp(ax.get_xticklabels(minor=which == "minor"), color="red")
            for tick in ax.xaxis.get_major_ticks() if which == "major" else ax.xaxis.get_minor_ticks():
                tick.tick1line.set_markersize(9)

    assert unlike_saved(FuncAnimation(fig, update, 9), (0, 1), (0, 3), (1, 3)) == []


def make_room(ax, there):
    ax.set_position([0.1, 0.1, 0.9, 0.8] if there else [0.1, 0.1, 0.2, 0.8])


def make_labels_small(ax, there):
    ax.tick_params(labelsize=5 if there else 30)


def ask_for_more(ax, there):
    ax.locator_params(axis="x", nbins=12 if there else 3)


@pytest.mark.parametrize("change", [make_room, make_labels_small, ask_for_more])
def test_so_it_is_with_the_same_limits(change):
    fig, ax = plt.subplots()
    ax.set_xlim(0, 10)

    def update(i):
        change(ax, i in (2, 5, 6, 7))
        if i == 4:
            plt.setp(ax.get_xticklabels(), color="red")

    assert unlike_saved(FuncAnimation(fig, update, 8), (1, 2), (0, 3), (2, 3)) == []


@pytest.mark.parametrize("share", [(0, 2), (1, 2), (5, 1)])
def test_colours_are_those_of_the_frame_before_whoever_has_drawn_it(share):
    fig, ax = plt.subplots(figsize=(2, 1.5))
    mapped, other = ax.scatter(range(5), range(5), c=np.arange(5.0)), ax.scatter(range(5), range(1, 6), c="k")

    def update(i):
        other.set_facecolor(mapped.get_facecolor())
        mapped.set_array(np.roll(np.arange(5.0), i))

    assert unlike_saved(FuncAnimation(fig, update, 8), share) == []


def test_an_own_artist_may_look_at_what_it_has_just_drawn():
    """As filters do."""
    fig, ax = plt.subplots(figsize=(2, 1.5))
    line = ax.add_line(SteadyLine([0, 1], [0, 1]))
    line.set_agg_filter(lambda image, dpi: (image, 0, 0))
    assert unlike_saved(FuncAnimation(fig, lambda i: line.set_ydata([0, i / 6]), 6), (0, 2), (1, 2)) == []


def test_who_draws_no_more_does_not_look_who_looks():
    fig, _ = plt.subplots(figsize=(2, 1.5))
    drawer = Drawer(fig, fig.dpi, {}, "auto")
    drawer.draw()
    assert "buffer_rgba" in vars(fig.canvas.renderer)
    drawer.close()
    assert "buffer_rgba" not in vars(fig.canvas.renderer)


def reading_pixels(draws, **how):
    fig, ax = plt.subplots(figsize=(3, 2), **how)
    (line,) = ax.plot([0, 1], [0, 1])
    told = fig.text(0.3, 0.95, "")

    def update(i):
        if draws:
            fig.canvas.draw()
        if i > 1:
            told.set_text(str(np.asarray(fig.canvas.buffer_rgba()).sum()))
        line.set_ydata([i / 9, 1])
        ax.set_ylabel("y" * i)

    return FuncAnimation(fig, update, 9)


def test_pixels_that_the_update_draws_itself_may_be_looked_at():
    assert unlike_saved(reading_pixels(draws=True), (0, 1), (0, 3), (1, 3)) == []


@pytest.mark.parametrize(("share", "layout"), [((0, 1), None), ((1, 3), None), ((1, 3), "constrained")])
def test_other_pixels_are_those_of_a_frame_that_may_not_have_been_drawn(share, layout):
    """Nor are they while one is drawn without pixels, for its layout."""
    with pytest.raises(LastFrameError, match="buffer_rgba") as caught:
        unlike_saved(reading_pixels(draws=False, layout=layout), share)
    assert caught.value.retry_with == {"alone": True, "redraw": "full"}


@pytest.mark.parametrize("step", [1, 3])
def test_tables_are_fitted_as_often_as_saving_does(step):
    """`save` draws each frame twice, and the second drawing fits the text into cells that the first has resized."""
    fig, ax = plt.subplots(figsize=(4, 2))
    ax.set_axis_off()
    table = ax.table([["0", "0"], ["a", "b"]], bbox=(0, 0, 1, 1))

    def update(i):
        table[0, 0].get_text().set_text(f"{i}")
        table[0, 1].get_text().set_text(30 * "w" if i in (4, 11) else "")
        if i in (4, 11):
            table.set_fontsize(12 - 0.1 * i)
            for cell in table.get_celld().values():
                cell.set_width(9)

    animation = FuncAnimation(fig, update, 16)
    assert unlike_saved(animation, (0, step)) == []


def test_tables_are_fitted_when_an_update_asks_for_it():
    fig, ax = plt.subplots(figsize=(4, 2))
    ax.set_axis_off()
    table = ax.table([["0", "0"], ["a", "b"]], colWidths=[0.3, 0.3])
    note = ax.text(0, 0, "")

    def update(i):
        table[0, 0].get_text().set_text(i * "w")
        fig.canvas.draw_idle()
        note.set_text(f"{table[0, 0].get_fontsize()}")

    animation = FuncAnimation(fig, update, 20)
    source = AnimationSource(animation)
    assert np.array_equal(frames_of(source), record(animation))


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


def test_what_is_shown_with_the_frame_of_axes_is_found():
    fig, ax = plt.subplots()
    ax.spines["left"].draw = lambda renderer: None
    ax.set_axis_off()
    settler = Settler(fig)
    settler.look()
    assert not settler.own
    ax.set_axis_on()
    settler.look()
    assert settler.own


class Onlooker(Text):
    """Keeps what drawing has left in another artist."""

    seen = ()

    def draw(self, renderer):
        self.seen += (self.axes.title.get_position(), float(np.asarray(renderer.buffer_rgba()).mean()))


def test_where_no_frame_is_passed_by_own_code_sees_what_it_does_while_saving():
    seen = []
    for ours in (False, True):
        fig, ax = plt.subplots(figsize=(2, 2))
        ax.set_title("moves with the ticks")
        onlooker = ax.add_artist(Onlooker(0, 0, "", zorder=9))
        drawer = Drawer(fig, fig.dpi, {}, "auto") if ours else None
        for side in ("bottom", "top", "bottom"):
            ax.xaxis.set_ticks_position(side)
            fig.canvas.draw_idle()
            if drawer is None:
                draw_figure(fig, fig.dpi, {})
            else:
                drawer.draw()
        if drawer is not None:
            drawer.close()
        seen.append(onlooker.seen)
    assert seen[0] == seen[1]


def test_layout_does_not_depend_on_the_format_of_other_pictures():
    """By ``savefig.format`` matplotlib measures texts, where it draws without rendering."""
    plt.rcParams["savefig.format"] = "pdf"
    fig, axs = plt.subplots(2, 1, layout="tight", figsize=(3, 2))
    lines = [ax.plot([0, 1], [0, 1])[0] for ax in axs]

    def update(i):
        lines[0].set_ydata([0, i])
        axs[0].set_ylim(-(10 ** (i // 3)), 10 ** (i // 3))

    animation = FuncAnimation(fig, update, 6)
    assert unlike_saved(animation, (1, 2)) == []


def test_limits_are_rounded_by_how_wide_aspects_leave_axes():
    plt.rcParams["axes.autolimit_mode"] = "round_numbers"
    fig, axs = plt.subplots(1, 2, sharex=True, layout="tight", figsize=(5, 1.5))
    axs[0].set_aspect("equal")
    axs[0].plot([0, 3], [0, 3])
    lines = [axs[1].plot([0, 3], [0, 1])[0]]

    def update(i):
        lines.pop().remove()
        lines.append(axs[1].plot([0, 3], [0, i])[0])

    animation = FuncAnimation(fig, update, 6)
    assert unlike_saved(animation, (0, 2), (1, 2)) == []


def test_updates_that_change_rcparams_want_one_process():
    """Ticks that are made when a frame is drawn have the rcParams of that frame."""
    fig, ax = plt.subplots(figsize=(2, 1.5))

    def update(i):
        plt.rcParams["xtick.labelsize"] = 6 + i
        if i % 3 == 0:
            ax.clear()
        ax.set_title(f"{i}")

    animation = FuncAnimation(fig, update, 8)
    assert unlike_saved(animation, (0, 1)) == []
    with pytest.raises(RcParamsError):
        unlike_saved(animation, (0, 2))
    assert AnimationSource(animation).configured(**RcParamsError.retry_with).max_workers == 1


def test_what_updates_tell_numpy_of_errors_holds_while_drawing():
    class Divided(Line2D):
        def draw(self, renderer):
            self.set_alpha({"raise": 0.2, "warn": 0.5}[np.geterr()["divide"]])
            super().draw(renderer)

    fig, ax = plt.subplots(figsize=(2, 2))
    ax.add_line(Divided([0, 1], [0, 1]))
    animation = FuncAnimation(fig, lambda i: np.seterr(divide=("warn", "raise")[i % 2]), 6)
    with np.errstate():
        assert unlike_saved(animation, (0, 1), (1, 2)) == []


@pytest.mark.parametrize("rounding", ["data", "round_numbers"])
def test_axes_go_back_to_their_place_when_they_lose_their_aspect(rounding):
    plt.rcParams["axes.autolimit_mode"] = rounding
    fig, axs = plt.subplots(1, 2, figsize=(5, 1.5))
    lines = [axs[0].plot([0, 3], [0, 3])[0]]
    place = axs[1].text(0, 0.5, "")

    def update(i):
        place.set_text(f"{axs[0].bbox.width:.3f}")
        axs[0].set_aspect("equal" if i % 4 < 2 else "auto")
        lines.pop().remove()
        lines.append(axs[0].plot([0, 3 + i * 0.7], [0, 3 + i])[0])

    animation = FuncAnimation(fig, update, 10)
    assert unlike_saved(animation, (0, 1), (0, 2), (1, 2), (2, 3)) == []


def test_limits_of_polar_axes_are_rounded_by_how_wide_they_are_drawn():
    plt.rcParams["axes.autolimit_mode"] = "round_numbers"
    fig, axs = plt.subplots(1, 2, subplot_kw={"projection": "polar"}, figsize=(5, 3))
    for ax in axs:
        ax.plot([0, 3], [0, 3.2])
    animation = FuncAnimation(fig, lambda i: axs[0].plot([0, 3], [0, i]), 3)
    assert unlike_saved(animation, (0, 1), (1, 2)) == []


@pytest.mark.parametrize("line", [Line2D, CountedLine])
def test_subfigures_that_share_limits_are_drawn_no_more_often_than_while_saving(line):
    """What limits are shared with is told to draw itself, each time that they are scaled."""
    fig = plt.figure(layout="tight", figsize=(5, 2.5))
    left, right = fig.subfigures(1, 2)
    _, ax = left.subplots(2, 1)
    right.add_subplot(211, sharey=ax).plot([0, 1], [0, 3])
    right.add_subplot(212, projection="polar").set_title("as wide as it is high")
    lines = [ax.add_line(line([0, 3], [0, 1]))]

    def update(i):
        lines.pop().remove()
        lines.append(ax.add_line(line([0, 3], [0, 10 ** (i % 3)])))
        ax.autoscale()

    animation = FuncAnimation(fig, update, 4)
    assert unlike_saved(animation, (0, 1)) == []


def test_arrows_that_lose_their_scale_find_one_in_frames_passed_by():
    fig, ax = plt.subplots(figsize=(3, 2))
    arrows = ax.quiver(*np.meshgrid(np.arange(3.0), np.arange(3.0)), 1, 1)

    def update(i):
        arrows.set_UVC(np.full((3, 3), 1.0 + i), np.ones((3, 3)))
        if i in (3, 8):
            arrows.scale = None

    animation = FuncAnimation(fig, update, 12)
    assert unlike_saved(animation, (0, 1), (0, 2), (1, 2), (2, 3)) == []


def test_norms_of_what_a_figure_has_itself_are_scaled_in_frames_passed_by():
    fig = plt.figure(figsize=(3, 2))
    lines = LineCollection([[(0, 0), (1, 1)], [(0, 1), (1, 0)]], array=[0, 1])
    fig.add_artist(lines)

    def update(i):
        lines.set_array([0, 1 + i % 4])
        if i in (3, 8):
            lines.norm.vmin = lines.norm.vmax = None

    animation = FuncAnimation(fig, update, 12)
    assert unlike_saved(animation, (0, 1), (0, 2), (1, 2), (2, 3)) == []


@pytest.mark.parametrize("step", [2, 3])
def test_a_layout_sees_the_arrows_that_were_drawn_last(step):
    fig, axs = plt.subplots(2, 1, layout="constrained", figsize=(4, 3))
    (line,) = axs[0].plot([0, 3], [0, 1])
    axs[0].set_title("t")
    axs[0].quiver(*np.meshgrid(np.arange(3), np.arange(3)), 1, 1)

    def update(i):
        line.set_ydata([1e4, 1e4 + 3 * 10 ** (i % 7)])
        axs[0].relim()
        axs[0].autoscale_view()

    animation = FuncAnimation(fig, update, 9)
    assert unlike_saved(animation, (0, step)) == []


@pytest.mark.parametrize("redraw", ["auto", "full"])
@pytest.mark.parametrize("step", [2, 3])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_clip_path_is_not_taken_for_one_that_lay_in_the_same_place(scale, step, redraw):
    """Agg knows them by the address of their vertices; so `save` may err as well, and each is compared with a figure
    that shows no other."""

    def clipped():
        fig, ax = plt.subplots(figsize=(2, 2))
        ax.set(yscale=scale, ylim=(0.1, 10))
        (band,) = ax.plot([0, 3], [0.5, 5], lw=40)

        def update(i):
            if scale == "log":
                band.set_clip_path(Circle((1 + i / 20, 1), 0.5, transform=ax.transData))
            else:
                band.set_clip_path(Path([(0, 0), (i / 8, 0), (i / 8, 9), (0, 9)]), ax.transData)

        return fig, update

    source = AnimationSource(FuncAnimation(*clipped(), 24)).configured(redraw=redraw)
    source.start()
    shown = {i: source.generate_at(float(i * 1000 / source.fps)).copy() for i in range(0, 24, step)}
    source.finish()
    wrong = []
    for i, frame in shown.items():
        fig, update = clipped()
        update(i)
        if not np.array_equal(frame, draw_figure(fig, fig.dpi, {})):
            wrong.append(i)
        plt.close(fig)
    assert wrong == []


class Watching(Text):
    """Shows how bright the canvas was when it was drawn, since drawing `since`; and whether lines are drawn on it."""

    def __init__(self, since):
        super().__init__(0.1, 0.1, "")
        self.since, self.drawn, self.unseen = since, 0, 0

    def draw(self, renderer):
        self.drawn += 1
        self.unseen += "draw_path" in vars(renderer)
        if self.drawn > self.since:
            self.set_text(f"{self.get_text()[-40:]} {np.asarray(self.get_figure().canvas.buffer_rgba()).sum() % 97}")
        super().draw(renderer)


def watched(since, draw_idle=False):
    fig, ax = plt.subplots(figsize=(2, 2))
    (line,) = ax.plot([0, 1], [0, 1])
    watching = ax.add_artist(Watching(since))

    def update(i):
        line.set_ydata([0, i])
        ax.set_title(f"{watching.drawn}")
        if draw_idle:
            fig.canvas.draw_idle()
            ax.set_xlabel(f"{np.asarray(fig.canvas.buffer_rgba()).sum() % 97}")

    return FuncAnimation(fig, update, 8)


def test_own_code_that_looks_at_no_pixels_is_shown_everything_without():
    source = AnimationSource(watched(since=99))
    assert np.array_equal(frames_of(source), record(watched(since=99)))
    source.start()
    for i in range(source.frame_count):
        source.generate_at(float(i * 1000 / source.fps))
    (watching,) = (text for text in plt.gcf().axes[0].texts)
    source.finish()
    assert (watching.drawn, watching.unseen) == (16, 7)  # at first in full


@pytest.mark.parametrize("draw_idle", [False, True])
def test_own_code_that_looks_at_pixels_sees_those_of_saving(draw_idle):
    source = AnimationSource(watched(since=0, draw_idle=draw_idle))
    assert np.array_equal(frames_of(source), record(watched(since=0, draw_idle=draw_idle)))


def test_own_code_that_looks_at_pixels_later_only_has_all_of_it_drawn_again():
    with pytest.raises(LooksError, match="buffer_rgba"):
        frames_of(AnimationSource(watched(since=9)))
    source = AnimationSource(watched(since=9)).configured(**LooksError.retry_with)
    assert np.array_equal(frames_of(source), record(watched(since=9)))


class CountedArrow(FancyArrowPatch):
    def __init__(self, linewidth=0):
        super().__init__((0, 0), (1, 1), linewidth=linewidth)

    def do_3d_projection(self, renderer=None):
        self.set_linewidth(self.get_linewidth() + 10)
        return 0

    def draw(self, renderer):
        self.set_linewidth(self.get_linewidth() + 1)


class DeepArrow(CountedArrow):
    """Comes to the front and goes to the back."""

    times = 0

    def do_3d_projection(self, renderer=None):
        self.times += 1
        return -1 if self.times % 3 else 1

    def draw(self, renderer):
        self.set_linewidth(2 * self.get_linewidth() + self.get_zorder() % 2)


def among_others_in_3d(fig):
    ax = fig.add_subplot(projection="3d")
    ax.add_artist(CountedArrow())
    return ax.add_artist(DeepArrow())


def line_in(axes, **kwargs):
    return axes.add_line(CountedLine([0, 1], [0, 1], linewidth=0, **kwargs))


def hidden(artist):
    artist.set_visible(False)
    return artist


def later_shown(fig):
    fig.axes_to_show = hidden(fig.add_subplot())
    return line_in(fig.axes_to_show)


def in_a_subfigure_with_a_filter(fig):
    part = fig.subfigures()
    part.set_agg_filter(lambda pixels, dpi: (pixels, 0, 0))
    return line_in(part.add_subplot())


def in_a_layout(fig):
    fig.set_layout_engine("constrained")
    return line_in(fig.add_subplot())


PLACES = {
    "axes": lambda fig: line_in(fig.add_subplot()),
    "figure": lambda fig: fig.add_artist(CountedLine([0, 1], [0, 1], linewidth=0)),
    "figure, animated": lambda fig: fig.add_artist(CountedLine([0, 1], [0, 1], linewidth=0, animated=True)),
    "animated": lambda fig: line_in(fig.add_subplot(), animated=True),
    "hidden": lambda fig: hidden(line_in(fig.add_subplot())),
    "in hidden axes": lambda fig: line_in(hidden(fig.add_subplot())),
    "in axes shown later": later_shown,
    "in a hidden figure": lambda fig: line_in(hidden(fig).add_subplot()),
    "in an inset": lambda fig: line_in(fig.add_subplot().inset_axes([0, 0, 1, 1])),
    "in an inset of polar axes": lambda fig: line_in(fig.add_subplot(projection="polar").inset_axes([0, 0, 1, 1])),
    "in a subfigure": lambda fig: line_in(fig.subfigures().add_subplot()),
    "in a subfigure with a filter": in_a_subfigure_with_a_filter,
    "in a layout": in_a_layout,
    "arrow in 3-D": lambda fig: fig.add_subplot(projection="3d").add_artist(CountedArrow()),
    "arrow among others in 3-D": among_others_in_3d,
    "hidden arrow in 3-D": lambda fig: hidden(fig.add_subplot(projection="3d").add_artist(CountedArrow())),
    "arrow in hidden 3-D": lambda fig: hidden(fig.add_subplot(projection="3d")).add_artist(CountedArrow()),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_what_is_passed_by_has_drawn_as_often_as_while_saving(place):
    counts = []
    for ours in (False, True):
        fig = plt.figure(figsize=(2, 2))
        counted = place(fig)
        drawer = Drawer(fig, fig.dpi, {}, "auto") if ours else None
        for number in range(4):
            if number == 2 and hasattr(fig, "axes_to_show"):
                fig.axes_to_show.set_visible(True)
            fig.canvas.draw_idle()  # all of it, where no drawer is at work
            if drawer is None:
                draw_figure(fig, fig.dpi, {})
            elif number == 0:
                drawer.draw()
            else:
                drawer.pass_by()
            counts.append(counted.get_linewidth())
        if drawer is not None:
            drawer.close()
    assert counts[:4] == counts[4:]


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


class PlacedNote(Annotation):
    def update_positions(self, renderer):
        self.set_fontsize(self.get_fontsize() + 1)
        super().update_positions(renderer)


def placed_while_drawing(fig):
    fig.add_subplot().add_artist(PlacedNote("x", (0, 0)))


class PlacedImage(OffsetImage):
    def set_offset(self, xy):
        self.set_zoom(self.get_zoom() + 1)
        super().set_offset(xy)


def placed_by_its_box(fig):
    fig.add_subplot().add_artist(AnnotationBbox(PlacedImage(np.zeros((2, 2))), (0, 0)))


def in_an_axis(fig):
    fig.add_subplot().xaxis.label.draw = lambda renderer: None


def listening(fig):
    fig.listener = lambda event: None
    fig.canvas.mpl_connect("draw_event", fig.listener)


def test_what_comes_later_into_a_box_is_found():
    fig, ax = plt.subplots()
    area = DrawingArea(9, 9)
    ax.add_artist(AnchoredOffsetbox(loc="center", child=area))
    settler = Settler(fig)
    settler.look()
    area.add_artist(CountedLine([0, 1], [0, 1]))
    settler.look()
    assert settler.every_frame


@pytest.mark.parametrize("name", ["draw", "do_3d_projection"])
def test_a_method_that_an_artist_is_given_later_is_found(name):
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    points = ax.scatter([0], [0], [0])
    settler = Settler(fig)
    settler.look()
    assert not settler.own
    setattr(points, name, getattr(points, name))
    settler.look()
    assert settler.own
    assert not settler.every_frame


NEEDS_EVERY_FRAME = {
    **dict.fromkeys([beside, in_polar_axes], False),
    **dict.fromkeys([in_a_box, in_a_legend, asked_while_drawing, placed_while_drawing], True),
    **dict.fromkeys([placed_by_its_box, in_an_axis, listening], True),
}


@pytest.mark.parametrize(("add", "every_frame"), NEEDS_EVERY_FRAME.items())
def test_own_code_is_found_where_it_is_called_once_and_where_others_call_it(add, every_frame):
    fig = plt.figure()
    settler = Settler(fig)
    settler.look()
    assert (settler.own, settler.every_frame) == (False, False)
    add(fig)
    settler.look()
    assert (settler.own, settler.every_frame) == (not every_frame, every_frame)
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


def test_limits_are_scaled_after_the_layout_where_all_is_drawn():
    """An annotation of axes that are switched off takes its place in the layout by the limits before."""
    fig = plt.figure(layout="constrained", figsize=(4, 2))
    ax = fig.add_subplot(121)
    fig.add_subplot(122, projection="3d")
    ax.set_axis_off()
    ax.annotate("here", (1, 0.5), xytext=(20, 0), textcoords="offset points", annotation_clip=False)

    def update(i):
        ax.plot([0, 1.2 + i / 10], [0, 1])

    animation = FuncAnimation(fig, update, 5)
    assert np.array_equal(frames_of(AnimationSource(animation)), record(animation))
