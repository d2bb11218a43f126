"""What travels to a worker, tried in fresh interpreters, and what cannot."""

from __future__ import annotations

import functools
import itertools
import random
import subprocess
import sys
import textwrap
import threading
import warnings

import cloudpickle
import numpy as np
import pytest

mpl = pytest.importorskip("matplotlib")
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.animation import FuncAnimation  # noqa: E402
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.transforms import Affine2D, TransformNode  # noqa: E402
from playing import check, frames_of, play_all, record  # noqa: E402

from panim_mpl.animation_source import AnimationSource  # noqa: E402
from panim_mpl.parcel import Held  # noqa: E402
from panim_mpl.travel import CannotTravelError, pack, unpack  # noqa: E402


def walking(frames, **kwargs):
    fig, ax = plt.subplots(figsize=(2, 1.5))
    xs = [0.0]
    (line,) = ax.plot(xs)

    def update(value):
        xs.append(xs[-1] + np.random.normal() + random.random() + value)
        line.set_data(range(len(xs)), xs)
        ax.set_ylim(-5, 5 + max(xs))
        return [line]

    return FuncAnimation(fig, update, frames, **kwargs)


def same_frames(make):
    """panim's and matplotlib's own, each of a new animation, from one state of the random generators."""
    states = random.getstate(), np.random.get_state()
    drawn = frames_of(AnimationSource(make()))
    random.setstate(states[0])
    np.random.set_state(states[1])
    plt.close("all")
    assert np.array_equal(drawn, record(make()))


def steps(n, *rest, scale=1.0, **more):
    for i in range(n):
        yield scale * i + np.random.normal() + len(rest) + len(more)


@pytest.mark.parametrize(
    "make",
    [
        lambda: walking(5),
        lambda: walking([3, 1, 2]),
        lambda: walking(np.arange(4.0)),
        lambda: walking(iter([3, 1, 2]), save_count=3),
        lambda: walking(map(abs, [1, -2]), save_count=2),
        lambda: walking(lambda: steps(4), save_count=9),
        lambda: walking(steps(4), save_count=3),
        lambda: walking(steps(4, 1, 2, scale=0.5, a=1), save_count=9),
        lambda: walking((i * i for i in range(4)), save_count=9),
        lambda: walking(itertools.chain([1], [2, 3]), save_count=3),
        lambda: walking(None, save_count=4, cache_frame_data=False),
        lambda: walking([1, 2, 3], blit=True),
        lambda: walking([1, 2, 3], repeat=False),
    ],
)
@pytest.mark.filterwarnings("ignore:Pickle, copy, and deepcopy support:DeprecationWarning")
def test_frames_of_every_form(make):
    same_frames(make)


def test_state_of_random_generators_travels_unseeded():
    same_frames(lambda: walking(4))


def test_a_running_generator_does_not_travel():
    running = steps(3)
    next(running)
    with pytest.raises(CannotTravelError, match="steps has already started"):
        pack(walking(running, save_count=2))


def test_an_open_film_does_not_travel(tmp_path):
    image = pytest.importorskip("PIL.Image")
    pictures = [image.new("L", (2, 2), level) for level in (0, 99, 200)]
    pictures[0].save(tmp_path / "film.gif", save_all=True, append_images=pictures[1:])
    animation = walking(3)
    with image.open(tmp_path / "film.gif") as animation.film, pytest.raises(CannotTravelError, match="several"):
        pack(animation)
    animation.film = pictures[0]
    pack(animation)


def test_the_animation_itself_is_drawn_where_it_cannot_travel():
    lock = threading.Lock()
    animation = walking(3)
    animation.held = lock
    source = AnimationSource(animation)
    assert isinstance(source.pack(), Held)
    assert source.max_workers == 1
    assert any("lock" in note for note in source.notes())
    data = cloudpickle.dumps(source)
    code = "import sys, pickle; pickle.loads(sys.stdin.buffer.read())"
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True)
    assert done.returncode == 1
    assert b"cannot be sent to worker processes" in done.stderr


NUMBERED = """
import sys
from matplotlib import pyplot as plt
from panim_mpl.travel import pack, unpack
if sys.argv[1:]:
    figures = [plt.figure(int(number)) for number in sys.argv[1:]]
    plt.figure(figures[0])
    sys.stdout.buffer.write(pack(figures))
else:
    figures = unpack(sys.stdin.buffer.read())
    assert plt.gcf() is figures[0]
    assert [plt.figure(number) for number in plt.get_fignums()] == figures
    print(*plt.get_fignums())
"""


@pytest.mark.parametrize("numbers", ["1 2", "0", "7", "2 3 4"])
def test_figures_keep_their_numbers(numbers):
    run = [sys.executable, "-c", NUMBERED]
    data = subprocess.run([*run, *numbers.split()], capture_output=True, check=True).stdout
    done = subprocess.run(run, input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip() == numbers


def test_figures_with_others_missing_between_them_cannot_keep_theirs():
    figures = [plt.figure(2), plt.figure(4)]
    with pytest.raises(CannotTravelError, match=r"numbered \[2, 4\]"):
        pack(figures)


def test_colorbars_still_follow_their_images():
    """matplotlib drops these callbacks when a figure is pickled; see `CallbackRegistry._pickled_cids`."""
    fig, ax = plt.subplots()
    image = ax.imshow(np.arange(4.0).reshape(2, 2))
    bar = fig.colorbar(image)
    seen = []
    ax.callbacks.connect("xlim_changed", lambda axes: seen.append(axes.get_xlim()))
    image2, bar2, ax2, seen2 = unpack(pack((image, bar, ax, seen)))
    image2.set_clim(0, 10)
    assert bar2.vmax == 10
    ax2.set_xlim(3, 4)
    assert seen2 == [(3, 4)]
    assert bar.vmax == 3


def test_what_belongs_to_a_window_is_replaced():
    fig, ax = plt.subplots()
    fig.canvas.draw()
    background = fig.canvas.copy_from_bbox(ax.bbox)
    timer = fig.canvas.new_timer(interval=30)
    canvas, figure, region, timer2 = unpack(pack((fig.canvas, fig, background, timer)))
    canvas.restore_region(region)
    assert canvas.figure is figure
    assert figure.canvas is canvas
    assert timer2.interval == 30


def parents_of(figures):
    """Of each transform that artists of the figures hold: by which keys it knows which others."""
    transforms = {id(part): part for fig in figures for part in all_transforms(fig)}
    return [[(key, parent()) for key, parent in part._parents.items()] for part in transforms.values()]


def all_transforms(fig):
    waiting, seen = [value for artist in fig.findobj() for value in vars(artist).values()], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, TransformNode) and id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting += vars(part).values()


def test_transforms_know_whom_to_tell_of_changes_and_nobody_else():
    """matplotlib's own pickling keeps ids of the process before, which new transforms may come to have."""
    fig = plt.figure()
    fig.add_subplot(221).bar([1, 2], [3, 4])
    fig.add_subplot(222, projection="polar")
    fig.add_subplot(223, projection="3d")
    fig.add_subplot(224).set_xscale("log")
    fig.canvas.draw()
    copied = parents_of([unpack(pack(fig))])
    assert sorted(map(len, copied)) == sorted(map(len, parents_of([fig])))
    assert all(key == id(parent) for parents in copied for key, parent in parents)


class Shifted(Affine2D):
    def __new__(cls, by):
        return super().__new__(cls)

    def __init__(self, by):
        super().__init__()
        self.by = by
        self.translate(by, 0)

    def __getnewargs__(self):
        return (self.by,)


def test_transforms_that_are_made_with_arguments_travel():
    assert unpack(pack(Shifted(3))).transform((1, 1)).tolist() == [4, 1]


def test_another_animation_of_the_figure_is_not_taken_along():
    fig = plt.figure()
    asked = FuncAnimation(fig, print, 3)
    other = FuncAnimation(fig, functools.partial(print, threading.Lock()), 3)
    pack(asked)
    with pytest.raises(CannotTravelError, match="lock"):
        pack(other)


@pytest.mark.parametrize("managed", [True, False])
def test_a_canvas_is_the_one_that_its_figure_uses_or_is_not(managed):
    fig = plt.figure() if managed else Figure()
    used = fig.canvas
    other = FigureCanvasAgg(fig)  # which the figure uses now
    fig.set_canvas(used)
    figure, used, other = unpack(pack((fig, used, other)))
    assert figure.canvas is used
    assert other.figure is figure
    assert (used.manager is not None) == managed
    if managed:
        assert used.manager.canvas is used
        assert plt.gcf() is figure


def test_surroundings_travel():
    mpl.rcParams["lines.linewidth"] = 7.5
    random.seed(3)
    np.random.seed(4)
    data = pack(None)
    expected = random.random(), np.random.random()
    mpl.rcParams["lines.linewidth"] = 1.5
    assert unpack(data) is None
    assert (random.random(), np.random.random()) == expected
    assert mpl.rcParams["lines.linewidth"] == 7.5


def test_a_colour_map_that_is_there_already_is_not_registered_again():
    mpl.colormaps.register(mpl.colors.ListedColormap(["red", "blue"]), name="theirs", force=True)
    try:
        data = pack(None)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            unpack(data)
    finally:
        mpl.colormaps.unregister("theirs")


def test_playing_here_leaves_this_process_as_it_was():
    animation = walking(3)
    before = random.getstate(), np.random.get_state()[1].tolist(), plt.get_fignums(), plt.gcf()
    source = AnimationSource(animation)
    source.start()
    source.frame_at(0.0)
    source.finish()
    assert (random.getstate(), np.random.get_state()[1].tolist(), plt.get_fignums(), plt.gcf()) == before


SCRIPT = """
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
{head}
fig, ax = plt.subplots(figsize=(2, 1.5))
(line,) = ax.plot(np.zeros(5))
ax.set_ylim(-3, 3)

def update(i):
    {body}
    return [line]

ani = FuncAnimation(fig, update, {frames}, blit={blit})
"""


def played(tmp_path, head="", body="line.set_ydata(np.full(5, i))", frames="5", blit=False, modules=()):
    for name, text in modules:
        (tmp_path / name).write_text(textwrap.dedent(text))
    script = tmp_path / "plot.py"
    script.write_text(SCRIPT.format(head=head, body=body, frames=frames, blit=blit))
    play_all(tmp_path, [f"{script}:1"])
    return check(tmp_path / "plot")


def test_modules_beside_the_script_keep_their_state(tmp_path):
    helper = """
        level = 0
        def rise():
            global level
            level += 0.5
            return level
    """
    notes = played(
        tmp_path,
        head="import risinghelper\nrisinghelper.level = -2",
        body="risinghelper.rise(); line.set_ydata(np.full(5, risinghelper.level))",
        modules=[("risinghelper.py", helper)],
    )
    assert notes == []


def test_bars_in_polar_axes_stay_round(tmp_path):
    script = """
        from matplotlib import pyplot as plt
        from matplotlib.animation import FuncAnimation
        fig, ax = plt.subplots(figsize=(2, 2), subplot_kw={"projection": "polar"})
        bars = ax.bar([0, 1, 2], [1, 2, 3])
        ani = FuncAnimation(fig, lambda i: bars[0].set_height(i), 5)
        """
    (tmp_path / "rose.py").write_text(textwrap.dedent(script))
    play_all(tmp_path, [f"{tmp_path / 'rose.py'}:1"])
    assert check(tmp_path / "rose") == []


def test_what_cannot_travel_is_run_again(tmp_path):
    notes = played(
        tmp_path,
        head="import threading\nlock = threading.Lock()\nnp.random.seed(5)\nwalk = np.random.normal(size=5)",
        body="lock.acquire(); line.set_ydata(walk * i + np.random.normal(size=5)); lock.release()",
    )
    assert notes == []


def test_a_generator_that_blitting_has_started_is_run_again(tmp_path):
    played(tmp_path, frames="iter(list(range(5))), save_count=5", blit=True)
    played(
        tmp_path,
        head="def g():\n    for i in range(5):\n        yield np.random.normal()\nnp.random.seed(1)",
        frames="g(), save_count=5",
        blit=True,
    )


def test_a_script_that_differs_from_run_to_run_is_noticed(tmp_path):
    with pytest.raises(AssertionError, match="gave another frame 0"):
        played(
            tmp_path,
            head="import threading\nlock = threading.Lock()\nrng = np.random.default_rng()",
            body="lock, line.set_ydata(rng.normal(size=5))",
        )


def test_two_animations_that_travel_apart_keep_their_own_figures(tmp_path):
    """Each comes with the script's globals; the second must not take the place of the first's."""
    script = tmp_path / "plot.py"
    script.write_text(
        SCRIPT.format(head="", body="line.set_ydata(np.full(5, i))", frames="3", blit=False)
        + "again = FuncAnimation(fig, update, 3)\n"
    )
    code = (
        "import pickle, sys, numpy as np\nfrom panim_core import targets\nfrom panim_core.execution import source\n"
        "packed = [source.dump(targets.load(f'{sys.argv[1]}:{n}')) for n in ('ani', 'again')]\n"
        "pickle.dump(packed, open(sys.argv[2], 'wb'))"
    )
    subprocess.run([sys.executable, "-c", code, script, tmp_path / "packed"], check=True, timeout=60)
    code = (
        "import pickle, sys, numpy as np\nfrom panim_core.execution import source\n"
        "one, two = map(source.load, pickle.load(open(sys.argv[1], 'rb')))\n"
        "one.start()\ntwo.start()\nframes = [[s.frame_at(float(i * 1000 / s.fps)).copy() for i in range(3)]"
        " for s in (one, two)]\n"
        "assert np.array_equal(*frames)\nassert not np.array_equal(frames[0][0], frames[0][2])"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "packed"], check=True, timeout=60)


def test_what_is_computed_in_a_part_of_an_array_shows_in_all_of_it():
    def make():
        fig, ax = plt.subplots(figsize=(2, 1.5))
        heat = np.zeros((6, 6))
        inner = heat[1:-1, 1:-1]
        image = ax.imshow(heat, vmax=1)

        def update(i):
            inner[i % 4] += 0.1 * (i > 3)
            image.set_data(heat)

        return FuncAnimation(fig, update, 8)

    same_frames(make)
