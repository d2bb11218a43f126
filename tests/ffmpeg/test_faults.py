"""ffmpeg that is missing, dies, stalls, floods, lies or runs out of disk: one error that says so, and nothing left."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import psutil
import pytest
from decode import count_frames
from encoding_tools import ENCODERS, encode, flat, noise
from fake_ffmpeg import TAKE_HALF_A_FRAME, pose

from panim_core.errors import EncodeError, PluginUnavailableError
from panim_core.frames import FrameFormat
from panim_core.protocols import EncoderSettings
from panim_ffmpeg import binary, process

FORMAT = FrameFormat(64, 48)
FPS = Fraction(25)
BIG = FrameFormat(1280, 720)


def open_h264(path: Path, format: FrameFormat = FORMAT, **settings):
    return ENCODERS["h264"].open(path, format, FPS, EncoderSettings(**settings))


def write_until_failure(session, count: int) -> EncodeError:
    def write_all() -> None:
        for _ in range(count):
            session.write(memoryview(bytes(FORMAT.nbytes)))
        session.finish()

    with pytest.raises(EncodeError) as caught:
        write_all()
    session.abort()
    return caught.value


@pytest.fixture
def patience() -> Iterator[None]:
    """Fail, by killing nothing but this test, when it takes a minute."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 60


# 14: missing, not executable, no ffmpeg, codec unknown


def test_missing_is_found_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("PANIM_FFMPEG", str(tmp_path / "nowhere"))
    with pytest.raises(PluginUnavailableError, match=r"nowhere.*does not exist.*pip install imageio-ffmpeg"):
        ENCODERS["h264"].check_available()
    with pytest.raises(PluginUnavailableError, match="does not exist"):
        open_h264(tmp_path / "a.mp4")


def test_missing_everywhere(monkeypatch):
    monkeypatch.setattr(binary, "_bundled", list)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PluginUnavailableError, match="was not found") as caught:
        ENCODERS["gif"].check_available()
    assert "PANIM_FFMPEG" in caught.value.hint


def test_not_executable(tmp_path, monkeypatch):
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\n")
    monkeypatch.setenv("PANIM_FFMPEG", str(program))
    with pytest.raises(PluginUnavailableError, match="not executable"):
        ENCODERS["h264"].check_available()
    monkeypatch.setenv("PANIM_FFMPEG", str(tmp_path))
    with pytest.raises(PluginUnavailableError, match="is a folder"):
        ENCODERS["h264"].check_available()


@pytest.mark.parametrize("script", ["#!/bin/sh\necho hello\n", "#!/bin/sh\necho broken >&2; exit 3\n", "\x7fELF no"])
def test_no_ffmpeg_at_all(tmp_path, monkeypatch, script):
    program = tmp_path / "ffmpeg"
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setenv("PANIM_FFMPEG", str(program))
    with pytest.raises(PluginUnavailableError, match=r"no working ffmpeg|does not run"):
        ENCODERS["h264"].check_available()


def test_codec_unknown_lists_alternatives(tmp_path, monkeypatch):
    program = tmp_path / "ffmpeg"
    program.write_text(
        "#!/bin/sh\necho 'ffmpeg version 1.2.3 Copyright' >&2\n"
        "echo ' V..... = Video'; echo ' ------'; echo ' V....D gif   GIF'; echo ' VF...D png   PNG'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PANIM_FFMPEG", str(program))
    ENCODERS["gif"].check_available()
    with pytest.raises(PluginUnavailableError, match=r"version 1\.2\.3.*no encoder libx264.*\(gif, png\)"):
        ENCODERS["h264"].check_available()
    with pytest.raises(PluginUnavailableError, match="libvpx-vp9"):
        ENCODERS["vp9"].open(tmp_path / "a.webm", FORMAT, FPS, EncoderSettings())


def test_what_ffmpeg_can_do_is_asked_once(tmp_path, monkeypatch):
    monkeypatch.setenv("PANIM_CACHE_DIR", str(tmp_path / "cache"))
    asked = tmp_path / "asked"
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\necho >> {asked}\necho ' V....D libx264 x'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PANIM_FFMPEG", str(program))
    for _ in range(3):
        ENCODERS["h264"].check_available()
    assert asked.read_text() == "\n"
    (entry,) = (tmp_path / "cache").iterdir()
    for damage in (b"{", b'{"key": 1}', b"\xff\xfe"):
        entry.write_bytes(damage)
        ENCODERS["h264"].check_available()
    assert asked.read_text() == "\n" * 4
    with program.open("a") as file:
        file.write("# changed\n")
    ENCODERS["h264"].check_available()
    assert asked.read_text() == "\n" * 5


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file, not a folder")
    monkeypatch.setenv("PANIM_CACHE_DIR", str(tmp_path / "cache"))
    ENCODERS["h264"].check_available()


def test_ffmpeg_vanishes_between_check_and_start(tmp_path, monkeypatch):
    program = pose(monkeypatch, tmp_path, "exit 1\n")
    ENCODERS["h264"].check_available()
    program.write_bytes(program.read_bytes().replace(b"#!/bin/bash", b"#!/no/bash!"))
    with pytest.raises((EncodeError, PluginUnavailableError)):
        open_h264(tmp_path / "a.mp4")


# 15: killed midway


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_killed_midway(tmp_path, patience, signum):
    session = open_h264(tmp_path / "a.mp4")
    for frame in flat(5):
        session.write(memoryview(frame))
    os.kill(child(), signum)
    error = write_until_failure(session, 10_000)
    if signum == signal.SIGTERM:  # once it has started, ffmpeg catches it, completes the file and says so
        assert error.exit_status in (255, -signum)
    else:
        assert error.exit_status == -signum
        assert signum.name in str(error)
    assert error.command[0] == str(binary.find_binary())
    assert repr(pickle.loads(pickle.dumps(error))) == repr(error)


def child() -> int:
    (process,) = psutil.Process().children()
    return process.pid


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's scheduling")
def test_it_is_scheduled_as_batch_work(tmp_path, patience):
    session = open_h264(tmp_path / "a.mp4")
    assert os.sched_getscheduler(child()) == os.SCHED_BATCH
    session.abort()


def test_killed_after_the_last_frame(tmp_path, patience):
    session = open_h264(tmp_path / "a.mp4", BIG)
    for frame in noise(3, BIG.width, BIG.height):
        session.write(memoryview(frame))
    os.kill(child(), signal.SIGKILL)
    with pytest.raises(EncodeError, match="SIGKILL, possibly because memory ran out"):
        session.finish()


# 16: stops reading


def test_a_blocked_write_ends_when_aborted(tmp_path, patience):
    session = open_h264(tmp_path / "a.mp4", BIG)
    for frame in noise(2, BIG.width, BIG.height):
        session.write(memoryview(frame))
    os.kill(child(), signal.SIGSTOP)
    errors: list[BaseException] = []

    def feed() -> None:
        try:
            for _ in range(10):
                session.write(memoryview(bytes(BIG.nbytes)))
        except EncodeError as error:
            errors.append(error)

    writer = threading.Thread(target=feed)
    writer.start()
    time.sleep(0.3)
    assert writer.is_alive()
    started = time.monotonic()
    session.abort()
    writer.join(10)
    assert time.monotonic() - started < 5
    assert "stopped" in str(errors[0])
    assert psutil.Process().children() == []
    session.abort()
    with pytest.raises(EncodeError):
        session.write(memoryview(bytes(BIG.nbytes)))
    with pytest.raises(EncodeError):
        session.finish()


@pytest.mark.parametrize("stopped", [True, False])
def test_a_blocked_finish_ends_when_aborted(tmp_path, monkeypatch, patience, stopped):
    if not stopped:
        pose(monkeypatch, tmp_path, "trap '' TERM INT HUP\ncat > /dev/null\nsleep 1000 & sleep 1000\n")
    session = open_h264(tmp_path / "a.mp4")
    session.write(memoryview(flat(1)[0]))
    if stopped:
        os.kill(child(), signal.SIGSTOP)
    threading.Timer(0.3, session.abort).start()
    with pytest.raises(EncodeError, match="stopped"):
        session.finish()
    assert psutil.Process().children(recursive=True) == []


def test_everything_that_it_started_is_killed(tmp_path, monkeypatch, patience):
    pose(monkeypatch, tmp_path, "sleep 1000 &\nsleep 1000 &\nexit 0\n")
    session = open_h264(tmp_path / "a.mp4")
    error = write_until_failure(session, 100_000)
    assert error.exit_status == 0


@pytest.mark.parametrize("name", ["a.gif", "a.mp4"])
def test_leaving_without_finish_aborts(tmp_path, name):
    encoder = ENCODERS["gif" if name == "a.gif" else "h264"]
    with encoder.open(tmp_path / name, FORMAT, FPS, EncoderSettings()) as session:
        session.write(memoryview(flat(1)[0]))
    assert psutil.Process().children() == []
    assert [path.name for path in tmp_path.iterdir() if path.name != name] == []


def test_abort_while_a_gif_is_completed(tmp_path, monkeypatch, patience):
    pose(monkeypatch, tmp_path, 'if [[ "$*" == *paletteuse* ]]; then sleep 1000; fi\nexec "$real" "$@"\n')
    session = ENCODERS["gif"].open(tmp_path / "a.gif", FORMAT, FPS, EncoderSettings())
    session.write(memoryview(flat(1)[0]))
    threading.Timer(1.0, session.abort).start()
    with pytest.raises(EncodeError, match="stopped"):
        session.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["fake ffmpeg"]


# 17: floods stderr


def test_a_flood_on_stderr_is_drained(tmp_path, monkeypatch, patience):
    flood = "head -c 1048576 /dev/zero | tr '\\0' 'x' >&2\n"
    pose(monkeypatch, tmp_path, f'{flood}"$real" "$@"; status=$?\n{flood}exit $status\n')
    assert encode("h264", tmp_path / "a.mp4", flat(10)).frame_count == 10
    pose(monkeypatch, tmp_path, f"{flood}echo the end >&2; exit 9\n")
    error = write_until_failure(open_h264(tmp_path / "b.mp4"), 1000)
    assert error.exit_status == 9
    assert error.stderr_tail.endswith("the end")
    assert len(error.stderr_tail) <= 65536


# 18: nonzero exit after the last frame


def test_nonzero_exit_after_the_last_frame(tmp_path, monkeypatch):
    pose(monkeypatch, tmp_path, '"$real" "$@"; echo tail of it >&2; exit 7\n')
    with pytest.raises(EncodeError, match=r"exit status is 7\ntail of it") as caught:
        encode("h264", tmp_path / "a.mp4", flat(5))
    assert caught.value.exit_status == 7


@pytest.mark.parametrize("step", ["palettegen", "paletteuse"])
def test_each_step_of_a_gif_is_checked(tmp_path, monkeypatch, step):
    pose(monkeypatch, tmp_path, f'"$real" "$@"; if [[ "$*" == *{step}* ]]; then exit 7; fi\n')
    with pytest.raises(EncodeError, match="exit status is 7"):
        encode("gif", tmp_path / "a.gif", flat(5))
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


# 19: exit 0 with too few frames


@pytest.mark.parametrize(
    "script",
    [
        "cat > /dev/null\n",
        'options=("${@:1:$#-1}")\n"$real" "${options[@]}" -frames:v 3 "${@: -1}"\ncat > /dev/null\n',
    ],
)
def test_too_few_frames_is_a_failure(tmp_path, monkeypatch, script):
    pose(monkeypatch, tmp_path, script)
    with pytest.raises(EncodeError, match=r"given 8 frames and wrote (0|3)"):
        encode("h264", tmp_path / "a.mp4", flat(8))


def test_a_partial_frame_is_a_failure(tmp_path, monkeypatch, patience):
    pose(monkeypatch, tmp_path, TAKE_HALF_A_FRAME + "exit 0\n")
    error = write_until_failure(open_h264(tmp_path / "a.mp4"), 10_000)
    assert error.exit_status == 0
    assert "took no more" in str(error)


# 20: the disk is full


@pytest.mark.parametrize(("name", "file"), [("h264", "a.mp4"), ("ffv1", "a.mkv"), ("gif", "a.gif"), ("png", "%d.png")])
def test_a_disk_full_midway_is_named(small_disk, patience, name, file):
    with pytest.raises(EncodeError, match="disk is full"):
        encode(name, small_disk / file, noise(60, 160, 120))


def test_a_disk_full_at_the_trailer_is_named(small_disk):
    """All frames fit, the second copy of the index does not."""
    encode("h264", small_disk / "a.mp4", flat(300))
    pages = (small_disk / "a.mp4").stat().st_size // 4096
    (small_disk / "a.mp4").unlink()
    (small_disk / "filler").write_bytes(bytes((64 - pages) * 4096))
    with pytest.raises(EncodeError, match=r"after 300 frames: the disk is full"):
        encode("h264", small_disk / "a.mp4", flat(300))


def test_a_disk_said_to_be_full_is_named(tmp_path, monkeypatch):
    pose(monkeypatch, tmp_path, '"$real" "$@"; echo "av_interleaved_write_frame(): No space left on device" >&2\n')
    with pytest.raises(EncodeError, match="the disk is full"):
        encode("h264", tmp_path / "a.mp4", flat(3))


def test_an_output_folder_that_vanished(tmp_path):
    with pytest.raises(EncodeError, match="No such file or directory"):
        encode("h264", tmp_path / "gone" / "a.mp4", flat(3))


# The rest


def test_a_frame_of_wrong_size_is_refused(tmp_path):
    with open_h264(tmp_path / "a.mp4") as session, pytest.raises(EncodeError, match="frame 0 has 3 bytes"):
        session.write(memoryview(b"abc"))


def test_other_children_do_not_hold_its_input_open(tmp_path, patience):
    """A program started meanwhile, even one that inherits what it can, must not keep ffmpeg from seeing the end."""
    with open_h264(tmp_path / "a.mp4") as session:
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"], close_fds=False)
        try:
            session.write(memoryview(flat(1)[0]))
            assert session.finish().frame_count == 1
            assert other.poll() is None
        finally:
            other.kill()
            other.wait()


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_works_with_standard_streams_closed(tmp_path, closed):
    """28: the pipes then get the numbers 0 to 2."""
    code = (
        "import os, sys; os.close(int(sys.argv[1])); sys.path.insert(0, sys.argv[3])\n"
        "from pathlib import Path\n"
        "from encoding_tools import encode, flat\n"
        "os._exit(encode('h264', Path(sys.argv[2]), flat(7)).frame_count)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(closed), str(tmp_path / "a.mp4"), str(Path(__file__).parent)]
    )
    assert done.returncode == 7
    assert count_frames(tmp_path / "a.mp4") == 7


def test_it_ends_with_its_parent(tmp_path, patience):
    """26: killed outright, the parent closes the pipe, which ends ffmpeg."""
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "from test_faults import *\n"
        "session = open_h264(Path(sys.argv[1]))\n"
        "session.write(memoryview(flat(1)[0]))\n"
        "print(child(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.mp4"), str(Path(__file__).parent)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        check=False,
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_many_sessions_leave_nothing(tmp_path):
    """41: descriptors and threads stay flat."""
    encode("h264", tmp_path / "a.mp4", flat(1))
    before = psutil.Process().num_fds(), threading.active_count()
    for _ in range(10):
        encode("h264", tmp_path / "a.mp4", flat(1))
    assert (psutil.Process().num_fds(), threading.active_count()) == before


def test_no_copy_is_made_of_a_frame(tmp_path):
    """A read-only view of foreign memory is taken as it is, also one of several dimensions."""
    frame = np.full((48, 64, 4), 200, np.uint8)
    frame.flags.writeable = False
    with open_h264(tmp_path / "a.mp4") as session:
        session.write(memoryview(frame))
        facts = session.finish()
    assert facts.cpu_seconds > 0
    assert facts.peak_memory_bytes > 1 << 20
    assert facts.codec == "libx264"


def test_gifs_are_not_joined(tmp_path):
    encode("gif", tmp_path / "a.gif", flat(1))
    with pytest.raises(EncodeError, match=r"GIF files cannot be joined .* write b.gif in one piece"):
        ENCODERS["gif"].concat([tmp_path / "a.gif"] * 2, tmp_path / "b.gif")


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 7", 7), ("exit 187", 187), ("exit 255", 255), ("kill -KILL $$", -signal.SIGKILL), ("kill -9 0", -9)],
)
def test_how_one_that_reads_no_frames_ended_is_told_as_it_was(script: str, status: int) -> None:
    """A shell stands between, which passes it on; 187 and 255 are errors of ffmpeg and no signals."""
    with pytest.raises(EncodeError) as caught:
        process.start(["sh", "-c", script]).run(20)
    assert caught.value.exit_status == status


def test_one_that_reads_no_frames_has_a_deadline() -> None:
    with pytest.raises(EncodeError, match=r"ffmpeg did not end within 0\.5 s; it was killed by SIGKILL"):
        process.start(["sleep", "1000"]).run(0.5)
