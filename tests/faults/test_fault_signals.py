"""Being stopped: rows 24 to 26. The terminal is a real one, and Ctrl-C is what a person types."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from decode import count_frames
from faulty import OLD, Faulty, encoders_of, family, pose, wait_until, workers_of

from panim_core.execution.store import finished_frames
from panim_core.execution.workspace import folder_of

LONG = {
    "short frames": "time.sleep(0.05)",
    "a long frame": "time.sleep(1000)",
    "a long frame in C holding the interpreter": "ctypes.PyDLL(None).sleep(1000)",
    "a worker that ignores signals": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); time.sleep(1000)",
}


def going(faulty: Faulty, how: str = "short frames", **popen) -> subprocess.Popen:
    """A render over an old file, that has drawn some frames and hangs in the sixth, or goes on for long."""
    faulty.clip(f"if index == 5 or {how == 'short frames'}:\n        {LONG[how]}", frames=2000)
    (faulty.folder / "out.mp4").write_bytes(OLD)
    process = faulty.start("--overwrite", "--workers", "2", **popen)
    wait_until(lambda: faulty.drawn(5), "frame 5")
    assert workers_of(process)
    assert encoders_of(process)
    return process


def nothing_happened(faulty: Faulty) -> None:
    assert (faulty.folder / "out.mp4").read_bytes() == OLD
    assert faulty.listing() == ["clip.py", "out.mp4"]


# ---- 24: Ctrl-C on a terminal


class Terminal:
    """A terminal of its own, with a session whose foreground is one render."""

    def __init__(self) -> None:
        self.keyboard, self.line = os.openpty()
        self.shown = b""

    def take(self) -> None:
        """Called in the child: make the terminal its own."""
        os.setsid()
        fcntl.ioctl(self.line, termios.TIOCSCTTY, 0)

    def type(self, keys: bytes) -> None:
        os.write(self.keyboard, keys)

    def watch(self, process: subprocess.Popen, seconds: float = 20) -> str:
        """All that is shown until the process ends."""
        until = time.monotonic() + seconds
        while process.poll() is None:
            assert time.monotonic() < until, "it does not end"
            self._read(0.05)
        while self._read(0.0):
            pass
        return self.shown.decode()

    def _read(self, seconds: float) -> bool:
        if not select.select([self.keyboard], [], [], seconds)[0]:
            return False
        with contextlib.suppress(OSError):
            self.shown += os.read(self.keyboard, 65536)
            return True
        return False


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    os.close(made.keyboard)
    os.close(made.line)


def on(terminal: Terminal) -> dict:
    return dict.fromkeys(("stdin", "stdout", "stderr"), terminal.line) | {"preexec_fn": terminal.take}


def test_pictures_of_a_render_that_was_stopped_are_not_said_to_be_complete(faulty: Faulty) -> None:
    faulty.clip("time.sleep(0.1)", frames=100)
    process = faulty.start(output="pictures/")
    wait_until(lambda: faulty.drawn(3), "frame 3")
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (130, "panim: interrupted; nothing was published\n")
    assert faulty.listing() == ["clip.py"]


def test_folders_made_for_a_render_that_was_killed_are_gone(faulty: Faulty) -> None:
    faulty.clip("time.sleep(0.1)", frames=100)
    process = faulty.start(output="new/deep/out.mp4")
    wait_until(lambda: faulty.drawn(3), "frame 3")
    process.kill()
    process.communicate()
    wait_until(lambda: faulty.listing() == ["clip.py"], "the folders' end")


def test_what_was_made_for_tuning_that_was_killed_is_gone(faulty: Faulty, tmp_path_factory) -> None:
    faulty.clip("time.sleep(0.1)", frames=100)
    folder = tmp_path_factory.mktemp("tune")
    command = [sys.executable, "-m", "panim_core", "tune", "clip.py"]
    process = subprocess.Popen(command, cwd=faulty.folder, env={**os.environ, "TMPDIR": str(folder)})
    wait_until(lambda: faulty.drawn(3), "frame 3")
    assert list(folder.iterdir())
    process.kill()
    process.wait()
    wait_until(lambda: not list(folder.iterdir()), "the folder's end")


@pytest.mark.parametrize("how", LONG)
def test_ctrl_c_once_stops_cleanly(faulty: Faulty, terminal: Terminal, how: str) -> None:
    process = going(faulty, how, **on(terminal))
    terminal.type(b"\x03")
    shown = terminal.watch(process)
    assert process.returncode == 130
    assert shown.count("panim: interrupted; nothing was published") == 1
    assert "Traceback" not in shown
    assert "KeyboardInterrupt" not in shown
    nothing_happened(faulty)


@pytest.mark.parametrize("how", ["short frames", "a long frame in C holding the interpreter"])
def test_ctrl_c_twice_stops_at_once(faulty: Faulty, terminal: Terminal, how: str) -> None:
    process = going(faulty, how, **on(terminal))
    relatives = family(process)
    terminal.type(b"\x03\x03")
    shown = terminal.watch(process)
    assert process.returncode == 130
    assert "Traceback" not in shown
    gone(relatives)
    wait_until(lambda: faulty.listing() == ["clip.py", "out.mp4"], "the guard", 5)
    nothing_happened(faulty)


def test_ctrl_c_twice_while_the_encoder_cannot_be_ended_cleanly(faulty: Faulty, terminal: Terminal) -> None:
    """The second is for when the first takes too long."""
    process = going(faulty, "short frames", **on(terminal))
    relatives = family(process)
    terminal.type(b"\x03")
    time.sleep(0.01)
    terminal.type(b"\x03")
    terminal.watch(process)
    assert process.returncode == 130
    gone(relatives)


def test_ctrl_c_while_the_script_runs(faulty: Faulty, terminal: Terminal) -> None:
    faulty.script("times('running'); time.sleep(1000)")
    process = faulty.start(**on(terminal))
    wait_until(lambda: faulty.drawn("running"), "the script")
    terminal.type(b"\x03")
    shown = terminal.watch(process)
    assert process.returncode == 130
    assert "Traceback" not in shown


def test_ctrl_c_while_workers_start(faulty: Faulty, terminal: Terminal) -> None:
    faulty.script("""
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps = 1000, (64, 48), 10
            def start(self):
                times("start")
                time.sleep(1000)
        clip = Clip()
    """)
    process = faulty.start(**on(terminal))
    wait_until(lambda: faulty.drawn("start"), "start()")
    terminal.type(b"\x03")
    terminal.watch(process)
    assert process.returncode == 130
    assert faulty.listing() == ["clip.py"]


def test_ctrl_z_stops_and_goes_on(faulty: Faulty, terminal: Terminal) -> None:
    faulty.clip("time.sleep(0.05)")
    process = faulty.start("--workers", "1", output="out.rgba", **on(terminal))
    wait_until(lambda: faulty.drawn(2), "frame 2")
    terminal.type(b"\x1a")
    time.sleep(0.5)
    process.send_signal(signal.SIGCONT)
    terminal.watch(process)
    assert process.returncode == 0
    faulty.is_whole()


def test_interrupted_at_any_moment(faulty: Faulty) -> None:
    """Whatever is going on when it comes: starting, drawing, publishing, or leaving."""
    faulty.clip("time.sleep(0.01)")
    out = faulty.folder / "out.mp4"
    for seed in range(12):
        out.write_bytes(OLD)
        process = faulty.start("--overwrite", "--quiet")
        wait_until(lambda: handles(process, signal.SIGTERM), "the command to begin")  # noqa: B023 - called here
        time.sleep(random.Random(seed).random() * 1.2)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
        # Python ends itself with the signal, 130 to a shell, if it came while text was executed, as dataclasses do.
        assert process.returncode in (0, 130, -signal.SIGINT), stderr
        if process.returncode != 0 and stderr:  # no word is left for one that comes when all is told
            if out.read_bytes() == OLD:
                assert stderr.strip() == "panim: interrupted; nothing was published"
            else:  # it came after the rename
                assert stderr.strip() == "panim: interrupted; 'out.mp4' was complete"
                assert count_frames(out) == 10
        assert faulty.listing() == ["clip.py", "out.mp4"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("sixth", [0, *(pytest.param(sixth, marks=pytest.mark.soak) for sixth in range(1, 6))])
@pytest.mark.parametrize(
    "file", ["execution/workspace.py", "execution/writer.py", "execution/segmented.py", "produce.py"]
)
def test_interrupted_at_each_line(faulty: Faulty, file: str, sixth: int) -> None:
    """At none of them is a working folder there that nobody would remove."""
    faulty.clip(frames=4)
    (faulty.folder / "out.mp4").write_bytes(OLD)
    program = Path(__file__).with_name("interrupting.py")
    command = ["render", "clip.py", "-o", "out.mp4", "--overwrite", "--quiet"]
    command += ["--resume"] if file == "execution/segmented.py" else []
    assert faulty.run(sys.executable, program, "all", *command).returncode == 0
    lines = [line for line in (faulty.folder / "lines.txt").read_text().split() if line.startswith(f"{file}:")]
    assert len(lines) > 20
    for line in lines[sixth::6]:
        (faulty.folder / "out.mp4").write_bytes(OLD)
        done = faulty.run(sys.executable, program, line, *command)
        assert done.returncode == 130, (line, done.stderr)
        published = (faulty.folder / "out.mp4").read_bytes() != OLD
        what = "'out.mp4' was complete" if published else "nothing was published"
        assert done.stderr.splitlines()[-1] == f"panim: interrupted; {what}", line
        if (folder := folder_of(faulty.folder / "out.mp4")).exists():
            assert "--resume" in command, line
            assert finished_frames(folder) == 4, line
            shutil.rmtree(folder)
        assert faulty.listing() == ["clip.py", "lines.txt", "out.mp4"], line


def handles(process: subprocess.Popen, number: signal.Signals) -> bool:
    """Whether it has a handler of its own for the signal."""
    (caught,) = re.findall(r"SigCgt:\s*(\w+)", Path(f"/proc/{process.pid}/status").read_text())
    return bool(int(caught, 16) >> (number - 1) & 1)


def test_ctrl_c_in_a_script_that_calls_produce(faulty: Faulty) -> None:
    faulty.clip("time.sleep(0.05)", frames=2000)
    script = faulty.folder / "main.py"
    script.write_text((faulty.folder / "clip.py").read_text() + "\npanim_core.produce(clip, 'out.mp4')\n")
    process = subprocess.Popen([sys.executable, script], cwd=faulty.folder, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: faulty.drawn(5), "frame 5")
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT
    assert stderr.rstrip().endswith("KeyboardInterrupt")
    assert faulty.listing() == ["clip.py", "main.py"]


# ---- 25: SIGTERM, SIGHUP


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("how", ["short frames", "a long frame in C holding the interpreter"])
def test_a_signal_to_stop_is_like_ctrl_c(faulty: Faulty, number: signal.Signals, how: str) -> None:
    process = going(faulty, how)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=20)
    faulty.failed(subprocess.CompletedProcess([], process.returncode, stdout, stderr), 128 + number)
    assert stderr.strip() == f"panim: stopped by {number.name}; nothing was published"
    nothing_happened(faulty)


def test_nohup_is_respected(faulty: Faulty) -> None:
    faulty.clip("time.sleep(0.05)")
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}
    process = faulty.start(output="out.rgba", **ignoring)
    wait_until(lambda: faulty.drawn(2), "frame 2")
    process.send_signal(signal.SIGHUP)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 0, stderr
    faulty.is_whole()


def test_children_whose_end_nobody_is_told_of(faulty: Faulty) -> None:
    """Where whoever called us ignores SIGCHLD, the system reaps children itself, and their status is lost."""
    faulty.clip("if index == 3 and attempt == 1: os.kill(os.getpid(), signal.SIGKILL)")
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)}
    process = faulty.start("--workers", "1", **ignoring)
    _, stderr = process.communicate(timeout=40)
    assert process.returncode == 0, stderr
    assert count_frames(faulty.folder / "out.mp4") == 10


# ---- 26: SIGKILL


@pytest.mark.parametrize("how", LONG)
def test_when_the_parent_is_killed_all_is_gone_in_seconds(faulty: Faulty, how: str) -> None:
    process = going(faulty, how)
    relatives = family(process)
    assert len(relatives) >= 4, "two workers, ffmpeg and the guard"
    process.kill()
    process.communicate()
    gone(relatives)
    nothing_happened(faulty)


@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_an_ffmpeg_that_reads_no_frames_goes_too(faulty: Faulty, how: str) -> None:
    """A GIF is drawn when all frames are in: that ffmpeg has no input whose end it could see."""
    faulty.clip()
    drawing = 'if [[ " $* " == *paletteuse* ]]; then echo > times-drawing; sleep 1000; fi\nexec "$real" "$@"\n'
    process = faulty.start(output="out.gif", env=pose(faulty.folder, drawing))
    wait_until(lambda: faulty.drawn("drawing"), "the drawing")
    relatives = family(process)
    process.send_signal(signal.SIGKILL if how == "killed" else signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == (-signal.SIGKILL if how == "killed" else 130)
    gone(relatives)
    wait_until(lambda: faulty.listing() == ["clip.py"], "the guard", 5)


def gone(relatives: list[psutil.Process], seconds: float = 5) -> None:
    wait_until(lambda: not any(lives(process) for process in relatives), "the rest to go", seconds)


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_killed_while_a_sequential_source_is_far_behind(faulty: Faulty) -> None:
    faulty.script("""
        class Clip(panim_core.FrameGenerator):
            duration, frame_size, fps, sequential = 10_000, (64, 48), 10, True
            def advance(self, time_ms):
                time.sleep(1000)
            def generate_at(self, time_ms):
                times(round(time_ms / 100))
                return bytes(64 * 48 * 4)
        clip = Clip()
    """)
    process = faulty.start("--workers", "2")
    wait_until(lambda: faulty.drawn(0), "frame 0")
    relatives = family(process)
    process.kill()
    process.communicate()
    gone(relatives)
    assert faulty.listing() == ["clip.py"]


def test_produce_in_a_thread_that_ends_before_its_program(faulty: Faulty) -> None:
    """Linux sends the death signal when the thread that started a process ends, not only its program."""
    faulty.clip("time.sleep(0.01)")
    script = faulty.folder / "main.py"
    script.write_text(
        (faulty.folder / "clip.py").read_text()
        + "\nimport threading\n"
        + "def render(name):\n"
        + "    panim_core.produce(clip, name, workers=1)\n"
        + "threads = [threading.Thread(target=render, args=[f'{i}.rgba']) for i in range(4)]\n"
        + "[t.start() for t in threads]; [t.join() for t in threads]\n"
    )
    done = faulty.run(sys.executable, script)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for name in ("0.rgba", "1.rgba", "2.rgba", "3.rgba"):
        Path(faulty.folder / name).replace(faulty.folder / "out.rgba")
        faulty.is_whole()


def test_one_that_comes_after_the_rename_is_told_so(faulty: Faulty) -> None:
    faulty.clip()
    script = faulty.folder / "late.py"
    script.write_text(
        "import os, signal, sys\nfrom panim_core import cli\nfrom panim_core.execution.workspace import Workspace\n"
        "publish = Workspace.publish\n"
        "def late(self, part, replace):\n    publish(self, part, replace)\n    os.kill(os.getpid(), signal.SIGINT)\n"
        "Workspace.publish = late\ncli.main(['render', 'clip.py', '-o', 'out.mp4', '--quiet'])\n"
    )
    done = faulty.run(sys.executable, script)
    assert (done.returncode, done.stderr) == (130, "panim: interrupted; 'out.mp4' was complete\n")
    assert count_frames(faulty.folder / "out.mp4") == 10
