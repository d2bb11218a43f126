"""What grows must not: rows 41 and 42. The long versions run by `make soak`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from faulty import Faulty

RENDER_AGAIN_AND_AGAIN = """
import json, gc, threading
def state():
    gc.collect()
    pages = int(open("/proc/self/statm").read().split()[1])
    return len(os.listdir("/proc/self/fd")), threading.active_count(), pages * 4096
states = []
for number in range({renders}):
    panim_core.produce(clip, "out.mp4", overwrite=True, workers=1)
    states.append(state())
print(json.dumps(states))
"""


@pytest.mark.parametrize(
    "renders",
    [20, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(900)])],
)
def test_many_renders_in_one_process_leave_it_as_it_was(tmp_path, panim, renders: int) -> None:
    faulty = Faulty(tmp_path, panim)
    clip = faulty.clip(frames=3)
    script = clip.with_name("many.py")
    script.write_text(clip.read_text() + RENDER_AGAIN_AND_AGAIN.format(renders=renders))
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=faulty._environment(None), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    states = json.loads(done.stdout)
    early, late = states[5], states[-1]
    assert late[:2] == early[:2], "descriptors or threads were left"
    assert late[2] <= early[2] * 1.05, f"{early[2] / 1e6:.1f} MB grew to {late[2] / 1e6:.1f} MB"


PEAK = """
report = panim_core.produce(clip, "out.mp4", overwrite=True, workers=2, preset="ultrafast", on_event=lambda event: None)
assert report.frame_count == {frames}
from panim_core.execution.machine import peak_memory_bytes
print(peak_memory_bytes())
"""

SMALL = """
@panim_core.animation(duration={frames} * 100, frame_size=({width}, {height}), fps=10)
def clip(time_ms):
    return bytes((round(time_ms / 100) % 256, 0, 0, 255)) * ({width} * {height})
"""


def peak_bytes(faulty: Faulty, frames: int, width: int, height: int) -> int:
    """Most memory that the parent of a render takes."""
    faulty.script(SMALL.format(frames=frames, width=width, height=height) + PEAK.format(frames=frames))
    done = subprocess.run(
        [sys.executable, "clip.py"],
        cwd=faulty.folder,
        env=faulty._environment(None),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize(
    ("few", "many", "width", "height"),
    [
        (100, 2000, 64, 48),
        (50, 500, 640, 360),
        pytest.param(500, 20_000, 64, 48, marks=[pytest.mark.soak, pytest.mark.timeout(900)]),
        pytest.param(500, 5000, 1280, 720, marks=[pytest.mark.soak, pytest.mark.timeout(900)]),
    ],
)
def test_memory_does_not_grow_with_the_number_of_frames(
    tmp_path, panim, few: int, many: int, width: int, height: int
) -> None:
    faulty = Faulty(tmp_path, panim)
    less, more = peak_bytes(faulty, few, width, height), peak_bytes(faulty, many, width, height)
    assert more <= less * 1.05, f"{less / 1e6:.1f} MB for {few} frames, {more / 1e6:.1f} MB for {many}"
