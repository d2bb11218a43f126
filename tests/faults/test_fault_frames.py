"""Faults in the code that draws and in what it returns: rows 1, 2, and 11 to 13."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from faulty import Faulty, wait_until

# ---- 1: the renderer raises


@pytest.mark.parametrize("index", [0, 5, 9])
def test_an_exception_is_final_and_names_the_frame(faulty: Faulty, index: int) -> None:
    faulty.clip(f"""
        if index == {index}:
            raise ValueError("boom")
    """)
    told = faulty.fails()
    assert f"panim: frame {index} (at {index * 100} ms) failed: ValueError: boom\n" in told
    assert 'clip.py", line' in told
    assert "panim_core/execution" not in told
    assert faulty.drawn(index) == 1, "an exception is not tried again"


# ---- 2: an exception that cannot be pickled or unpickled

BAD_EXCEPTIONS = {
    "unpicklable": "error = ValueError(lambda: 0)",
    "cannot be unpickled": """
        class TwoArguments(Exception):
            def __init__(self, a, b):
                super().__init__("two")
        error = TwoArguments(1, 2)""",
    "raises when pickled": """
        class Refuses(Exception):
            def __reduce__(self):
                raise RuntimeError("no")
        error = Refuses("refused")""",
    "raises when shown": """
        class Shy(Exception):
            def __str__(self):
                raise RuntimeError("no")
        error = Shy()""",
    "very long": "error = ValueError('x' * 50_000_000)",
    "not an Exception": """
        class Odd(BaseException):
            pass
        error = Odd("odd")""",
    "exits with an object": "error = SystemExit(object())",
    "holds a lock": """
        import threading
        error = ValueError("locked")
        error.lock = threading.Lock()
        error.retry_with = threading.Lock()""",
    "generator exit": "error = GeneratorExit()",
    "keyboard interrupt": "error = KeyboardInterrupt()",
    "end of file": "error = EOFError()",
    "broken pipe": "error = BrokenPipeError(32, 'mine')",
}


@pytest.mark.parametrize("what", BAD_EXCEPTIONS)
def test_an_exception_of_any_kind_is_told_as_text(faulty: Faulty, what: str) -> None:
    body = "if index == 3:\n" + textwrap.indent(textwrap.dedent(BAD_EXCEPTIONS[what]).strip() + "\nraise error", "    ")
    faulty.clip(body)
    told = faulty.fails()
    assert "panim: frame 3 (at 300 ms) failed: " in told
    assert 'clip.py", line' in told
    assert len(told) < 30_000
    assert faulty.drawn(3) == 1


# ---- 11: what is no frame

NO_FRAMES = {
    "None": ("None", "a NoneType is no frame"),
    "text": ("'red'", "a str is no frame"),
    "short bytes": ("bytes(100)", "the frame has 100 bytes; RGBA at 64x48 is 64 * 48 * 4 = 12288"),
    "wrong size": ("np.zeros((64, 48, 4), np.uint8)", "array of shape (64, 48, 4); expected (48, 64, 3)"),
    "no channels": ("np.zeros((48, 64), np.uint8)", "array of shape (48, 64)"),
    "two channels": ("np.zeros((48, 64, 2), np.uint8)", "array of shape (48, 64, 2)"),
    "wrong dtype": ("np.zeros((48, 64, 4), np.int32)", "dtype int32; use uint8, or floats in 0..1"),
    "complex": ("np.zeros((48, 64, 4), complex)", "dtype complex128"),
    "objects": ("np.full((48, 64, 4), None)", "dtype object"),
    "floats in 0..255": ("np.full((48, 64, 4), 255.0)", "values from 255 to 255; floats must lie in 0..1"),
    "not a number": ("np.full((48, 64, 4), np.nan)", "floats must lie in 0..1"),
    "wrong picture": ("Image.new('RGB', (48, 64))", "of 48x64 pixels; the source says frame_size = (64, 48)"),
}


@pytest.mark.parametrize("what", NO_FRAMES)
def test_what_is_no_frame_is_refused_with_the_reason(faulty: Faulty, what: str) -> None:
    drawing, reason = NO_FRAMES[what]
    faulty.clip(f"""
        import numpy as np
        from PIL import Image
        if index == 6:
            return {drawing}
    """)
    told = faulty.fails("--workers", "1")
    assert "panim: frame 6 (at 600 ms) failed: NotAFrameError: " in told
    assert reason in told


@pytest.mark.parametrize(
    "drawing",
    [
        "array[::-1, ::-1]",
        "np.asfortranarray(array)",
        "array[..., :3]",
        "array.astype(np.float32) / 255",
        "memoryview(array)",
        "array.tobytes()",
        "Image.fromarray(array)",
        "np.broadcast_to(array[:1, :1], array.shape)",
    ],
)
def test_what_is_laid_out_otherwise_is_accepted(faulty: Faulty, drawing: str) -> None:
    faulty.clip(f"""
        import numpy as np
        from PIL import Image
        array = np.full((48, 64, 4), (index % 256, index // 256, 7, 255), np.uint8)
        return {drawing}
    """)
    faulty.succeeds("--workers", "1")


# ---- 12: a source that cannot travel

HELD = {
    "a lock": ("threading.Lock()", "source.held (a lock)"),
    "a file": ("open(os.devnull, 'wb')", "source.held (a BufferedWriter)"),
    "a generator": ("(i for i in range(3))", "source.held (a generator)"),
    "a lock within": ("{'a': [1, threading.Lock()]}", "source.held['a'][1] (a lock)"),
    "a socket": ("socket.socket()", "source.held (a socket)"),
}


@pytest.mark.parametrize("what", HELD)
def test_a_source_that_cannot_travel_is_refused(faulty: Faulty, what: str) -> None:
    held, named = HELD[what]
    faulty.script(f"""
        import threading, socket
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps = 1000, (64, 48), 10
            def __init__(self):
                self.held = {held}
            def start(self):
                times("start")
            def generate_at(self, time_ms):
                return bytes(64 * 48 * 4)
        clip = Clip()
    """)
    told = faulty.fails(code=2)
    assert f"panim: the source cannot be sent to worker processes: {named}: " in told
    assert "Open files, locks, connections and the like in start()" in told
    assert faulty.drawn("start") == 0


# ---- 13: no `__main__` guard; classes of a notebook


def test_no_guard_is_needed(faulty: Faulty) -> None:
    faulty.clip()
    done = faulty.produce("workers=2", output="out.rgba")
    assert done.returncode == 0, done.stderr
    faulty.is_whole()
    assert (faulty.folder / "produce.py").read_text().count("__main__") == 0


def test_a_notebook_needs_no_file(faulty: Faulty) -> None:
    """Classes, functions and globals of a `__main__` that is no file and that cells go on changing."""
    cells = [
        "import panim_core\nlevel = 0",
        "class Base(panim_core.FrameGenerator):\n    duration, frame_size, fps = 1000, (64, 48), 10",
        "def paint(index):\n    return bytes((index, 0, level, 255)) * (64 * 48)",
        "class Clip(Base):\n    def generate_at(self, t):\n        return paint(round(t / 100))",
        "level = 7",
        "report = panim_core.produce(Clip(), 'out.rgba', workers=2)",
    ]
    kernel = "import sys\nfor cell in eval(sys.stdin.read()):\n    exec(compile(cell, '<cell>', 'exec'), globals())\n"
    done = subprocess.run(
        [sys.executable, "-c", kernel],
        input=repr(cells),
        cwd=faulty.folder,
        env=faulty._environment(None),
        capture_output=True,
        text=True,
        timeout=45,
    )
    assert done.returncode == 0, done.stderr
    faulty.is_whole()


# ---- what must hold besides


@pytest.mark.parametrize("workers", ["1", "2", "4"])
def test_frames_do_not_depend_on_the_number_of_workers(faulty: Faulty, workers: str) -> None:
    faulty.clip(frames=30)
    faulty.succeeds("--workers", workers, frames=30)


@pytest.mark.parametrize("workers", ["1", "3"])
def test_a_sequential_source_is_never_drawn_out_of_order(faulty: Faulty, workers: str) -> None:
    faulty.script("""
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps, sequential = 3000, (64, 48), 10, True
            def start(self):
                self.state = 0
            def advance(self, time_ms):
                assert round(time_ms / 100) == self.state
                self.state += 1
            def generate_at(self, time_ms):
                index = round(time_ms / 100)
                assert index == self.state
                self.state += 1
                if index in (5, 17) and times(index) == 1:
                    os.kill(os.getpid(), signal.SIGKILL)
                return bytes((index, 0, 7, 255)) * (64 * 48)
        clip = Clip()
    """)
    report = json.loads(faulty.succeeds("--workers", workers, "--json", frames=30).stdout)
    assert report["lost_workers"] == 2


def test_ctrl_z_passes_no_deadline(faulty: Faulty) -> None:
    faulty.clip("time.sleep(0.2)")
    process = faulty.start("--frame-timeout", "2", "--workers", "1", output="out.rgba")
    wait_until(lambda: faulty.drawn(1), "frame 1")
    process.send_signal(signal.SIGSTOP)
    time.sleep(5)
    process.send_signal(signal.SIGCONT)
    _, stderr = process.communicate(timeout=40)
    assert process.returncode == 0, stderr
    faulty.is_whole()


def test_a_finish_that_prints_very_much(faulty: Faulty) -> None:
    """Frames wait for both workers: one that is not up when the last frame is drawn has nothing to finish."""
    faulty.script("""
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps = 1000, (64, 48), 10
            def start(self):
                times("started")
            def generate_at(self, time_ms):
                while (HERE / "times-started").stat().st_size < 2:
                    time.sleep(0.01)
                return bytes((round(time_ms / 100), 0, 7, 255)) * (64 * 48)
            def finish(self):
                print("x" * 1_000_000)
                times("finished")
        clip = Clip()
    """)
    done = faulty.succeeds("--workers", "2")
    assert faulty.drawn("finished") == 2
    assert "was stopped" not in done.stderr


def finishing(faulty: Faulty, body: str) -> None:
    """A clip as usual, whose finish() runs `body`."""
    faulty.script(f"""
        import warnings
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps = 1000, (64, 48), 10
            def generate_at(self, time_ms):
                return bytes((round(time_ms / 100), 0, 7, 255)) * (64 * 48)
            def finish(self):
                {body}
        clip = Clip()
    """)


def test_a_finish_that_hangs_is_a_note(faulty: Faulty) -> None:
    finishing(faulty, "time.sleep(1000)")
    report = json.loads(faulty.succeeds("--json", "--workers", "1").stdout)
    assert "a worker's finish() took longer than 5 s and was stopped" in report["notes"]


def test_a_finish_that_warns_very_much(faulty: Faulty) -> None:
    finishing(faulty, "[warnings.warn(f'warning {number}') for number in range(2000)]; times('finished')")
    done = faulty.succeeds("--workers", "1")
    assert faulty.drawn("finished") == 1
    assert "UserWarning: warning 1999" in done.stderr


def test_a_still_tells_of_its_frame_not_of_the_finish_after_it(faulty: Faulty) -> None:
    faulty.script("""
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps = 1000, (64, 48), 10
            def generate_at(self, time_ms):
                raise ValueError("the frame")
            def finish(self):
                times("finished")
                raise ValueError("the finish")
        clip = Clip()
        try:
            panim_core.still(clip, 0, HERE / "still.png")
        except panim_core.FrameError as error:
            assert error.reason == "ValueError: the frame", error.reason
        else:
            raise AssertionError
    """)
    done = faulty.run(sys.executable, "clip.py")
    assert done.returncode == 0, done.stderr
    assert faulty.drawn("finished") == 1


def test_numbers_of_numpys_are_numbers(faulty: Faulty) -> None:
    faulty.clip()
    options = "fps=numpy.float32(10), workers=numpy.int64(1), crf=numpy.int8(20)"
    done = faulty.produce(options.replace("numpy", "__import__('numpy')"))
    assert done.returncode == 0, done.stderr


def test_deadlines_of_another_type_are_refused(faulty: Faulty) -> None:
    faulty.clip()
    assert "deadlines = 5: need a panim_core.Deadlines" in faulty.fails("deadlines=5", runs="produce", code=1)


def test_a_deadline_as_long_as_one_likes(faulty: Faulty) -> None:
    faulty.clip()
    done = faulty.produce("deadlines=panim_core.Deadlines(write=1e30)")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("error", ["ValueError('enough')", "panim_core.RenderCancelledError('enough')"])
def test_the_caller_stops_it_by_raising_in_on_event(faulty: Faulty, error: str) -> None:
    faulty.clip("time.sleep(0.02)", frames=1000)
    script = faulty.folder / "main.py"
    script.write_text(
        (faulty.folder / "clip.py").read_text()
        + "\ndef stop(event):\n"
        + "    if getattr(event, 'frames_written', 0) > 3:\n"
        + f"        raise {error}\n"
        + "panim_core.produce(clip, 'out.mp4', on_event=stop)\n"
    )
    done = subprocess.run(
        [sys.executable, script], cwd=faulty.folder, capture_output=True, text=True, timeout=45, check=False
    )
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith(": enough")
    assert faulty.listing() == ["clip.py", "main.py"]


def test_a_renderer_that_cannot_travel_is_refused(faulty: Faulty) -> None:
    faulty.clip()
    site = faulty.folder / "site"
    info = site / "panim_locked-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: panim-locked\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[panim]\nlocked = panim_locked\n")
    (site / "panim_locked.py").write_text(
        "import threading\nfrom panim_core import hookimpl\n"
        "class Locked:\n"
        "    name = 'locked'\n"
        "    def __init__(self):\n        self.lock = threading.Lock()\n"
        "    def adapt(self, target):\n        return None\n"
        "    def size_of(self, drawing):\n        return None\n"
        "    def draw_into(self, drawing, out):\n        pass\n"
        "@hookimpl\ndef panim_register_renderers():\n    return [Locked()]\n"
    )
    told = faulty.fails(code=2, env={"PYTHONPATH": str(site)})
    assert "panim: one of the renderers locked, " in told
    assert "cannot be sent to worker processes, as renderers without state can: TypeError: cannot pickle" in told


def test_observers_are_not_called_for_each_line(faulty: Faulty) -> None:
    """But as often as for progress, and hear all of it."""
    faulty.clip("print(f'<{index}>', flush=True)", frames=400)
    (faulty.folder / "main.py").write_text(
        "import json\nimport panim_core\nfrom panim_core.targets import load\ntold = []\n"
        "panim_core.produce(load('clip.py'), 'out.rgba', workers=1, on_event=told.append)\n"
        "said = [event.text for event in told if type(event).__name__ == 'WorkerOutput']\n"
        "ticks = sum(type(event).__name__ == 'Progress' for event in told)\n"
        "print(json.dumps([len(said), ticks, ''.join(said)]))\n"
    )
    done = faulty.run(sys.executable, "main.py")
    times, ticks, text = json.loads(done.stdout)
    assert text == "".join(f"<{index}>\n" for index in range(400))
    assert times <= ticks + 2
