"""Faults of the encoder, through the command line: rows 14 to 20, and 29."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from decode import count_frames
from faulty import OLD, Faulty, encoders_of, pose, wait_until

from panim_ffmpeg.binary import abilities, find_binary

# ---- 14: missing, not executable, codec unknown


def test_ffmpeg_is_missing(faulty: Faulty) -> None:
    faulty.clip()
    told = faulty.fails(code=2, env={"PANIM_FFMPEG": "/no/such/ffmpeg"})
    assert "panim: PANIM_FFMPEG is '/no/such/ffmpeg', which does not exist" in told
    assert "pip install imageio-ffmpeg" in told
    assert faulty.drawn(0) == 0


def test_ffmpeg_is_not_executable(faulty: Faulty) -> None:
    faulty.clip()
    program = faulty.folder / "ffmpeg"
    program.write_text("#!/bin/sh\n")
    assert "is not executable" in faulty.fails(code=2, env={"PANIM_FFMPEG": str(program)})
    assert faulty.drawn(0) == 0


def test_ffmpeg_lacks_the_codec(faulty: Faulty) -> None:
    faulty.clip()
    program = faulty.folder / "ffmpeg"
    program.write_text("#!/bin/sh\necho 'ffmpeg version 9' >&2; echo ' V....D gif   GIF'; echo ' VF...D png   PNG'\n")
    program.chmod(0o755)
    told = faulty.fails(code=2, env={"PANIM_FFMPEG": str(program)})
    assert "has no encoder libx264; choose another of panim's that it has (gif, png)" in told
    assert faulty.drawn(0) == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--encoder", "h265"], "there is no encoder named 'h265'; did you mean 'h264'? Known: "),
        (["--preset", "hurry"], "hurry"),
        (["--pixel-format", "yuv000p"], "yuv000p"),
        (["--quality", "best"], "best"),
        (["--crf", "60"], "60"),
        (["--encoder", "vp9"], ".mp4"),
    ],
)
def test_what_the_encoder_cannot_do_is_found_before_anything_starts(
    faulty: Faulty, options: list[str], said: str
) -> None:
    faulty.clip()
    assert said in faulty.fails(*options, code=2)
    assert faulty.drawn(0) == 0


SLOW = """
from panim_ffmpeg.encoder import FfmpegEncoder
from panim_core.errors import SettingsError

def refuse(*_):
    time.sleep(1)
    raise SettingsError("not like this")

FfmpegEncoder.open = refuse
"""


def test_nothing_is_drawn_before_the_encoder_is_open(faulty: Faulty) -> None:
    clip = faulty.clip()
    clip.write_text(clip.read_text() + SLOW)
    assert "panim: not like this" in faulty.fails(code=2)
    assert faulty.drawn(0) == 0


# ---- 15, 16: killed, stopped


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_ffmpeg_is_killed_midway(faulty: Faulty, number: signal.Signals) -> None:
    faulty.clip("time.sleep(0.05)", frames=100)
    (faulty.folder / "out.mp4").write_bytes(OLD)
    process = faulty.start("--overwrite")
    wait_until(lambda: faulty.drawn(5), "frame 5")
    encoders_of(process)[0].send_signal(number)
    stdout, stderr = process.communicate(timeout=40)
    faulty.failed(subprocess.CompletedProcess([], process.returncode, stdout, stderr), 1)
    assert number.name in stderr
    assert (faulty.folder / "out.mp4").read_bytes() == OLD
    assert faulty.drawn(80) == 0, "the render went on without its encoder"


def test_ffmpeg_stops_reading(faulty: Faulty) -> None:
    faulty.clip("time.sleep(0.1)\nreturn b'x' * (8192 * 48 * 4)\n", frames=40, width=8192)
    (faulty.folder / "out.mp4").write_bytes(OLD)
    script = faulty.folder / "stop.py"
    faulty.folder.joinpath("clip.py").rename(script)
    script.write_text(
        script.read_text()
        + "\nimport psutil\n"
        + "def stop(event):\n"
        + "    for child in psutil.Process().children():\n"
        + "        if '-progress' in child.cmdline():\n"
        + "            child.suspend()\n"
        + "try:\n"
        + "    panim_core.produce(clip, 'out.mp4', overwrite=True, on_event=stop,\n"
        + "                       deadlines=panim_core.Deadlines(write=1.5))\n"
        + "except panim_core.EncodeError as error:\n"
        + "    print(f'panim: {error}', file=sys.stderr); sys.exit(1)\n"
    )
    done = subprocess.run(
        [os.sys.executable, script], cwd=faulty.folder, capture_output=True, text=True, timeout=45, check=False
    )
    faulty.failed(done, 1)
    assert "panim: the encoder h264 took no data for 1.5 s and was stopped" in done.stderr
    assert (faulty.folder / "out.mp4").read_bytes() == OLD


def test_ffmpeg_never_finishes(faulty: Faulty) -> None:
    faulty.clip()
    script = 'trap "" TERM INT HUP\ncat > /dev/null\necho its last words >&2\nsleep 1000 & sleep 1000\n'
    env = pose(faulty.folder, script)
    told = faulty.fails("deadlines=panim_core.Deadlines(finish=1.5)", runs="produce", **env)
    assert "panim: the encoder h264 did not complete its file for 1.5 s and was stopped" in told
    assert "\nits last words\nits command: " in told


# ---- 17, 18, 19: floods stderr, exits nonzero, lies


def test_a_flood_on_stderr_is_no_matter(faulty: Faulty) -> None:
    faulty.clip()
    flood = "head -c 1048576 /dev/zero | tr '\\0' 'x' >&2\n"
    done = faulty.render(env=pose(faulty.folder, f'{flood}"$real" "$@"; status=$?\n{flood}exit $status\n'))
    assert done.returncode == 0, done.stderr
    assert count_frames(faulty.folder / "out.mp4") == 10
    assert "xxxx" not in done.stderr


def test_ffmpeg_fails_after_the_last_frame(faulty: Faulty) -> None:
    faulty.clip()
    told = faulty.fails(env=pose(faulty.folder, '"$real" "$@"; echo the tail of it >&2; exit 7\n'))
    assert "exit status is 7\nthe tail of it" in told


def test_ffmpeg_fails_at_once(faulty: Faulty) -> None:
    faulty.clip(frames=300)
    told = faulty.fails(env=pose(faulty.folder, "echo no such luck >&2; exit 3\n"))
    assert "exit status is 3\nno such luck" in told


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("cat > /dev/null\n", 0),
        ('options=("${@:1:$#-1}")\n"$real" "${options[@]}" -frames:v 3 "${@: -1}"\ncat > /dev/null\n', 3),
    ],
)
def test_too_few_frames_and_exit_0_is_a_failure(faulty: Faulty, script: str, count: int) -> None:
    faulty.clip()
    assert f"was given 10 frames and wrote {count}" in faulty.fails(env=pose(faulty.folder, script))


# ---- 20: the disk is full


NOISE = "import random; return random.Random(index).randbytes(160 * 48 * 4)"


@pytest.mark.parametrize(
    ("name", "options"),
    [("out.mp4", []), ("out.mkv", ["--quality", "lossless"]), ("out.gif", []), ("out_%03d.png", []), ("o.rgba", [])],
)
def test_the_disk_is_full_midway(faulty: Faulty, small_disk: Path, name: str, options: list[str]) -> None:
    faulty.clip(NOISE, frames=200, width=160)
    done = faulty.render(*options, output=f"disk/{name}")
    faulty.failed(done, 1)
    assert "disk is full" in done.stderr
    assert list(small_disk.iterdir()) == []
    old = abilities(find_binary()).version.startswith("7")  # which goes on for the sake of a GIF's palette
    assert faulty.drawn(199) == 0 or (old and name == "out.gif"), "it went on after the disk was full"


def test_a_cache_on_a_full_disk_is_left_as_it_was(faulty: Faulty, small_disk: Path) -> None:
    faulty.clip()
    (small_disk / "filler").write_bytes(bytes(64 * 4096))
    done = faulty.render(env={"PANIM_CACHE_DIR": str(small_disk)})
    assert done.returncode == 0, done.stderr
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_the_disk_is_full_at_the_trailer(faulty: Faulty, small_disk: Path) -> None:
    """All frames fit; the copy that moves the index to the front does not."""
    faulty.clip(frames=300)
    assert faulty.render(output="disk/out.mp4").returncode == 0
    old = (small_disk / "out.mp4").read_bytes()
    pages = -(-len(old) // 4096), len(old) // 4096
    (small_disk / "filler").write_bytes(bytes((64 - sum(pages)) * 4096))
    done = faulty.render("--overwrite", output="disk/out.mp4")
    faulty.failed(done, 1)
    assert "the disk is full" in done.stderr
    assert (small_disk / "out.mp4").read_bytes() == old


def test_the_disk_is_full_before_anything_starts(faulty: Faulty, small_disk: Path) -> None:
    faulty.clip()
    with open(small_disk / "filler", "wb", 0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass
    done = faulty.render(output="disk/out.mp4")
    faulty.failed(done, 1 if "disk is full" in done.stderr else 2)
    assert "disk is full" in done.stderr or "No space left" in done.stderr
    assert [p.name for p in small_disk.iterdir()] == ["filler"]


# ---- 29: odd sides


@pytest.mark.parametrize(("name", "noted"), [("out.mp4", True), ("out.mkv", True), ("out.gif", False)])
def test_odd_sides_are_padded_and_told(faulty: Faulty, name: str, noted: bool) -> None:
    faulty.clip("return bytes((200, 100, 50, 255)) * (63 * 48)", width=63)
    done = faulty.render("--json", output=name)
    assert done.returncode == 0, done.stderr
    notes = " ".join(json.loads(done.stdout)["notes"])
    assert ("64x48" in notes) is noted
    assert count_frames(faulty.folder / name) == 10
