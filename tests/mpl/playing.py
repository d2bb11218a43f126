"""Frames of scripts' animations: as matplotlib saves them, and as panim's workers draw them.

Run as a program, since each role wants an interpreter of its own. A script SCRIPT:NUMBER has a folder::

    playing.py parent FOLDER SCRIPT:NUMBER ...      FOLDER/SCRIPT/source.bin, for the workers
    playing.py reference FOLDER SCRIPT:NUMBER ...   FOLDER/SCRIPT/reference.npy, by Animation.save, without panim
    playing.py WHO/COUNT/REDRAW FOLDER SCRIPT:NUMBER ...   frames-WHO.npz: every COUNT-th frame from frame WHO on

What fails is written to FOLDER/SCRIPT/error-ROLE.txt.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

import numpy as np

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.py"))


def frames_of(source):
    """All of its frames, drawn by a copy that went through pickle as it does on the way to a worker."""
    from panim_core.execution import source as travel

    copy = pickle.loads(travel.dump(source))
    copy.start()
    try:
        return np.stack([copy.frame_at(float(i * 1000 / copy.fps)).copy() for i in range(copy.frame_count)])
    finally:
        copy.finish()


def record(animation, **kwargs):
    """The RGBA frames that `animation.save` writes, (n, height, width, 4)."""
    from matplotlib.animation import AbstractMovieWriter

    class Recorder(AbstractMovieWriter):
        def setup(self, fig, outfile, dpi=None):
            self.fig, self.dpi, self.frames = fig, dpi or fig.dpi, []

        def grab_frame(self, **savefig_kwargs):
            stream = io.BytesIO()
            self.fig.savefig(stream, format="rgba", dpi=self.dpi, **savefig_kwargs)
            width, height = self.frame_size
            self.frames.append(np.frombuffer(stream.getvalue(), np.uint8).reshape(height, width, 4))

        def finish(self):
            pass

    writer = Recorder()
    animation.save("unused", writer=writer, **kwargs)
    return np.stack(writer.frames)


def unlike_saved(animation, *shares):
    """(first, step, frame) of each frame of a share, every `step`-th from `first` on, that is not as it is saved."""
    from panim_mpl.animation_source import AnimationSource

    source = AnimationSource(animation)
    source.pack()  # as it is before it is saved
    expected, wrong = record(animation), []
    for first, step in shares:
        playing = source.configured()
        playing.start()
        for i in range(first, len(expected), step):
            if not np.array_equal(playing.frame_at(float(i * 1000 / playing.fps)), expected[i]):
                wrong.append((first, step, i))
        playing.finish()
    return wrong


def parent(script, number, folder):
    from panim_core import targets
    from panim_core.execution import source as travel

    (folder / "source.bin").write_bytes(travel.dump(targets.load(f"{script}:{number}")))


def reference(script, number, folder):
    import runpy

    from matplotlib.animation import Animation

    made = []
    original = Animation.__init__

    def remember(self, *args, **kwargs):
        original(self, *args, **kwargs)
        made.append(self)

    Animation.__init__ = remember
    sys.path.insert(0, str(Path(script).parent))
    try:
        names = runpy.run_path(script, run_name="__main__")
        np.save(folder / "reference.npy", record(made[number - 1]))
        del names
    finally:
        Animation.__init__ = original
        sys.path.pop(0)


def worker(folder, who, count, redraw):
    from panim_core.execution import source as travel

    source = travel.load((folder / "source.bin").read_bytes()).configured(redraw=redraw)
    frames, notes, claims = {}, [], {}
    source.start()
    for index in range(source.frame_count):
        time_ms = float(index * 1000 / source.fps)
        if index % count == who:
            frames[str(index)] = np.asarray(source.frame_at(time_ms)).copy()
        else:
            source.advance(time_ms)
        notes += source.notes()
        claims |= source.claims()
    source.finish()
    np.savez(folder / f"frames-{who}.npz", **frames)
    (folder / f"notes-{who}.json").write_text(json.dumps(notes))
    (folder / f"claims-{who}.json").write_text(json.dumps(claims))


def play(role, folder, targets):
    import matplotlib
    from matplotlib import pyplot as plt

    warnings.simplefilter("ignore")
    for target in targets:
        script, _, number = target.rpartition(":")
        own = Path(folder) / Path(script).stem
        own.mkdir(exist_ok=True)
        try:
            with matplotlib.rc_context():
                if role == "parent":
                    parent(script, number, own)
                elif role == "reference":
                    reference(script, int(number), own)
                else:
                    who, count, redraw = role.split("/")
                    worker(own, int(who), int(count), redraw)
        except BaseException:
            (own / f"error-{role.replace('/', '-')}.txt").write_text(traceback.format_exc())
        plt.close("all")


def start(role, folder, targets, frames):
    environment = {**os.environ, "FRAMES": str(frames), "MPLBACKEND": "agg"}
    return subprocess.Popen([sys.executable, __file__, role, str(folder), *map(str, targets)], env=environment)


def play_all(folder, targets, *, workers=2, redraw="auto", frames=14):
    """Play every one of `targets` (``SCRIPT:NUMBER``) in all roles."""
    for roles in (("parent", "reference"), [f"{who}/{workers}/{redraw}" for who in range(workers)]):
        processes = [start(role, folder, targets, frames) for role in roles]
        assert [process.wait() for process in processes] == [0] * len(processes)


def check(folder):
    """That the workers drew what matplotlib saved, all of it; returns what they noted."""
    claims = {}
    for path in folder.glob("claims-*.json"):
        for what, claim in json.loads(path.read_text()).items():
            assert claims.setdefault(what, claim) == claim, f"{what} is not the same in every worker"
    errors = [path.read_text() for path in sorted(folder.glob("error-*.txt"))]
    assert not errors, "\n".join(errors)[-4000:]
    reference = np.load(folder / "reference.npy")
    drawn = {}
    for path in folder.glob("frames-*.npz"):
        with np.load(path) as part:
            drawn.update({int(index): part[index] for index in part.files})
    assert sorted(drawn) == list(range(len(reference)))
    wrong = [i for i in range(len(reference)) if not np.array_equal(drawn[i], reference[i])]
    if wrong:
        i = wrong[0]
        assert drawn[i].shape == reference[i].shape
        where = np.argwhere((drawn[i] != reference[i]).any(axis=-1))
        low, high = where.min(axis=0), where.max(axis=0)
        raise AssertionError(f"frames {wrong} differ; in {i} {len(where)} pixels, rows and columns {low} to {high}")
    return [note for path in folder.glob("notes-*.json") for note in json.loads(path.read_text())]


if __name__ == "__main__":
    play(sys.argv[1], sys.argv[2], sys.argv[3:])
