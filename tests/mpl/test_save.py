"""`panim_mpl.save` and ``panim render plot.py``, end to end; what the source answers; errors."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import OrderedDict
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")
import imageio_ffmpeg
import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.animation import Animation, ArtistAnimation, FFMpegWriter, FuncAnimation
from playing import record

import panim_mpl
from panim_core import events
from panim_core.errors import FrameError, SettingsError
from panim_mpl.animation_source import AnimationSource
from panim_mpl.raster import draw_figure, pixel_size


def tilting(frames=6, **kwargs):
    fig, ax = plt.subplots(figsize=(2, 1.5))
    (line,) = ax.plot([0, 1], [0, 1])

    def update(i):
        line.set_ydata([0, i / 10])

    return FuncAnimation(fig, update, frames, **kwargs)


def decoded(path, size):
    """(frames, what ffmpeg says of the file)."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, size[1], size[0], 3), done.stderr.decode()


def test_frames_of_save_reach_the_file(tmp_path):
    animation = tilting()
    calls, told = [], []
    report = panim_mpl.save(
        animation,
        tmp_path / "out.mp4",
        fps=12,
        dpi=60,
        savefig_kwargs={"facecolor": "0.8"},
        quality="lossless",
        progress_callback=lambda i, n: calls.append((i, n)),
        on_event=told.append,
    )
    frames, facts = decoded(tmp_path / "out.mp4", (120, 90))
    expected = record(animation, dpi=60, savefig_kwargs={"facecolor": "0.8"})[..., :3]
    assert report.frame_count == 6
    assert "12 fps" in facts
    assert np.abs(frames.astype(int) - expected).max() <= 6  # colours of 4:4:4 or 4:2:0 are rounded
    assert calls == [(i, 6) for i in range(6)]
    assert isinstance(told[-1], events.RenderFinished)


def test_saving_again_replaces(tmp_path):
    out = tmp_path / "out.mp4"
    out.write_text("old")
    panim_mpl.save(tilting(2), out)
    assert out.stat().st_size > 100
    with pytest.raises(SettingsError):
        panim_mpl.save(tilting(2), out, overwrite=False)


@pytest.mark.parametrize(
    ("argument", "word"),
    [
        ({"writer": "pillow"}, "writer"),
        ({"extra_args": ["-crf", "3"]}, "crf="),
        ({"codec": "vp9"}, "codec"),
        ({"metadata": {"title": "x"}}, "metadata"),
        ({"dpi": "mine"}, "dpi"),
        ({"redraw": "sometimes"}, "redraw"),
    ],
)
def test_what_is_the_writers_is_refused(tmp_path, argument, word):
    with pytest.raises(SettingsError, match=word):
        panim_mpl.save(tilting(2), tmp_path / "out.mp4", **argument)
    assert not list(tmp_path.iterdir())


def test_this_process_draws_what_cannot_travel(tmp_path):
    animation = tilting(4)
    animation.lock = threading.Lock()
    report = panim_mpl.save(animation, tmp_path / "out.mp4")
    assert report.frame_count == 4
    assert any("this process alone draws" in note for note in report.notes)


class Unloadable(OrderedDict):
    """Can be pickled, but not loaded: `OrderedDict` makes it anew, without what it needs."""

    def __init__(self, needed):
        super().__init__(needed=needed)


@pytest.mark.parametrize("executor", [None, "here", "panim:here"])
def test_this_process_draws_what_cannot_be_opened_elsewhere(tmp_path, executor):
    animation = tilting(4)
    animation.held = Unloadable(1)
    asked = {} if executor is None else {"executor": executor}
    report = panim_mpl.save(animation, tmp_path / "out.mp4", fps=10, quality="lossless", **asked)
    assert any("this process alone draws" in note for note in report.notes)
    frames, _ = decoded(tmp_path / "out.mp4", (200, 150))
    assert np.array_equal(frames, record(animation)[..., :3])


def test_who_is_to_draw_what_cannot_be_opened_may_be_insisted_on(tmp_path):
    animation = tilting(4)
    animation.held = Unloadable(1)
    with pytest.raises(SettingsError, match="let this process draw, with executor='here'"):
        panim_mpl.save(animation, tmp_path / "out.mp4", executor="local")
    assert not list(tmp_path.iterdir())


def test_a_script_is_run_again_where_its_animation_cannot_be_opened(panim, tmp_path):
    lines = (
        "from collections import OrderedDict\nclass Held(OrderedDict):\n    def __init__(self, needed):\n        pass\n"
    )
    (tmp_path / "plain.py").write_text(ACCUMULATING + "ani = make()\n")
    (tmp_path / "holding.py").write_text(ACCUMULATING + lines + "ani = make()\nani.held = Held(1)\n")
    expected, _ = frames_of(panim, tmp_path, "plain.py")
    found, told = frames_of(panim, tmp_path, "holding.py")
    assert found == expected
    assert "started again with by_value=False: CopyError: the animation's copy cannot be opened: TypeError: " in told
    assert "the script is run again in each worker, since the animation cannot be sent: its copy does not" in told
    done = panim("still", "holding.py", "--at", "0s", "-o", "first.png")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "first.png").read_bytes() == expected[0]


def test_what_a_function_of_a_notebook_makes_is_rendered_whatever_it_returns(panim, tmp_path):
    shown = "class HTML:\n    pass\ndef in_notebook():\n    ani = make()\n    ani.to_jshtml()\n    return HTML()\n"
    (tmp_path / "plain.py").write_text(ACCUMULATING + "ani = make()\n")
    (tmp_path / "cells.py").write_text(ACCUMULATING + shown)
    expected, _ = frames_of(panim, tmp_path, "plain.py")
    assert frames_of(panim, tmp_path, "cells.py:in_notebook")[0] == expected


def test_extra_animations_are_saved_along():
    animation = tilting(5)
    fig = plt.gcf()
    text = fig.text(0.1, 0.1, "")
    other = FuncAnimation(fig, lambda i: text.set_text(str(i)), 3)
    source = AnimationSource(animation, extra=(other,))
    assert source.frame_count == 3
    source.start()
    drawn = np.stack([source.frame_at(float(i * 1000 / source.fps)).copy() for i in range(3)])
    source.finish()
    assert np.array_equal(drawn, record(animation, extra_anim=[other]))


def test_what_a_source_says_of_itself():
    source = AnimationSource(tilting(30, interval=1000 / 30))
    assert source.fps == 30
    assert source.frame_count == 30
    assert source.duration == 1000.0
    assert source.frame_size == (200, 150)
    slower = source.configured(fps=Fraction(10))
    assert slower.duration == 3000.0
    assert [slower.index_at(t) for t in (0.0, 99.9, 100.0, 2999.9)] == [0, 0, 1, 29]
    assert source.configured(dpi=50).frame_size == (100, 75)
    assert source.configured(size=(301, 99)).frame_size == (301, 99)
    mpl.rcParams["savefig.dpi"] = 200
    assert AnimationSource(source._home.performance.animation).frame_size == (400, 300)
    with pytest.raises(SettingsError, match="no option speed"):
        source.configured(speed=3)


@pytest.mark.parametrize("width", [2.3, 4.1, 4.6, 5.1, 8.2, 8.7, 9.2, 10.2, 6.4])
def test_size_is_that_of_matplotlibs_own_writers(width):
    figure = plt.figure(figsize=(width, 3), dpi=100)
    writer = FFMpegWriter()
    writer.fig, writer.dpi = figure, 100
    assert pixel_size(figure.get_size_inches(), 100) == writer.frame_size == draw_figure(figure, 100, {}).shape[1::-1]


def test_what_a_script_computes_with_is_the_same_in_workers(panim, tmp_path):
    (tmp_path / "plot.py").write_text("""
import decimal, sys
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
decimal.getcontext().prec = 60
sys.setrecursionlimit(20000)
def deep(n):
    return 0 if n == 0 else deep(n - 1)
def update(i):
    assert len(str(decimal.Decimal(1) / 7)) > 60
    deep(5000)
ani = FuncAnimation(plt.figure(), update, 3)
""")
    done = panim("render", "plot.py", "-o", "out.mp4")
    assert done.returncode == 0, done.stderr


def test_size_is_given_to_the_figure():
    source = AnimationSource(tilting(2)).configured(size=(301, 99))
    source.start()
    assert source.frame_at(0.0).shape == (99, 301, 4)
    source.finish()


def test_endless_and_empty_animations_are_refused():
    with pytest.warns(UserWarning, match="frames=None"):
        endless = tilting(None)
    with pytest.raises(SettingsError, match="no end"):
        AnimationSource(endless).duration  # noqa: B018
    with pytest.raises(SettingsError, match="no frames"):
        AnimationSource(ArtistAnimation(plt.figure(), [])).duration  # noqa: B018
    with pytest.raises(SettingsError, match="no interval"):
        AnimationSource(tilting(3, interval=0)).fps  # noqa: B018


def test_frames_that_raise_are_told_with_their_place(tmp_path):
    def frames():
        yield from range(3)
        raise LookupError("no fourth")

    figure = plt.figure(figsize=(2, 1))
    failing = FuncAnimation(figure, lambda i: None, frames=frames, save_count=9)
    with pytest.raises(SettingsError, match=r"LookupError: no fourth, after 3 of them \(.*test_save\.py:\d+\)"):
        panim_mpl.save(failing, tmp_path / "out.mp4")


def test_another_animation_is_no_target_of_ours():
    from panim_mpl.renderer import MatplotlibRenderer

    assert MatplotlibRenderer().adapt(plt.figure()) is None
    assert isinstance(MatplotlibRenderer().adapt(tilting(2)), AnimationSource)


def test_an_animation_whose_end_depends_on_its_updates(tmp_path):
    fig, ax = plt.subplots(figsize=(2, 1.5))
    done = []

    def until_done():
        i = 0
        while len(done) < 5 and i < 50:
            yield i
            i += 1

    def update(i):
        done.append(i)
        ax.set_title(str(i))

    def make():
        done.clear()
        return FuncAnimation(fig, update, until_done, init_func=list, save_count=100)

    expected = len(record(make()))
    report = panim_mpl.save(make(), tmp_path / "out.mp4")
    assert report.frame_count == expected == 5


SCRIPT = """
import warnings
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
fig, ax = plt.subplots(figsize=(2, 1.5))
(line,) = ax.plot([0, 1], [0, 1])
warnings.warn("while making")
def update(i):
    if i == 3:
        warnings.warn("while updating")
    if i == FAILS:
        raise KeyError("no such thing")
    line.set_ydata([0, i])
ani = FuncAnimation(fig, update, 8, interval=40)
other = FuncAnimation(fig, update, 4)
plt.show()
"""


def test_a_script_is_rendered(panim, tmp_path):
    (tmp_path / "plot.py").write_text(SCRIPT.replace("FAILS", "99"))
    several = panim("render", "plot.py", "-o", "out.mp4")
    assert several.returncode == 2
    assert "plot.py:ani" in several.stderr
    assert "plot.py:other" in several.stderr
    done = panim("render", "plot.py:1", "-o", "out.mp4", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("while making") <= 2  # the message and the line of source that is shown with it
    assert done.stderr.count("UserWarning: while updating") == 1
    assert "deleted without rendering" not in done.stderr
    frames, facts = decoded(tmp_path / "out.mp4", (200, 150))
    assert len(frames) == 8
    assert "25 fps" in facts


def test_a_warning_of_drawing_is_told_once(panim, tmp_path):
    changes = "time.sleep(0.1); ax.set_title('\\u4e2d'); line.set_ydata"  # which the font does not have
    script = SCRIPT.replace("FAILS", "99").replace("line.set_ydata", changes).replace("update, 8", "update, 30")
    (tmp_path / "plot.py").write_text(f"import time\n{script}")
    done = panim("render", "plot.py:1", "-o", "out.mp4", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert "with 2 workers" in done.stderr
    (told,) = [line for line in done.stderr.splitlines() if "missing from " in line]
    assert told.startswith("UserWarning: Glyph 20013 (\\N{CJK UNIFIED IDEOGRAPH-4E2D}) missing from ")


STILL = """
import matplotlib, numpy, panim_core
matplotlib.use("svg")
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
fig, ax = plt.subplots(figsize=(2, 1.5))
(dot,) = ax.plot([0], [0], "o")
class Dot:
    def move(self, i):
        dot.set_data([i], [i])
mine = Dot()
def update(i):
    mine.move(i)
    numpy.seterr(divide="ignore")
    numpy.set_printoptions(precision=3)
    matplotlib.rcParams["lines.linewidth"] = 7
    if i == 3:
        raise KeyError("no such thing")
ani = FuncAnimation(fig, update, 8, interval=100)
def state():
    backend, numbers = matplotlib.get_backend(), plt.get_fignums()
    return backend, numbers, numpy.geterr(), numpy.get_printoptions(), matplotlib.rcParams["lines.linewidth"]
before = state()
panim_core.still(ani, 200, "two.png")
assert state() == before, state()
try:
    panim_core.still(ani, 300, "three.png")
except panim_core.FrameError:
    assert state() == before, state()
else:
    raise AssertionError
mine.move(7)
assert list(dot.get_xdata()) == [7], "the class works on the copy"
short = FuncAnimation(fig, update, 2, interval=100)
panim_core.produce(short, "here.mp4", executor="here")
assert state() == before, state()
mine.move(8)
assert list(dot.get_xdata()) == [8], "the class works on the copy"
"""


def test_a_still_leaves_the_interpreter_as_it_was(tmp_path):
    done = subprocess.run([sys.executable, "-c", STILL], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here.mp4", "two.png"]


def test_an_error_in_the_update_is_told(panim, tmp_path):
    (tmp_path / "plot.py").write_text(SCRIPT.replace("FAILS", "5"))
    done = panim("render", "plot.py:ani", "-o", "out.mp4", "--workers", "1")
    assert done.returncode == 1
    assert "frame 5" in done.stderr
    assert "KeyError: 'no such thing'" in done.stderr
    assert 'raise KeyError("no such thing")' in done.stderr
    assert "matplotlib/animation.py" not in done.stderr
    assert not (tmp_path / "out.mp4").exists()


def a_colour_changes(monkeypatch):
    """Which no layers see; frames after the 15th are wrong."""
    monkeypatch.setitem(mpl.colors.get_named_colors_mapping(), "mine", "#ff0000")
    fig, ax = plt.subplots(figsize=(2, 1.5))
    (line,) = ax.plot([0, 1], [0, 1])
    ax.axhline(0.5, lw=9, color="mine", zorder=0)

    def update(i):
        line.set_ydata([0, i % 3])
        mpl.colors.get_named_colors_mapping()["mine"] = "#0000ff" if i > 15 else "#ff0000"

    return FuncAnimation(fig, update, 40)


def test_a_wrong_frame_makes_the_render_start_again_in_full(tmp_path, monkeypatch):
    report = panim_mpl.save(a_colour_changes(monkeypatch), tmp_path / "out.mp4")
    assert report.frame_count == 40
    assert any("redraw=full" in note for note in report.notes)


def test_a_wrong_frame_ends_what_cannot_start_again(tmp_path, monkeypatch):
    animation = a_colour_changes(monkeypatch)
    animation.lock = threading.Lock()
    with pytest.raises(FrameError, match="ask for redraw='full'"):
        panim_mpl.save(animation, tmp_path / "out.mp4")
    assert not list(tmp_path.iterdir())


def test_watching_notices_every_animation_and_leaves_no_trace():
    from panim_mpl.watch import watching

    before = Animation.__init__
    with watching() as found:
        made = [tilting(2), tilting(3)]
    tilting(1)
    assert [animation for _, animation in found] == made
    assert Animation.__init__ is before


def test_watching_waits_for_the_import(tmp_path):
    code = (
        "import sys; from panim_mpl.watch import watching\n"
        "with watching() as found:\n"
        "    assert 'matplotlib' not in sys.modules\n"
        "    from matplotlib import pyplot as plt; from matplotlib.animation import FuncAnimation\n"
        "    FuncAnimation(plt.figure(), print, 3); plt.show()\n"
        "assert len(found) == 1 and plt.get_backend().lower() == 'agg', found\n"
        "import matplotlib.animation as m; assert type(m.__spec__.loader).__name__ == 'SourceFileLoader'\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, cwd=Path(tmp_path))


ACCUMULATING = """
import sys
import threading
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
fig, ax = plt.subplots(figsize=(2, 1.5))
(line,) = ax.plot([0, 1], [0, 1])
seen = []
def update(i):
    seen.append(i)
    ax.set_title(str(len(seen)))
def make():
    return FuncAnimation(fig, update, 4, init_func=list)
"""


def frames_of(panim, tmp_path, target):
    done = panim("render", target, "-o", "frames/", "--fps", "10", "--overwrite")
    assert done.returncode == 0, done.stderr
    return [path.read_bytes() for path in sorted((tmp_path / "frames").iterdir())], done.stderr


def test_a_script_that_saves_by_itself_is_rendered_from_its_beginning(panim, tmp_path):
    (tmp_path / "plain.py").write_text(ACCUMULATING + "ani = make()\n")
    (tmp_path / "saving.py").write_text(ACCUMULATING + "ani = make()\nani.save('mine.gif', writer='pillow')\n")
    expected, _ = frames_of(panim, tmp_path, "plain.py")
    found, told = frames_of(panim, tmp_path, "saving.py")
    assert len(set(expected)) == 4
    assert found == expected
    assert told.count("saving of its animation is left out") == 1
    assert not (tmp_path / "mine.gif").exists()


@pytest.mark.parametrize(
    "main",
    [
        "def main():\n    ani = make()\n    plt.show()\n\nif __name__ == '__main__':\n    main()\n",
        'if __name__ == "__main__":\n    ani = make()\n    plt.show()\n',
    ],
    ids=["function", "inline"],
)
def test_what_a_guarded_script_makes_is_rendered_if_it_is_named(panim, tmp_path, main):
    (tmp_path / "plain.py").write_text(ACCUMULATING + "ani = make()\n")
    (tmp_path / "guarded.py").write_text(ACCUMULATING + main)
    refused = panim("render", "guarded.py", "-o", "out.mp4")
    assert refused.returncode == 2
    assert "is run by guarded.py:__main__" in refused.stderr
    assert frames_of(panim, tmp_path, "guarded.py:__main__")[0] == frames_of(panim, tmp_path, "plain.py")[0]


def test_registered_colour_maps_and_colours_reach_the_workers(panim, tmp_path):
    (tmp_path / "plot.py").write_text(
        "import matplotlib, numpy as np\nfrom matplotlib import pyplot as plt\n"
        "from matplotlib.animation import FuncAnimation\nfrom matplotlib.colors import ListedColormap\n"
        "matplotlib.colormaps.register(ListedColormap(['red', 'blue']), name='mine')\n"
        "matplotlib.colors.get_named_colors_mapping()['own'] = '#336699'\n"
        "fig, ax = plt.subplots(figsize=(2, 1.5))\n"
        "def update(i):\n    ax.imshow(np.eye(3), cmap='mine')\n    ax.plot([0, i], color='own')\n"
        "ani = FuncAnimation(fig, update, 2)\n"
    )
    frames_of(panim, tmp_path, "plot.py")


DRIFTING = """
import os, time
from pathlib import Path
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
fig, ax = plt.subplots(figsize=(2, 1.5))
(line,) = ax.plot(np.zeros(5))
here = os.getpid()
def update(i):
    if os.getpid() != here:
        Path(f"at-{os.getpid()}").touch()
    end = time.monotonic() + 30
    while len(list(Path().glob("at-*"))) < 2 and os.getpid() != here and time.monotonic() < end:
        time.sleep(0.01)
    line.set_ydata(line.get_ydata() + np.random.default_rng(SEED).normal(size=5) / 10)
ani = FuncAnimation(fig, update, 20)
"""


@pytest.mark.parametrize("seed", ["", "i"])
def test_workers_whose_updates_drift_apart_are_noticed(panim, tmp_path, seed):
    (tmp_path / "plot.py").write_text(DRIFTING.replace("SEED", seed))
    done = panim("render", "plot.py", "-o", "out.mp4", "--workers", "2")
    assert done.returncode == 0, done.stderr
    noticed = "started again with one worker: what is shown in frame 0 is not the same" in done.stderr
    assert noticed == (seed == "")
    assert (len(list(tmp_path.glob("at-*"))) > 2) == noticed
