"""An executor may do its work elsewhere, in any order, twice, and lose some."""

import dataclasses
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from decode import decode, timing
from resume_film import Film, indices

from panim_core import EncodeError, FrameError, produce
from panim_core.events import Note
from panim_core.execution.local import LocalExecutor, render_segment
from panim_core.execution.store import state
from panim_core.execution.workspace import folder_of
from panim_core.frames import FrameRange
from panim_core.job import Deadlines
from panim_core.protocols import Executor


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


class Elsewhere:
    """Base of executors that make each segment by itself."""

    name = "elsewhere"

    def __init__(self):
        self.calls = []
        self.closed = 0

    def check_available(self):
        pass

    def run(self, tasks, emit):
        self.calls.append([task.frames for task in tasks])
        try:
            yield from self.give([pickle.loads(pickle.dumps(task)) for task in tasks], len(self.calls))
        finally:
            self.closed += 1

    def give(self, tasks, call):
        for task in tasks:
            yield render_segment(task)


def render(executor, monkeypatch, source=None, **options):
    """What was told."""
    from panim_core import plugins

    assert isinstance(executor, Executor)
    monkeypatch.setattr(plugins, "find_executor", lambda name: executor)
    told = []
    options = {"crf": 0, "workers": 1, **options}

    def listen(event):
        if isinstance(event, Note):
            told.append(event.text)

    produce(source or Film(".", 40), "film.mp4", executor="elsewhere", on_event=listen, **options)
    return told


def check():
    assert indices(decode("film.mp4")) == list(range(40))
    assert [float(start) for start in timing("film.mp4").starts] == list(range(40))
    assert not folder_of(Path("film.mp4")).exists()


TENS = [FrameRange(0, 10), FrameRange(10, 20), FrameRange(20, 30), FrameRange(30, 40)]


def test_segments_are_what_an_executor_gets(monkeypatch):
    executor = Elsewhere()
    assert render(executor, monkeypatch) == []
    assert executor.calls == [TENS]
    assert executor.closed == 1
    check()


@pytest.mark.parametrize("resume", [None, True])
def test_in_another_order_twice_and_losing_some(monkeypatch, resume):
    class Careless(Elsewhere):
        def give(self, tasks, call):
            if call == 1:
                yield render_segment(tasks[3])
                yield render_segment(tasks[2])
                again = render_segment(tasks[3])  # writes to the same path anew
                assert again.path.exists()
                yield again
                torn = render_segment(tasks[1])
                torn.path.write_bytes(torn.path.read_bytes()[:-100])
                yield torn
            elif call == 2:
                assert [task.frames for task in tasks] == TENS[:2]
                yield dataclasses.replace(render_segment(tasks[1]), frame_count=9)
                yield render_segment(tasks[0])
                yield render_segment(tasks[0])
            else:
                assert [task.frames for task in tasks] == TENS[1:2]
                yield render_segment(tasks[0])

    executor = Careless()
    told = render(executor, monkeypatch, resume=resume)
    assert len(executor.calls) == 3
    assert [line.partition(":")[0] for line in told] == [
        "the executor elsewhere gave frames 10 to 19",
        "frames 0 to 9, 10 to 19 did not come and are rendered again",
        "the executor elsewhere gave frames 10 to 19",
        "frames 10 to 19 did not come and are rendered again",
    ]
    assert "are not the" in told[0]
    assert "has 9 frames instead of 10" in told[2]
    check()


def test_what_is_lost_each_time_ends_the_render(monkeypatch):
    class Loser(Elsewhere):
        def give(self, tasks, call):
            for task in tasks:
                if task.frames != TENS[2]:
                    yield render_segment(task)

    executor = Loser()
    with pytest.raises(EncodeError, match="executor elsewhere did not give frames 20 to 29, asked 3 times"):
        render(executor, monkeypatch)
    assert len(executor.calls) == 3
    assert not folder_of(Path("film.mp4")).exists()
    with pytest.raises(EncodeError):
        render(executor, monkeypatch, resume=True)
    assert list(state(Path("film.mp4")).missing) == [TENS[2]]
    told = render(Elsewhere(), monkeypatch, resume=True)
    assert "30 of 40 frames are finished" in told[0]
    check()


def test_results_that_nobody_asked_for_are_refused(monkeypatch):
    class Strange(Elsewhere):
        def give(self, tasks, call):
            result = render_segment(tasks[0])
            yield dataclasses.replace(result, number=7)
            yield dataclasses.replace(result, number=-1)
            yield dataclasses.replace(result, frames=FrameRange(5, 15))
            yield dataclasses.replace(result, path=result.path.with_name("nothing.mp4"))
            yield dataclasses.replace(result, sha256="0" * 64)
            yield result
            yield from (render_segment(task) for task in tasks[1:])

    told = render(Strange(), monkeypatch)
    assert len(told) == 5
    check()


def test_a_task_may_be_finished_in_parts(monkeypatch):
    class Splitting(Elsewhere):
        def give(self, tasks, call):
            for task in tasks:
                middle = task.frames.start + 4
                for part in (FrameRange(middle, task.frames.stop), FrameRange(task.frames.start, middle)):
                    path = task.path.with_name(f"{part.start}.mp4")
                    result = render_segment(dataclasses.replace(task, frames=part, path=path))
                    yield dataclasses.replace(result, frames=part)

    assert render(Splitting(), monkeypatch) == []
    check()


WORKER = """
import dataclasses, pickle, sys, tempfile
from pathlib import Path
from panim_core.execution.local import render_segment
task = pickle.load(sys.stdin.buffer)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "segment" + task.path.suffix)
    result = render_segment(dataclasses.replace(task, path=path))
    result = dataclasses.replace(result, data=path.read_bytes())
sys.stdout.buffer.write(pickle.dumps(result))
"""


def test_a_task_is_all_that_another_machine_needs(monkeypatch, tmp_path):
    class Remote(Elsewhere):
        def give(self, tasks, call):
            for task in tasks:
                done = subprocess.run(
                    [sys.executable, "-c", WORKER],
                    input=pickle.dumps(task),
                    stdout=subprocess.PIPE,
                    check=True,
                    cwd="/",
                )
                result = pickle.loads(done.stdout)
                assert not result.path.exists()
                yield result

    # A source by value: the other process can import neither this module nor the film's.
    (tmp_path / "local.py").write_text(
        "import numpy as np\nfrom panim_core import FrameGenerator\n"
        "class Grey(FrameGenerator):\n    duration, frame_size, fps = 20_000, (32, 32), 1\n"
        "    def generate_at(self, t):\n        return np.full((32, 32, 3), 10 * round(t / 1000), np.uint8)\n"
        "grey = Grey()\n"
    )
    from panim_core.targets import load

    assert render(Remote(), monkeypatch, load("local.py"), workers=1) == []
    assert decode("film.mp4")[:, 16, 16, 0].tolist() == pytest.approx([10 * i for i in range(20)], abs=2)


def test_an_error_closes_the_executor(monkeypatch):
    class Failing(Film):
        def generate_at(self, time_ms):
            if time_ms >= 15_000:
                raise ValueError("no more")
            return super().generate_at(time_ms)

    executor = Elsewhere()
    with pytest.raises(FrameError, match="frame 15"):
        render(executor, monkeypatch, Failing(".", 40))
    assert executor.closed == 1
    assert not folder_of(Path("film.mp4")).exists()


def test_what_cannot_be_joined_is_one_task(monkeypatch):
    from panim_core import plugins

    executor = Elsewhere()
    monkeypatch.setattr(plugins, "find_executor", lambda name: executor)
    produce(Film(".", 40), "film.gif", executor="elsewhere", workers=1)
    assert executor.calls == [[FrameRange(0, 40)]]


def test_the_local_executor_gives_each_segment_as_it_is_finished(monkeypatch, tmp_path):
    """Else a crash would cost more than the segment in work."""
    seen = []
    run = LocalExecutor.run

    def watch(self, tasks, emit):
        for result in run(self, tasks, emit):
            seen.append((result.number, len((tmp_path / "drawn").read_text().split())))
            yield result

    class Waiting(Film):
        def generate_at(self, time_ms):
            if time_ms == 25_000:
                from resume_film import wait_for_lines

                wait_for_lines(self.journal.absolute(), 2)
            return super().generate_at(time_ms)

    monkeypatch.setattr(LocalExecutor, "run", watch)
    produce(Waiting(tmp_path, 40), "film.mp4", resume=True, deadlines=Deadlines(frame=60))
    assert sorted(number for number, _ in seen) == [0, 1, 2, 3]
    assert seen[0][1] < 40
    check()
