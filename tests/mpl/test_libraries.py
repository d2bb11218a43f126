"""What a script changes in libraries, and what only weak references lead to: it is in the video as in `save`'s."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("matplotlib")
from decode import decode
from matplotlib import __version_info__
from playing import start

BEGIN = """
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
fig, ax = plt.subplots(figsize=(2, 1.5))
(line,) = ax.plot([0, 1], [0, 1])
"""

END = "\nani = FuncAnimation(fig, update, frames=8, interval=100)\nplt.show()\n"

CHANGED = {
    "a projection's function": """
from mpl_toolkits.mplot3d import proj3d
known = proj3d._persp_transformation
proj3d._persp_transformation = lambda *args: known(*args) * np.array([[1.5], [1], [1], [1]])
ax.remove()
ax = fig.add_subplot(projection="3d")
ax.plot([0, 1], [0, 1], [0, 1])
def update(i):
    ax.view_init(30, 10 * i)
""",
    "a method": """
from matplotlib.axes import Axes
Axes.draw_cross = lambda self, x: self.plot([x, 1 - x], [0, 1], "r")
def update(i):
    ax.draw_cross(i / 8)
""",
    "an attribute of a class": """
from matplotlib.lines import Line2D
Line2D.zorder = 0.5
def update(i):
    ax.axvline(i / 8, lw=5)
    ax.axhspan(0.4, 0.6)
""",
    "a colour map": """
plt.cm.viridis.set_bad("red")
def update(i):
    ax.imshow(np.ma.masked_less(np.arange(16).reshape(4, 4), i), cmap=plt.cm.viridis)
""",
    "a style that is registered": """
from matplotlib.patches import BoxStyle
class Slanted(BoxStyle.Square):
    pass
BoxStyle._style_list["slanted"] = Slanted
def update(i):
    ax.text(0.1, i / 8, "here", bbox={"boxstyle": "slanted,pad=0.3"})
""",
    "what a cache holds": """
import functools
@functools.lru_cache(maxsize=None)
def walk(n):
    return np.random.normal(size=2)
np.random.seed(1)
walks = [walk(n) for n in range(8)]
def update(i):
    line.set_ydata(walk(i))
""",
    "a log that is shown": """
import io, logging
told = io.StringIO()
logging.getLogger("own").addHandler(logging.StreamHandler(told))
def update(i):
    logging.getLogger("own").warning("frame %d", i)
    line.set_ydata([0, len(told.getvalue()) / 100])
""",
    "a signal's handler": """
import signal
signal.signal(signal.SIGUSR1, lambda *args: line.set_color("r"))
def update(i):
    if i == 4:
        signal.raise_signal(signal.SIGUSR1)
""",
    "a connection to a database": """
import sqlite3
database = sqlite3.connect(":memory:")
database.execute("create table data (y)")
database.executemany("insert into data values (?)", [(n / 8,) for n in range(8)])
def update(i):
    line.set_ydata([0, *database.execute("select y from data limit 1 offset ?", (i,)).fetchone()])
""",
    "what belongs to a thread": """
import threading
own = threading.local()
own.factor = 0.1
def update(i):
    line.set_ydata([0, own.factor * i])
""",
}
"""What does not travel with the animation: the script is run again."""

SENT = {
    "filters of warnings": """
import warnings
warnings.filterwarnings("error")
def update(i):
    try:
        np.log(np.array(-1.0))
        ax.set_title("no")
    except RuntimeWarning:
        ax.set_title(f"caught {i}")
""",
    "a listener": """
class Listener:
    def __init__(self, axes):
        axes.callbacks.connect("xlim_changed", self.tell)
    def tell(self, axes):
        axes.set_title(f"up to {axes.get_xlim()[1]:.1f}")
listener = Listener(ax)
def update(i):
    ax.set_xlim(0, 1 + i)
""",
    "a weak set": """
import weakref
class Ball:
    known = weakref.WeakSet()
    def __init__(self, x):
        self.x = x
        Ball.known.add(self)
balls = [Ball(x) for x in range(4)]
def update(i):
    line.set_data(sorted(ball.x for ball in Ball.known), [i, 0, i, 1])
""",
    "a cached function": """
import functools
@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def update(i):
    line.set_ydata([0, fib(i) / 20])
""",
    "a cached function with a counter": """
import functools
@functools.lru_cache
def half(n):
    half.count += 1
    return n / 2
half.count = 0
def update(i):
    line.set_ydata([half(i) / 8, half.count / 8])
""",
    "axes made current": """
others = fig.add_axes((0.2, 0.2, 0.3, 0.3))
calls = []
def update(i):
    calls.append(i)
    plt.sca((ax, others)[i % 2])
    plt.cla()
    plt.plot(calls)
""",
    "another figure": """
second = plt.figure()
plt.figure(fig.number)
def update(i):
    plt.figure(second.number)
    plt.plot([i])
    line.set_ydata([0, i])
    plt.figure(fig.number)
    plt.title(f"{i}")
""",
    "lines coloured by an array": """
from matplotlib.collections import LineCollection
trail = ax.add_collection(LineCollection(np.zeros((5, 2, 2)), array=np.arange(5.0)))
def update(i):
    trail.set_segments([[(j / 5, 0), (j / 5, i / 8)] for j in range(5)])
    trail.set_array(np.arange(5.0) + i)
""",
}
"""What does."""

if __version_info__ < (3, 11):  # which matplotlib 3.8 itself refuses while saving
    del SENT["axes made current"]

TICKS = """
from matplotlib.ticker import ScalarFormatter
told = ScalarFormatter(useMathText=True)
told.set_powerlimits((-2, 2))
ax.yaxis.set_major_formatter(told)
def update(i):
    line.set_data(range(i + 2), 10.0 ** np.arange(i + 2))
    ax.relim()
    ax.autoscale_view()
    ax.set_ylabel("amplitude " + told.get_offset())
"""

EXTENTS = """
ax.set_xlabel("below")
told = fig.text(0.3, 0.95, "")
def update(i):
    told.set_text(f"{ax.yaxis.label.get_window_extent().x0:.3f}" if i == 7 else str(i))
    ax.set_ylim(0, 10 ** (5 - i % 5))
ax.set_ylabel("beside")
"""

COLOURS = """
points = ax.scatter([0, 1], [0, 1], c=[0, 1], vmin=0, vmax=9)
def update(i):
    if i == 7:
        line.set_color(points.get_facecolors()[1])
    points.set_array([i, i + 1])
"""

PIXELS = """
told = fig.text(0.3, 0.95, "")
def update(i):
    if i > 1:
        told.set_text(str(np.asarray(fig.canvas.buffer_rgba()).sum()))
    line.set_ydata([0, i])
"""


HELD = """
import threading
class Held:
    def __init__(self):
        self.lock = threading.Lock()
held = Held()
def update(i):
    with held.lock:
        line.set_ydata([0, i])
"""


@pytest.fixture
def rendered(tmp_path, panim):
    """Renders a script and checks its frames; returns the notes of the report."""

    def render(body, more=""):
        script = tmp_path / "plot.py"
        script.write_text(BEGIN + body + END + more)
        done = panim("render", script, "-o", "out.mkv", "--encoder", "ffv1", "--workers", "2", "--json")
        assert done.returncode == 0, done.stderr
        assert start("reference", tmp_path, [f"{script}:1"], 0).wait() == 0
        expected = np.load(tmp_path / "plot" / "reference.npy")
        frames = decode(tmp_path / "out.mkv", "rgba")
        assert [i for i in range(len(expected)) if not np.array_equal(frames[i], expected[i])] == []
        assert len({frame.tobytes() for frame in expected}) > 1
        return json.loads(done.stdout)

    return render


@pytest.mark.parametrize("what", CHANGED)
def test_where_libraries_were_changed_the_script_is_run_again(rendered, what):
    notes = rendered(CHANGED[what])["notes"]
    assert any("run again in each worker" in note for note in notes)


def test_so_it_is_for_an_animation_that_is_wrapped(rendered):
    wrapped = "from panim_core import FluentFG\nfrom panim_mpl import AnimationSource\nani2 = "
    wrapped += "FluentFG(AnimationSource(ani)).time_rescale(1).build()\n"
    notes = rendered(CHANGED["a colour map"], wrapped)["notes"]
    assert any("run again in each worker" in note for note in notes)


@pytest.mark.parametrize("what", SENT)
def test_other_things_are_sent(rendered, what):
    assert rendered(SENT[what])["notes"] == []


def test_what_only_drawing_sets_is_drawn_by_one_process(rendered):
    report = rendered(TICKS)
    assert report["workers"] == 1
    assert any("what drawing sets, by get_offset" in note for note in report["notes"])


def test_so_it_is_for_where_drawing_has_put_something(rendered):
    assert any("what drawing sets, by get_window_extent" in note for note in rendered(EXTENTS)["notes"])


def test_colours_that_drawing_gives_are_given_to_who_asks(rendered):
    assert rendered(COLOURS)["notes"] == []


@pytest.mark.parametrize("drawn", ["", "fig.canvas.draw()\n"])
def test_where_pixels_of_the_frame_before_are_looked_at_one_process_draws_everything(rendered, drawn):
    report = rendered(drawn + (PIXELS.replace("i > 1", "True") if drawn else PIXELS))
    assert report["workers"] == 1
    assert any("redraw=full" in note and "buffer_rgba" in note for note in report["notes"])


def test_what_cannot_be_sent_is_named(rendered):
    notes = rendered(HELD)["notes"]
    assert any(note.endswith("cannot pickle '_thread.lock' object, which is held.lock (a lock)") for note in notes)
