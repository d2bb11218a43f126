"""matplotlib's animations are known again in another process, and resumed."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from decode import decode

from panim_core import FrameError, produce
from panim_core.events import Note
from panim_core.execution.fingerprint import fingerprint
from panim_core.execution.store import state
from panim_core.targets import load

pytest.importorskip("matplotlib")

SCRIPT = """
import numpy as np
import matplotlib.pyplot as plt
from matplotlib.animation import ArtistAnimation, FuncAnimation

fig, axes = plt.subplots(figsize=(3, 2), dpi=50)
(line,) = axes.plot([], [])
(other,) = axes.plot([0, 40], [0, 5], lw=2)
axes.set(xlim=(0, 40), ylim=(-10, 10), title="walk")
words = {"a", "b", "c", "d"}
steps = np.random.normal(size=40)
dots = axes.scatter([1, 2, 3], [3, 4, 5], c=[0.1, 0.5, 0.9])
fig.colorbar(dots)

def gen():
    for i in range(40):
        yield i * len(words) / 4

def update(i):
    i = int(i)
    stop(i)
    line.set_data(range(i), np.cumsum(steps[:i]) + np.random.rand())
    return (line,)

def stop(i):
    pass

walk = FuncAnimation(fig, update, frames=40, interval=1000)
from_function = FuncAnimation(fig, update, frames=gen, save_count=40)
from_generator = FuncAnimation(fig, update, frames=gen(), save_count=40)
from_list = FuncAnimation(fig, update, frames=iter([1, 2, 3]), save_count=3)
pictures = ArtistAnimation(fig, [[axes.imshow(np.random.rand(4, 4), animated=True)] for _ in range(3)])
"""
NAMES = ("walk", "from_function", "from_generator", "from_list", "pictures")

PRINT = """
import sys
from panim_core.execution.fingerprint import fingerprint
from panim_core.targets import load
for target in sys.argv[1:]:
    print(fingerprint(load(target, seed=0))[0])
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    plt = sys.modules.get("matplotlib.pyplot")
    if plt is not None:
        plt.close("all")
    sys.modules.pop("panim_target_walk", None)


def fingerprints(names, seed):
    command = [sys.executable, "-c", PRINT, *(f"walk.py:{name}" for name in names)]
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def test_every_process_finds_the_same(tmp_path):
    Path("walk.py").write_text(SCRIPT)
    found = fingerprints(NAMES, 1)
    assert len(set(found)) == len(NAMES)
    assert fingerprints(NAMES, 2) == found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("range(i), np", "range(1, i + 1), np"),
        ("(size=40)", "(1, size=40)"),
        ("lw=2", "lw=3"),
        ("    line.set_data", "    other.set_data"),
        ('"walk"', '"walks"'),
        ("[3, 4, 5]", "[3, 4, 6]"),
        ("0.5, 0.9", "0.6, 0.9"),
        ("frames=40", "frames=39"),
        ("dpi=50", "dpi=60"),
        ("import numpy as np", "import numpy as np; np.random.seed(5)"),
    ],
)
def test_a_change_is_noticed(old, new):
    def found():
        return fingerprint(load("walk.py:walk", seed=0))[0]

    Path("walk.py").write_text(SCRIPT)
    before = found()
    assert found() == before
    assert SCRIPT.count(old) == 1
    Path("walk.py").write_text(SCRIPT.replace(old, new))
    assert found() != before


def test_an_animation_is_resumed(tmp_path):
    told = []
    journal = tmp_path / ".a.mkv.panim" / "journal"
    stop = f"""
    import pathlib, sys
    if i >= 25 and pathlib.Path({str(tmp_path / "stop")!r}).exists():
        sys.path.append({os.path.dirname(__file__)!r})
        import resume_film
        resume_film.wait_for_lines(pathlib.Path({str(journal)!r}), 2)
        raise RuntimeError("stopped")
"""
    Path("walk.py").write_text(SCRIPT.replace("    pass\n", stop))
    options = {"encoder": "ffv1", "workers": 2}
    produce(load("walk.py:walk", seed=0), "whole.mkv", **options)
    Path("stop").touch()
    with pytest.raises(FrameError, match="stopped"):
        produce(load("walk.py:walk", seed=0), "a.mkv", resume=True, **options)
    assert len(state(Path("a.mkv")).segments) >= 1
    Path("stop").unlink()

    def listen(event):
        if isinstance(event, Note):
            told.append(event.text)

    produce(load("walk.py:walk", seed=0), "a.mkv", resume=True, on_event=listen, **options)
    assert any("are finished and kept" in line for line in told), told
    assert np.array_equal(decode(Path("a.mkv")), decode(Path("whole.mkv")))
