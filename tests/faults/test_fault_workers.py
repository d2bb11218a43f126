"""Faults of the processes that draw: rows 3 to 10."""

from __future__ import annotations

import contextlib
import json
import random
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest
from faulty import Faulty, wait_until, workers_of

# ---- 3, 4, 7, 8: the worker's process ends

DEADLY = {
    "sys.exit(0)": ("sys.exit(0)", 1, "called sys.exit(0); a frame must be returned"),
    "os._exit(0)": ("os._exit(0)", 3, "exited by itself with status 0; frames must be returned"),
    "os._exit(7)": ("os._exit(7)", 3, "exited by itself with status 7"),
    "segmentation fault": ("ctypes.string_at(0)", 3, "a segmentation fault (SIGSEGV)"),
    "abort": ("os.abort()", 3, "an abort (SIGABRT)"),
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", 3, "killed (SIGKILL), possibly because memory ran out"),
    "terminated": ("os.kill(os.getpid(), signal.SIGTERM)", 3, "(SIGTERM)"),
}


@pytest.mark.parametrize("what", DEADLY)
def test_a_deadly_frame_is_blamed(faulty: Faulty, what: str) -> None:
    fatal, attempts, cause = DEADLY[what]
    faulty.clip(f"""
        if index == 4:
            {fatal}
    """)
    told = faulty.fails("--workers", "2")
    assert "panim: frame 4 (at 400 ms)" in told
    assert cause in told
    assert faulty.drawn(4) == attempts
    assert all(faulty.drawn(i) <= 1 for i in range(10) if i != 4), "other frames were drawn again"
    if what == "segmentation fault":
        assert "clip.py" in told, "faulthandler tells where"


def test_a_segmentation_fault_once_costs_a_retry(faulty: Faulty) -> None:
    faulty.clip("""
        if index == 4 and attempt == 1:
            ctypes.string_at(0)
    """)
    report = json.loads(faulty.succeeds("--workers", "2", "--json").stdout)
    assert (report["lost_workers"], report["retries"]) == (1, 1)
    assert faulty.drawn(4) == 2


def test_out_of_memory_is_said_with_the_peak_and_the_way_out(faulty: Faulty) -> None:
    faulty.clip("""
        if index == 4:
            hoard = bytearray(300_000_000)
            hoard[::4096] = b"x" * len(hoard[::4096])
            os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does
    """)
    told = faulty.fails("--workers", "1")
    assert "possibly because memory ran out" in told
    assert int(re.search(r"its peak was (\d+) MB", told)[1]) >= 300
    assert "fewer workers (--workers) or a smaller --size" in told


def test_a_memory_limit_is_a_frame_error_with_the_way_out(faulty: Faulty) -> None:
    faulty.clip("""
        if index == 4:
            import resource
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
            bytearray(1 << 31)
    """)
    told = faulty.fails()
    assert "frame 4 (at 400 ms) failed: MemoryError; use fewer workers (--workers) or a smaller --size" in told


# ---- 5, 6: workers are killed from outside

SLOW = "time.sleep(0.1)"


def test_a_worker_killed_once_costs_nothing_but_time(faulty: Faulty) -> None:
    faulty.clip(SLOW, frames=20)
    process = faulty.start("--workers", "2", "--json", output="out.rgba")
    wait_until(lambda: faulty.drawn(3), "frame 3")
    workers_of(process)[0].kill()
    stdout, stderr = process.communicate(timeout=40)
    assert process.returncode == 0, stderr
    faulty.is_whole(20)
    assert json.loads(stdout)["lost_workers"] == 1


def test_all_workers_killed_once_are_replaced(faulty: Faulty) -> None:
    faulty.clip(SLOW, frames=20)
    process = faulty.start("--workers", "3", "--json", output="out.rgba")
    wait_until(lambda: faulty.drawn(3), "frame 3")
    victims = workers_of(process)
    for victim in victims:
        victim.kill()
    stdout, stderr = process.communicate(timeout=40)
    assert process.returncode == 0, stderr
    faulty.is_whole(20)
    assert json.loads(stdout)["lost_workers"] == len(victims)


def test_workers_killed_again_and_again_end_the_render(faulty: Faulty) -> None:
    faulty.clip("time.sleep(60)")
    process = faulty.start("--workers", "2")
    killed = 0

    def ended() -> bool:
        nonlocal killed
        for victim in workers_of(process):
            victim.kill()
            killed += 1
        return process.poll() is not None

    wait_until(ended, "the render to give up")
    _, stderr = process.communicate()
    assert process.returncode == 1
    assert "workers die before they draw" in stderr or "ended its worker 3 times" in stderr
    assert "killed (SIGKILL)" in stderr
    assert killed < 20


def test_killing_a_worker_over_and_over_leaves_every_frame(faulty: Faulty) -> None:
    """Many losses are fine as long as no frame loses three workers."""
    faulty.clip("""
        time.sleep(0.02)
        if attempt == 1 and index % 4 == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    report = json.loads(faulty.succeeds("--workers", "2", "--json").stdout)
    assert report["lost_workers"] == 3


LACKING = """
import os, sys
for name in sys.argv.pop(1).split(","):
    vars(os).pop(name, None)
from panim_core import cli
cli.main(sys.argv[1:])
"""


@pytest.mark.parametrize("lacks", ["pidfd_open", "pidfd_open,waitid"])
def test_a_death_is_seen_on_systems_that_tell_less(faulty: Faulty, lacks: str) -> None:
    """Also where a process that the worker forked keeps its pipe open."""
    faulty.clip("""
        if index in (2, 5) and attempt == 1:
            if index == 5 and os.fork() == 0:
                time.sleep(1000)
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    command = [sys.executable, "-c", LACKING, lacks, "render", "clip.py", "-o", "out.rgba", "--json"]
    done = subprocess.run(
        [*command, "--workers", "1"],
        cwd=faulty.folder,
        env=faulty._environment(None),
        capture_output=True,
        text=True,
        timeout=45,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["lost_workers"] == 2
    faulty.is_whole()


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(30))
def test_workers_killed_or_stopped_at_random_leave_every_frame(faulty: Faulty, seed: int) -> None:
    dice = random.Random(seed)
    faulty.clip("time.sleep(0.03)", frames=60)
    process = faulty.start("--workers", "3", "--frame-timeout", "3", output="out.rgba")
    for _ in range(2):  # a frame may lose two workers
        time.sleep(dice.random() * 1.5)
        for victim in dice.sample(found := workers_of(process), min(len(found), dice.randint(1, 3))):
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.send_signal(dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM]))
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    faulty.is_whole(60)


# ---- 9: hangs

HANGS = {
    "in Python": "time.sleep(1000)",
    "in C holding the interpreter": "ctypes.PyDLL(None).sleep(1000)",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "printing without end": "while True: print('x' * 1000)",
    "with signals blocked": """
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
            time.sleep(1000)""",
}


@pytest.mark.parametrize("how", HANGS)
def test_a_frame_that_hangs_is_killed_tried_once_more_and_blamed(faulty: Faulty, how: str) -> None:
    faulty.clip(f"""
        if index == 2:
            {HANGS[how].strip()}
    """)
    quiet = ["--quiet"] if "printing" in how else []
    told = faulty.fails("--frame-timeout", "1", "--workers", "2", *quiet)
    assert "panim: frame 2 (at 200 ms) was not drawn within 1 s, twice; allow more with" in told
    assert faulty.drawn(2) == 2
    if how in ("in Python", "in C holding the interpreter"):
        assert "it was here, innermost call first:" in told
        assert 'clip.py", line' in told
        assert "panim_core/execution" not in told


@pytest.mark.parametrize("workers", ["1", "2"])  # the second has long had nothing to do when it gets the frame
@pytest.mark.parametrize("how", HANGS)
def test_a_frame_that_hangs_once_is_drawn_the_second_time(faulty: Faulty, how: str, workers: str) -> None:
    faulty.clip(f"""
        if index == 2 and attempt == 1:
            {HANGS[how].strip()}
    """)
    report = json.loads(faulty.succeeds("--frame-timeout", "1", "--workers", workers, "--json", "--quiet").stdout)
    assert report["lost_workers"] == 1


def test_a_worker_that_hung_is_not_taken_for_one_that_wanted_memory(faulty: Faulty) -> None:
    faulty.clip("if index == 2 and attempt == 1: time.sleep(1000)")
    told = "on_event=lambda e: getattr(e, 'likely_cause', None) and print(e.likely_cause, file=sys.stderr)"
    done = faulty.produce(f"deadlines=panim_core.Deadlines(frame=1), {told}")
    assert (done.returncode, done.stderr) == (0, "it hung\n")


def test_what_a_worker_started_goes_with_it(faulty: Faulty) -> None:
    """Checked by the fixture that looks for processes left behind."""
    faulty.clip("""
        if index == 2:
            import subprocess
            subprocess.Popen(["sleep", "1000"])
            subprocess.run(["sleep", "1000"])
    """)
    assert "frame 2 (at 200 ms) was not drawn" in faulty.fails("--frame-timeout", "1")


def test_a_process_that_outlives_a_good_render_is_ended(faulty: Faulty) -> None:
    faulty.clip("""
        if index == 2:
            import subprocess
            subprocess.Popen(["sleep", "1000"])
    """)
    faulty.succeeds()


# ---- 10: starting

STARTING = """
class Clip(panim_core.FrameGenerator):
    duration, frame_size, fps = 1000, (64, 48), 10
    def start(self):
        {start}
    def generate_at(self, time_ms):
        return bytes(64 * 48 * 4)
clip = Clip()
"""


def test_an_error_in_start_is_told_with_its_traceback(faulty: Faulty) -> None:
    faulty.script(STARTING.format(start="times('start'); import no_such_module"))
    told = faulty.fails("--workers", "1")
    assert "panim: a worker could not start: ModuleNotFoundError: No module named 'no_such_module'" in told
    assert 'clip.py", line' in told
    assert faulty.drawn("start") == 1


def test_a_module_that_only_workers_cannot_import(faulty: Faulty) -> None:
    (faulty.folder / "fickle.py").write_text(
        "import os\nif os.getsid(0) == os.getpid(): raise ImportError('not here')\n"
        "def draw(): return bytes(64 * 48 * 4)\n"
    )
    faulty.clip("import fickle")
    faulty.script("""
        import fickle
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps = 1000, (64, 48), 10
            draw = staticmethod(fickle.draw)
            def generate_at(self, time_ms):
                return self.draw()
        clip = Clip()
    """)
    told = faulty.fails("--workers", "1")
    assert "panim: a worker could not start: ImportError: not here" in told
    assert 'fickle.py", line 2' in told


def test_a_start_that_hangs_meets_its_deadline(faulty: Faulty) -> None:
    faulty.script(STARTING.format(start="times('start'); time.sleep(1000)"))
    told = faulty.fails("workers=1, deadlines=panim_core.Deadlines(start=3)", runs="produce")
    more = "allow more with --frame-timeout or Deadlines(start=...)"
    assert f"panim: workers did not start within 3 s, twice ({more}): it hung" in told
    assert 'produce.py", line' in told, "where it hung"
    assert faulty.drawn("start") == 2


def test_a_worker_that_dies_at_start_is_not_started_forever(faulty: Faulty) -> None:
    faulty.script(STARTING.format(start="times('start'); os._exit(3)"))
    told = faulty.fails("--workers", "1")
    assert "panim: workers die before they draw: it exited by itself with status 3" in told
    assert faulty.drawn("start") == 3


def test_an_error_in_finish_is_a_note(faulty: Faulty) -> None:
    faulty.script("""
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps = 1000, (64, 48), 10
            def generate_at(self, time_ms):
                index = round(time_ms / 100)
                return bytes((index, 0, 7, 255)) * (64 * 48)
            def finish(self):
                raise ValueError("too late")
        clip = Clip()
    """)
    report = json.loads(faulty.succeeds("--json", "--workers", "1").stdout)
    assert any("finish() failed: ValueError: too late" in note for note in report["notes"])


STEPS = """
    class Clip(panim_core.FrameGenerator):
        duration, frame_size, fps, sequential = 10_000, (64, 48), 10, True
        def advance(self, time_ms):
            {advance}
        def generate_at(self, time_ms):
            index = round(time_ms / 100)
            return bytes((index % 256, index // 256, 7, 255)) * (64 * 48)
    clip = Clip()
"""


def test_a_long_way_to_a_frame_is_no_hang(faulty: Faulty) -> None:
    """Each step of a sequential source has the time of a frame."""
    faulty.script(STEPS.format(advance="time.sleep(0.2)"))
    told = faulty.render("--frames", "15:17", "--frame-timeout", "1.5", "--workers", "1", "--json", "--quiet")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["stage_seconds"]["replay"] >= 15 * 0.2


def test_a_step_on_the_way_to_a_frame_that_hangs_is_found(faulty: Faulty) -> None:
    faulty.script(STEPS.format(advance="time.sleep(1000 if time_ms >= 300 else 0)"))
    told = faulty.fails("--frames", "15:17", "--frame-timeout", "1", "--workers", "1")
    assert "was not drawn within 1 s, twice" in told


def test_an_error_on_the_way_to_a_frame_names_the_frame_where_it_is(faulty: Faulty) -> None:
    faulty.script(STEPS.format(advance="assert time_ms < 300, 'stumbled'"))
    told = faulty.fails("--frames", "8:10", "--workers", "1")
    assert "panim: frame 3 (at 300 ms) failed: AssertionError: stumbled" in told


def test_workers_that_start_too_late_are_not_waited_for(faulty: Faulty) -> None:
    faulty.script("""
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps = 1000, (64, 48), 10
            def start(self):
                if times("start") > 1:
                    time.sleep(1000)
            def generate_at(self, time_ms):
                return bytes((round(time_ms / 100), 0, 7, 255)) * (64 * 48)
        clip = Clip()
    """)
    done = faulty.succeeds("--workers", "4", "--json", "--quiet")
    assert json.loads(done.stdout)["notes"] == []


def test_a_worker_may_close_its_standard_output(faulty: Faulty) -> None:
    """What can be read for ever must not keep the parent busy."""
    faulty.clip("os.close(1), os.close(2); time.sleep(2)", frames=1)
    script = faulty.folder / "busy.py"
    script.write_text(
        "import resource, panim_core\nfrom panim_core.targets import load\n"
        "panim_core.produce(load('clip.py'), 'out.rgba')\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_utime)\n"
    )
    done = faulty.run(sys.executable, script)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1.5


def test_the_tuner_makes_do_with_the_workers_that_the_system_allows(monkeypatch, tmp_path) -> None:
    from panim_core import RenderError, animation, produce
    from panim_core.autotune import Decision
    from panim_core.execution import loop
    from panim_core.execution.process import WorkerProcess

    class Greedy(loop.Tuner):
        interval_seconds = 0.05

        def observe(self, now):
            return Decision(3, now.slots, "to see") if self.workers == 1 and now.frames_drawn else None

    def refuse():
        if len(made) == 1:
            raise RenderError("a worker could not be started: Resource temporarily unavailable")
        made.append(WorkerProcess())
        return made[-1]

    made = []
    monkeypatch.setattr(loop, "usable_cores", lambda: 1)
    monkeypatch.setattr("panim_core.execution.machine.usable_cores", lambda: 1)
    monkeypatch.setattr(loop, "Tuner", Greedy)
    monkeypatch.setattr(loop.spare, "take", refuse)

    @animation(duration=1000, frame_size=(16, 16))
    def clip(time_ms):
        time.sleep(0.02)
        return b"\0\0\0\xff" * 256

    report = produce(clip, tmp_path / "out.mp4", fps=20)
    assert report.frame_count == 20
    assert any("a worker could not be started" in note and "goes on with 1" in note for note in report.notes)
