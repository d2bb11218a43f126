"""The command line as a user meets it."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from panim_core import __version__

SCRIPT = """
import panim_core
from PIL import Image

@panim_core.animation(duration=1000, frame_size=(64, 32))
def clip(time_ms):
    return Image.new("RGBA", (64, 32), (round(time_ms / 4), 100, 50, 255))
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


STEPS = """
import time
import numpy as np
import panim_core

class Steps(panim_core.FrameGenerator):
    duration, frame_size, fps, sequential = 1000, (16, 16), 10, True

    def advance(self, time_ms):
        time.sleep(0.05)

    def generate_at(self, time_ms):
        return np.zeros((16, 16, 3), np.uint8)

steps = Steps()
"""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    (tmp_path / "clip.py").write_text(SCRIPT)
    return tmp_path / "clip.py"


def test_json_is_one_report_on_stdout(panim: Run, clip: Path) -> None:
    done = panim("render", clip, "-o", "clip.mp4", "--fps", "24000/1001", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["frame_count"], report["fps"], report["width"], report["height"]) == (24, "24000/1001", 64, 32)
    assert report["output_bytes"] == (clip.parent / "clip.mp4").stat().st_size
    assert report["bottleneck"] in ("drawing", "encoding", "balanced")
    assert report["workers"] >= 1
    assert report["peak_memory_bytes"] > 1e7
    assert set(report["stage_seconds"]) == {"start", "draw", "replay", "draw_wait", "encode", "finish"}
    assert done.stderr == ""


def test_what_a_script_prints_is_not_in_the_json(panim: Run, clip: Path) -> None:
    clip.write_text("print('reading data')\n" + SCRIPT)
    for command in (["render", clip, "-o", "clip.mp4"], ["tune", clip]):
        done = panim(*command, "--json")
        assert json.loads(done.stdout), done.stderr
        assert "reading data" in done.stderr


def test_paths_are_meant_from_where_the_command_was_given(panim: Run, clip: Path) -> None:
    (clip.parent / "data").mkdir()
    clip.write_text("import os\nos.chdir('data')\n" + SCRIPT)
    assert panim("render", "clip.py", "-o", "clip.mp4", "--quiet").returncode == 0
    assert panim("still", "clip.py", "--at", "0s", "-o", "still.png").returncode == 0
    assert sorted(path.name for path in clip.parent.iterdir()) == ["clip.mp4", "clip.py", "data", "still.png"]
    assert not list((clip.parent / "data").iterdir())


@pytest.mark.parametrize("duration", ["property(lambda self: sys.exit(0))", "500"])
@pytest.mark.parametrize("executor", ["local", "here"])
def test_ending_python_is_no_success(panim: Run, tmp_path: Path, duration: str, executor: str) -> None:
    (tmp_path / "clip.py").write_text(
        "import sys\nimport panim_core\nclass Clip(panim_core.FrameGenerator):\n    frame_size = (16, 16)\n"
        f"    duration = {duration}\n    def generate_at(self, time_ms):\n        sys.exit(0)\n"
    )
    done = panim("render", "clip.py:Clip", "-o", "clip.mp4", "--executor", executor)
    assert done.returncode == (1 if duration == "500" else 2)
    assert "sys.exit(0)" in done.stderr
    assert not (tmp_path / "clip.mp4").exists()


def test_a_script_gets_its_own_arguments(panim: Run, clip: Path) -> None:
    parsing = (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--red', type=int, required=True)\n"
    )
    clip.write_text(SCRIPT.replace("round(time_ms / 4)", "red") + parsing + "red = parser.parse_args().red\n")
    done = panim("still", clip, "--at", "0s", "-o", "still.png", "--", "--red", "7")
    assert done.returncode == 0, done.stderr
    assert Image.open(clip.parent / "still.png").getpixel((0, 0)) == (7, 100, 50, 255)
    assert panim("render", clip, "-o", "clip.mp4", "--", "--red", "7").returncode == 0
    done = panim("render", clip, "-o", "clip2.mp4")
    assert done.returncode == 2
    assert done.stderr.endswith("Arguments for the script are written at the end, after --\n")


def test_drawing_finds_the_scripts_arguments_too(panim: Run, clip: Path) -> None:
    clip.write_text("import sys\n" + SCRIPT.replace("round(time_ms / 4)", "int(sys.argv[-1])"))
    assert panim("render", clip, "-o", "clip%d.png", "--", "--red", "7").returncode == 0
    assert panim("still", clip, "--at", "0s", "-o", "still.png", "--", "8").returncode == 0
    reds = [Image.open(clip.parent / name).getpixel((0, 0))[0] for name in ("clip0.png", "still.png")]
    assert reds == [7, 8]


def test_the_version_is_told(panim: Run) -> None:
    assert panim("--version").stdout == f"panim {__version__}\n"


def test_a_report_is_told_and_quiet_tells_nothing(panim: Run, clip: Path) -> None:
    told = panim("render", clip, "-o", "clip.mp4")
    assert "30 frames, 64x32 at 30 fps" in told.stderr
    assert "bottleneck:" in told.stderr
    quiet = panim("render", clip, "-o", "clip.mp4", "--overwrite", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_what_a_sequential_source_repeats_is_told_apart_from_drawing(panim: Run, tmp_path: Path) -> None:
    (tmp_path / "steps.py").write_text(STEPS)
    told = panim("render", "steps.py", "-o", "a.mp4", "--frames", "0:10:2", "--workers", "1", "--json")
    report = json.loads(told.stdout)
    assert report["stage_seconds"]["replay"] >= 4 * 0.05
    told = panim("render", "steps.py", "-o", "b.mp4", "--frames", "0:10:2", "--workers", "1")
    assert "ms to repeat the updates before it" in told.stderr
    told = panim("render", "steps.py", "-o", "c.mp4", "--workers", "1")
    assert "repeat" not in told.stderr


def test_settings_of_a_report_are_used_again(panim: Run, clip: Path) -> None:
    first = panim("render", clip, "-o", "a.mp4", "--workers", "1", "--json")
    (clip.parent / "report.json").write_text(first.stdout)
    again = panim("render", clip, "-o", "b.mp4", "--settings", "report.json", "--json")
    assert json.loads(again.stdout)["settings"] == json.loads(first.stdout)["settings"]
    assert json.loads(again.stdout)["workers"] == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "is not JSON"),
        ("[]", "expected an object with workers, slots, encoder_threads, not list"),
        ('{"wokers": 3}', "unknown setting wokers"),
        ('{"workers": 0}', "workers = 0: need a whole number from 1"),
        ('{"workers": true}', "workers = True"),
    ],
)
def test_a_wrong_settings_file_is_refused(panim: Run, clip: Path, text: str, expected: str) -> None:
    (clip.parent / "settings.json").write_text(text)
    done = panim("render", clip, "-o", "a.mp4", "--settings", "settings.json")
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_some_frames_are_rendered(panim: Run, clip: Path) -> None:
    done = panim("render", clip, "-o", "some_%02d.png", "--fps", "10", "--frames", "2:9:3", "--json")
    assert done.returncode == 0, done.stderr
    pictures = sorted(clip.parent.glob("some_*.png"))
    assert [p.name for p in pictures] == ["some_00.png", "some_01.png", "some_02.png"]
    reds = [Image.open(p).convert("RGBA").getpixel((5, 5)) for p in pictures]
    assert reds == [(50, 100, 50, 255), (125, 100, 50, 255), (200, 100, 50, 255)]


def test_a_folder_takes_numbered_pictures(panim: Run, clip: Path) -> None:
    done = panim("render", clip, "-o", "pictures/", "--fps", "3")
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (clip.parent / "pictures").iterdir()) == ["000000.png", "000001.png", "000002.png"]
    refused = panim("render", clip, "-o", "pictures/", "--fps", "3")
    assert refused.returncode == 2
    assert "exists; allow replacing it with --overwrite" in refused.stderr
    assert panim("render", clip, "-o", "pictures/", "--fps", "3", "--overwrite").returncode == 0


def test_several_frames_do_not_fit_one_picture(panim: Run, clip: Path) -> None:
    done = panim("render", clip, "-o", "one.png")
    assert done.returncode == 2
    assert "write a pattern such as one_%04d.png" in done.stderr


@pytest.mark.parametrize(("at", "red"), [("0.5s", 125), ("500ms", 125), ("15f", 125), ("0s", 0)])
def test_a_still_is_the_frame_at_that_time(panim: Run, clip: Path, at: str, red: int) -> None:
    done = panim("still", clip, "--at", at, "-o", "still.png")
    assert done.returncode == 0, done.stderr
    with Image.open(clip.parent / "still.png") as picture:
        assert picture.size == (64, 32)
        assert picture.convert("RGBA").getpixel((63, 31)) == (red, 100, 50, 255)


@pytest.mark.parametrize("at", ["1s", "-1s", "soon", "30f", "1"])
def test_a_still_outside_the_clip_is_refused(panim: Run, clip: Path, at: str) -> None:
    done = panim("still", clip, f"--at={at}", "-o", "still.png")
    assert done.returncode == 2
    assert done.stderr.startswith("panim: time ")
    assert not (clip.parent / "still.png").exists()


def test_size_rescales(panim: Run, clip: Path) -> None:
    done = panim("still", clip, "--at", "0s", "-o", "still.png", "--size", "20x10")
    assert done.returncode == 0, done.stderr
    with Image.open(clip.parent / "still.png") as picture:
        assert picture.size == (20, 10)


def test_workers_from_the_environment(panim: Run, clip: Path) -> None:
    done = panim("render", clip, "-o", "a.mp4", "--json", env={"PANIM_WORKERS": "1"})
    assert json.loads(done.stdout)["settings"]["workers"] == 1
    wrong = panim("render", clip, "-o", "b.mp4", env={"PANIM_WORKERS": "many"})
    assert wrong.returncode == 2
    assert "PANIM_WORKERS='many'" in wrong.stderr


def test_disabled_plugins_are_listed_and_not_used(panim: Run, clip: Path) -> None:
    env = {"PANIM_DISABLE_PLUGINS": "pillow,ffmpeg"}
    listed = {p["name"]: p for p in json.loads(panim("list-plugins", "--json", env=env).stdout)}
    assert listed["pillow"]["status"] == listed["ffmpeg"]["status"] == "disabled"
    assert listed["pillow"]["contributions"]["renderers"] == []
    done = panim("render", clip, "-o", "a.mp4", env=env)
    assert done.returncode == 2
    assert "no encoder for .mp4" in done.stderr


def test_plugins_are_listed_as_objects_and_as_a_table(panim: Run) -> None:
    listed = json.loads(panim("list-plugins", "--json").stdout)
    assert [set(p) for p in listed] == [
        {"name", "distribution", "version", "status", "error", "contributions"} for _ in listed
    ]
    names = {p["name"] for p in listed}
    assert names >= {"core", "pillow", "matplotlib", "ffmpeg"}
    table = panim("list-plugins").stdout
    assert all(name in table for name in names)


def test_the_doctor_tells_what_there_is(panim: Run) -> None:
    told = panim("doctor").stdout
    for what in ("cores", "memory", "frame slots", "encoder h264", "plugin core"):
        assert what in told


@pytest.mark.parametrize(
    "arguments",
    [
        ["rnder"],
        ["render"],
        ["render", "clip.py"],
        ["render", "clip.py", "-o", "a.mp4", "--no-such-option"],
        ["render", "clip.py", "-o", "a.mp4", "--size", "big"],
        ["render", "clip.py", "-o", "a.mp4", "--crf", "-3"],
        ["render", "clip.py", "-o", "a.mp4", "--workers", "0"],
        ["render", "clip.py", "-o", "a.mp4", "--workers", "two"],
        ["render", "clip.py", "-o", "a.mp4", "--encoder", "no-such"],
        ["render", "clip.py", "-o", "a.mp4", "--executor", "no-such"],
        ["render", "clip.py", "-o", "a.mp4", "--redraw", "full"],
        ["render", "clip.py", "-o", "a.mp4", "--frames", "40:50"],
        ["render", "clip.py", "-o", "a.mp4", "--audio", "no-such.wav"],
        ["render", "clip.py", "-o", "a.mp4", "--frame-timeout", "0"],
        ["render", "clip.py", "-o", "a.unknown"],
    ],
)
def test_what_is_asked_wrongly_is_one_line_and_exit_2(panim: Run, clip: Path, arguments: list[str]) -> None:
    done = panim(*arguments, cwd=clip.parent)
    assert done.returncode == 2
    assert done.stderr.startswith("panim: ")
    assert len(done.stderr.splitlines()) == 1
    assert sorted(p.name for p in clip.parent.iterdir()) == ["clip.py"]


def test_progress_is_shown_on_a_terminal(clip: Path) -> None:
    controller, terminal = pty.openpty()
    (clip.parent / "slow.py").write_text(SCRIPT.replace("    return", "    import time; time.sleep(0.05)\n    return"))
    command = [sys.executable, "-m", "panim_core.cli", "render", "slow.py", "-o", "slow.mp4", "--workers", "1"]
    process = subprocess.Popen(command, cwd=clip.parent, stderr=terminal, stdout=terminal, stdin=terminal)
    os.close(terminal)
    shown = b""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([controller], [], [], 1.0)[0]:
            try:
                shown += os.read(controller, 65536)
            except OSError:
                break  # Linux's way to say that the terminal has no user left
    os.close(controller)
    assert process.wait(10) == 0
    text = shown.decode()
    assert "/30" in text
    assert "fps" in text
    assert "drawing-bound" in text
    assert "30 frames, 64x32 at 30 fps" in text


KEEPS_A_LOG = """
class Log:
    def __init__(self):
        self.file = open("log.txt", "w")
        self.file.write("written\\n")
        self.itself = self

log = Log()
"""


def test_a_file_that_a_script_leaves_open_is_written(panim: Run, clip: Path) -> None:
    (clip.parent / "keeping.py").write_text(KEEPS_A_LOG + SCRIPT)
    done = panim("render", "keeping.py", "-o", "out.mp4", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert (clip.parent / "log.txt").read_text() == "written\n"
