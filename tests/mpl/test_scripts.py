"""Scripts as people write them: what they do besides making an animation, before it and after it."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

mpl = pytest.importorskip("matplotlib")
from matplotlib import __version_info__  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.animation import FuncAnimation, PillowWriter  # noqa: E402
from playing import frames_of  # noqa: E402

from panim_core import targets  # noqa: E402
from panim_mpl.parcel import ByRerun, RerunDiffersError  # noqa: E402
from panim_mpl.watch import watching  # noqa: E402

SCRIPT = """
import threading
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation
lock = threading.Lock() if {lock} else None
fig = plt.figure(figsize=(2, 1.5))
plt.plot([0, 1], "r")
def update(i):
    plt.plot([i, 0], lw=3 if lock else 3)
    plt.title(f"{{i}} {{np.random.normal():.3f}}")
np.random.seed(3)
ani = FuncAnimation(fig, update, 3)
"""

GOES_ON = [
    "ani.save('mine.gif', writer='pillow')\nplt.close()",
    "ani.save('mine.gif')\nfig.set_facecolor('red')\nani.save('again.gif')",
    "plt.show()\nplt.clf()\nplt.plot([5, 3], 'k')\nplt.show()",
    "ani.to_jshtml()\nnp.random.seed(4)",
    "ani.save('mine.gif')\nfig.set_size_inches(4, 3)\nfig.set_dpi(37)",
]


def load(path, text, name=""):
    path.write_text(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return targets.load(f"{path}{name}")


@pytest.fixture(autouse=True)
def _close_all():
    yield
    plt.close("all")


@pytest.fixture
def expected(tmp_path):
    return frames_of(load(tmp_path / "plain.py", SCRIPT.format(lock=False)))


@pytest.mark.parametrize("more", GOES_ON)
def test_what_a_script_does_after_saving_or_showing_is_not_in_the_video(tmp_path, expected, more):
    found = frames_of(load(tmp_path / "goes_on.py", SCRIPT.format(lock=False) + more))
    assert len({frame.tobytes() for frame in expected}) == 3
    assert np.array_equal(found, expected)


def test_size_and_rate_are_those_of_the_saving(tmp_path):
    saving = "with plt.rc_context({'savefig.dpi': 50}):\n    ani.save('mine.gif')\nfig.set_size_inches(4, 3)\n"
    source = load(tmp_path / "sizes.py", SCRIPT.format(lock=False) + saving + "ani._interval = 7\n")
    assert (source.frame_size, source.fps) == ((100, 75), 5)
    assert source.configured(dpi=200).frame_size == (400, 300)
    asked = SCRIPT.format(lock=False) + "plt.rcParams['savefig.dpi'] = 50\n"
    assert np.array_equal(frames_of(source), frames_of(load(tmp_path / "asked.py", asked)))


@pytest.mark.skipif(__version_info__ < (3, 11), reason="matplotlib 3.8 itself makes none")
def test_an_animation_that_is_no_key_is_left_as_it_was_shown(tmp_path, expected):
    own = SCRIPT.format(lock=False).replace("FuncAnimation(", "Own(", 1)
    own = own.replace("fig =", "class Own(FuncAnimation):\n    __hash__ = None\nfig =", 1)
    assert np.array_equal(frames_of(load(tmp_path / "own.py", own + GOES_ON[0])), expected)


def test_what_is_saved_goes_before_what_is_shown(tmp_path, expected):
    shown = "fig.set_facecolor('red')\nplt.show()\nfig.set_facecolor('white')\nani.save('mine.gif')\nplt.clf()"
    assert np.array_equal(frames_of(load(tmp_path / "both.py", SCRIPT.format(lock=False) + shown)), expected)


def test_figures_that_are_shown_without_waiting_are_built_on(tmp_path, expected):
    built = SCRIPT.format(lock=False).replace("ani =", "fig.set_facecolor('red')\nani =")
    built += "plt.show(block=False)\nplt.ion()\nplt.show()\nfig.set_facecolor('white')\n"
    assert np.array_equal(frames_of(load(tmp_path / "built.py", built)), expected)


@pytest.mark.parametrize("more", GOES_ON[1:3])
def test_a_script_that_is_run_again_is_left_there_too(tmp_path, expected, more):
    source = load(tmp_path / "goes_on.py", SCRIPT.format(lock=True) + more)
    assert isinstance(source.pack(), ByRerun)
    with pytest.raises(RerunDiffersError, match="gave another frame 0"):
        frames_of(source)
    assert np.array_equal(frames_of(source.configured(alone=True)), expected)


@pytest.mark.parametrize(("begin", "name"), [("def main():", "main"), ("if __name__ == '__main__':", "__main__")])
def test_a_function_or_a_guard_that_makes_it_is_run_again(tmp_path, expected, begin, name):
    head, _, body = SCRIPT.format(lock=True).partition("lock")
    lines = "".join(f"    {line}\n" for line in f"lock{body}".splitlines())
    source = load(tmp_path / "guarded.py", f"{head}{begin}\n{lines}    plt.show()\n", f":{name}")
    assert isinstance(source.pack(), ByRerun)
    assert np.array_equal(frames_of(source), expected)


def test_how_to_get_what_a_saving_had_asked_for_is_told():
    with watching() as found, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        animation = FuncAnimation(plt.figure(), print, 2)
        animation.save("a.gif", None, 12, dpi=150, savefig_kwargs={"facecolor": "red"})
        animation.save("a.gif", writer=PillowWriter(fps=12.5))
        animation.save("a.gif")
        animation.to_jshtml(default_mode="once")
    texts = [str(warning.message) for warning in told]
    assert len(found) == 1
    assert texts[0].endswith("add --fps 12 --dpi 150; its savefig_kwargs= count in panim_mpl.save() only")
    assert texts[1].endswith("add --fps 12.5")
    assert [text.endswith("panim renders it") for text in texts[2:]] == [True, True]


def test_a_backend_with_windows_is_not_loaded(tmp_path, expected):
    script = SCRIPT.format(lock=False)
    asked = f"import matplotlib\nmatplotlib.use('TkAgg')\n{script}"
    use = mpl.use
    assert np.array_equal(frames_of(load(tmp_path / "windows.py", asked)), expected)
    assert mpl.use is use


def test_what_a_script_wraps_is_no_target_beside(tmp_path):
    more = "from panim_core import FluentFG\nfrom panim_mpl import AnimationSource\n"
    source = load(
        tmp_path / "wrapped.py",
        SCRIPT.format(lock=False) + more + "faded = FluentFG(AnimationSource(ani)).apply('fade_out', 100, 'white')\n",
    )
    assert source.duration == 600
    assert type(source).__name__ != "AnimationSource"


def test_a_script_that_is_run_again_has_its_arguments_again(tmp_path, expected):
    (tmp_path / "plain.py").write_text(
        SCRIPT.format(lock="sys.argv[1] == '--locked'").replace("import threading", "import sys, threading")
    )
    source = targets.load(str(tmp_path / "plain.py"), arguments=["--locked"])
    assert isinstance(source.pack(), ByRerun)
    assert np.array_equal(frames_of(source), expected)


def test_a_module_is_watched_as_scripts_are(tmp_path, expected, monkeypatch):
    monkeypatch.setattr("sys.path", [str(tmp_path), *sys.path])
    text = SCRIPT.format(lock=False) + "made, ani = [ani], None\nmade[0].save('mine.gif')\n"
    (tmp_path / "walking.py").write_text(text)
    with pytest.warns(UserWarning, match="left out"):
        source = targets.load("walking")
    assert np.array_equal(frames_of(source), expected)
    assert [path.name for path in tmp_path.glob("*.gif")] == []
