"""Row 40: processes are killed at random moments, and the render is resumed until it is done."""

import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from decode import decode
from resume_film import drawn, indices

from panim_core import SettingsError
from panim_core.execution.store import state
from panim_core.execution.workspace import folder_of

FRAMES = 300
SEGMENT = 50

SCRIPT = """
import time
import numpy as np
from resume_film import Film, picture

class Slow(Film):
    fps = 5
    duration = 60_000
    grain = np.random.default_rng(0).integers(0, 40, (16, 192, 3), np.uint8)

    def generate_at(self, time_ms):
        time.sleep(0.008)
        frame = super().generate_at(time_ms)
        frame[32:] = np.roll(self.grain, round(time_ms / 100), axis=1)
        return frame

slow = Slow(".")
"""


def start(output):
    command = [sys.executable, "-m", "panim_core.cli", "render", "slow.py", "-o", output, "--resume", "--overwrite"]
    return subprocess.Popen([*command, "--workers", "2"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def victims(process, role):
    """Processes of a render that play the role now."""
    if role == "parent":
        return [process.pid]
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        words = child.cmdline() or [""]
        is_worker, is_encoder = any("execution.worker" in word for word in words), "ffmpeg" in Path(words[0]).name
        if {"worker": is_worker, "encoder": is_encoder}[role]:
            found.append(child.pid)
    return found


def kill_one(process, role, random_):
    """Whether there was one to kill, now or soon."""
    until = time.monotonic() + 1
    while process.poll() is None and time.monotonic() < until:
        try:
            if found := victims(process, role):
                psutil.Process(random_.choice(found)).send_signal(signal.SIGKILL)
                return True
        except psutil.Error:
            continue  # it has just ended by itself
        time.sleep(0.005)
    return False


def finished(output):
    try:
        return {index for entry, _ in state(Path(output)).segments for index in entry.frames}
    except SettingsError:
        return set()


def kill_and_resume(count, seed):
    """Kill `count` times; gives a line of what happened."""
    random_ = random.Random(seed)
    began = time.monotonic()
    done = start("calm.mp4")
    assert done.wait(120) == 0, done.stderr.read()
    done.stderr.close()
    longest = time.monotonic() - began
    expected = decode(Path("calm.mp4"))
    assert indices(expected) == list(range(FRAMES))
    drawn(".")
    kills = renders = runs = survived = 0
    lost = []
    while kills < count:
        output = f"killed-{renders}.mp4"
        renders += 1
        code = None
        while code != 0:
            runs += 1
            before = finished(output)
            process = start(output)
            role = ("parent", "worker", "encoder")[kills % 3]
            time.sleep(random_.uniform(0, longest))
            killed = kills < count and kill_one(process, role, random_)
            _, told = process.communicate(timeout=120)
            code = process.returncode
            kills += killed
            if not killed:
                assert code == 0, told
            elif code == 0:
                survived += 1
            else:
                assert code == (-signal.SIGKILL if role == "parent" else 1), told
                done = range(FRAMES) if Path(output).exists() else finished(output)
                lost.append(len(set(drawn(".")) - before.union(done)))
            drawn(".")
        assert (decode(Path(output)) == expected).all(), f"{output} has other frames (seed {seed})"
        assert not folder_of(Path(output)).exists()
        Path(output).unlink()
    # Two encoders may be at work, and frames wait in slots.
    assert max(lost, default=0) <= 2 * SEGMENT + 10, lost
    return (
        f"{kills} of {count} kills recovered: {runs} runs of {renders} renders, {survived} kills survived without a "
        f"new run; frames equal; lost by a kill: {statistics.mean(lost or [0]):.0f} frames on average, at most "
        f"{max(lost, default=0)} of {FRAMES} (a segment is {SEGMENT}); seed {seed}"
    )


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    Path("slow.py").write_text(SCRIPT)


@pytest.mark.timeout(300)
def test_killed_and_resumed():
    print(kill_and_resume(6, seed=1))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_a_hundred_times_and_resumed(capsys):
    line = kill_and_resume(100, seed=random.randrange(1 << 30))
    with capsys.disabled():
        print(f"\n{line}")
