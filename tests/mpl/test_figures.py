"""Figures of own code: `panim_mpl.animation`, Acts, and Figures as frames."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest

import panim_core
import panim_mpl
from panim_core import drawing, plugins
from panim_core.errors import SettingsError
from panim_mpl.raster import inches_for

plt = pytest.importorskip("matplotlib.pyplot")


def setup():
    figure, axes = plt.subplots(figsize=(3.2, 2.4), dpi=100)
    (line,) = axes.plot(np.arange(10.0))
    title = axes.set_title("")
    return figure, line, title


def update(state, time_ms):
    _, line, title = state
    line.set_ydata(np.arange(10.0) * time_ms / 1000)
    title.set_text(f"{time_ms:.0f} ms")


def reference(time_ms):
    state = setup()
    update(state, time_ms)
    figure = state[0]
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba()).copy()
    plt.close(figure)
    return pixels


def test_importing_the_plugin_imports_no_matplotlib():
    code = "import sys, panim_mpl.plugin, panim_mpl; list(panim_mpl.plugin.panim_register_renderers());"
    code += "sys.exit(any(m in sys.modules for m in ('matplotlib', 'numpy')))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_animation_draws_what_update_sets():
    source = panim_mpl.animation(setup, update, duration=1000, fps=25)
    assert source.frame_size == (320, 240)
    assert source.fps == 25
    source.start()
    for time_ms in (0.0, 400.0, 80.0):
        assert np.array_equal(source.frame_at(time_ms), reference(time_ms))
    source.finish()
    plt.close("all")


def test_animation_takes_size_dpi_and_redraw():
    source = panim_mpl.animation(setup, update, duration=1000).configured(dpi=50)
    assert source.frame_size == (160, 120)
    source = source.configured(size=(201, 133), redraw="full")
    assert source.frame_size == (201, 133)
    source.start()
    assert np.asarray(source.frame_at(0.0)).shape == (133, 201, 4)
    source.finish()
    plt.close("all")
    with pytest.raises(SettingsError, match="colour"):
        source.configured(colour=1)
    with pytest.raises(SettingsError, match="redraw"):
        source.configured(redraw="some")


def test_figure_as_frame():
    (renderer,) = [r for r in plugins.current().all("renderers") if r.name == "matplotlib"]
    state = setup()
    update(state, 123.0)
    out = np.zeros((240, 320, 4), np.uint8)
    assert renderer.size_of(state[0]) == (320, 240)
    assert renderer.size_of(object()) is None
    drawing.place(state[0], out)
    assert np.array_equal(out, reference(123.0))
    plt.close("all")


def test_act_renderer():
    class State:
        def __init__(self):
            self.figure, self.line, self.title = setup()

    renderer = panim_mpl.FigureActRenderer((320, 240))
    state = State()
    renderer.start(state)
    for time_ms in (0.0, 700.0):
        update((None, state.line, state.title), time_ms)
        assert np.array_equal(renderer.draw(state), reference(time_ms))
    assert renderer.render(state) == reference(700.0).tobytes()
    renderer.finish(state)
    plt.close("all")


def test_no_figure_is_said():
    plt.close("all")
    source = panim_mpl.animation(lambda: 3, update, duration=10)
    with pytest.raises(SettingsError, match="no matplotlib figure"):
        source.start()


@pytest.mark.parametrize("dpi", [72, 100, 96.5, 33.3])
def test_inches_give_the_pixels_asked_for(dpi):
    for pixels in (1, 2, 99, 479, 480, 641, 1919, 1080):
        assert int(inches_for((pixels, pixels), dpi)[0] * dpi) == pixels


LOOKS = """
import numpy as np
from matplotlib import pyplot as plt
import panim_core
import panim_mpl
plt.style.use("dark_background")
np.random.seed(3)

def setup():
    figure, axes = plt.subplots(figsize=(2, 1.5))
    axes.scatter(*np.random.rand(2, 5))
    return figure

clip = panim_mpl.animation(setup, lambda figure, time_ms: None, duration=600, frame_size=(200, 150))
"""


def test_workers_draw_with_the_style_and_the_random_numbers_of_the_script(panim, tmp_path):
    (tmp_path / "clip.py").write_text(LOOKS)
    done = panim("render", "clip.py", "-o", "frames/", "--fps", "10", "--workers", "3")
    assert done.returncode == 0, done.stderr
    frames = {path.read_bytes() for path in (tmp_path / "frames").iterdir()}
    assert len(frames) == 1
    from PIL import Image

    with Image.open(tmp_path / "frames" / "000000.png") as image:
        assert image.convert("RGB").getpixel((1, 1)) == (0, 0, 0)


LEAVES = """
import random, sys
import matplotlib
if {pyplot}:
    import matplotlib.pyplot as plt
    matplotlib.use("svg")
    plt.figure(7)
import numpy as np
import panim_core, panim_mpl

random.seed(5); np.random.seed(6)

def setup():
    import matplotlib.pyplot as plt
    plt.rcParams["lines.linewidth"] = 9 * random.random()
    figure, axes = plt.subplots(figsize=(2, 1))
    return figure, axes.plot(np.random.random(5))[0]

def update(state, time_ms):
    state[1].set_ydata([time_ms] * 5)

def here():
    plt = sys.modules.get("matplotlib.pyplot")
    return (
        dict.__getitem__(matplotlib.rcParams, "backend"), plt.get_fignums() if plt else [], random.getstate(),
        repr(np.random.get_state()), matplotlib.rcParams["lines.linewidth"],
    )

before = here()
clip = panim_mpl.animation(setup, update, duration=500)
assert clip.frame_size == (200, 100)
assert here() == before, here()
"""


@pytest.mark.parametrize("pyplot", [True, False])
def test_measuring_leaves_the_interpreter_as_it_was(tmp_path, pyplot):
    code = LEAVES.format(pyplot=pyplot)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


SHOWS = LEAVES.replace("before = here()", "shown = here()[0]").replace(
    "assert here() == before, here()", "panim_core.still(clip, 0, 'still.png')\nassert here()[0] == shown, here()[0]"
)


@pytest.mark.parametrize("pyplot", [True, False])
def test_figures_are_shown_where_they_were_after_a_still(tmp_path, pyplot):
    code = SHOWS.format(pyplot=pyplot)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_what_is_configured_here_takes_nothing_back():
    clip = panim_mpl.animation(setup, update, duration=1000).configured(dpi=50)
    random.seed(5)
    state = random.getstate()
    with plt.rc_context({"lines.linewidth": 7.0}):
        clip.start()
        assert clip._drawer.figure.axes[0].lines[0].get_linewidth() == 7.0
    assert random.getstate() == state
    clip.finish()
    plt.close("all")


def test_updates_that_build_on_those_before_are_made_by_one_process(tmp_path):
    def start_trail():
        figure, axes = plt.subplots(figsize=(2, 1), dpi=50)
        return figure, axes.plot([])[0], []

    def lengthen(state, time_ms):
        _, line, trail = state
        trail.append(time_ms)
        line.set_data(range(len(trail)), trail)

    source = panim_mpl.animation(start_trail, lengthen, duration=1000, fps=10)
    report = panim_core.produce(source, tmp_path / "out.mp4", workers=2)
    assert any("with one worker" in note and "for the same time" in note for note in report.notes)
    alone = source.configured(alone=True)
    assert (alone.max_workers, alone.sequential) == (1, True)
    alone.advance(0.0)
    alone.advance(100.0)
    assert len(alone._state[2]) == 3
    alone.finish()


def test_updates_of_time_alone_are_made_by_all(tmp_path):
    report = panim_core.produce(panim_mpl.animation(setup, update, duration=1000, fps=10), tmp_path / "out.mp4")
    assert not any("alone" in note for note in report.notes)


LEFT_OPEN = """
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
import panim_mpl
from panim_core.targets import adapt

figure, axes = plt.subplots()
animation = FuncAnimation(figure, lambda i: axes.set_title(str(i)), 3)
for source in (adapt(animation), panim_mpl.animation(plt.figure, lambda figure, time_ms: None, duration=100)):
    source.start()
    source.generate_at(0.0)
animation._draw_was_started = True
"""


def test_sources_that_nobody_finishes_end_quietly(tmp_path):
    command = [sys.executable, "-c", LEFT_OPEN]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
