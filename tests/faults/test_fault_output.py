"""Faults of where the video goes: rows 21 to 23 and 39."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from decode import count_frames
from faulty import OLD, Faulty, encoders_of, wait_until, workers_of

from panim_core.execution.workspace import Workspace

# ---- 21: the folder is read-only, missing, no folder; the output is one


@pytest.fixture
def read_only(faulty: Faulty) -> Iterator[Path]:
    folder = faulty.folder / "read-only"
    folder.mkdir()
    if os.geteuid() != 0:
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)
        return
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=64k", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_read_only_folder_is_refused(faulty: Faulty, read_only: Path) -> None:
    faulty.clip()
    done = faulty.render(output="read-only/out.mp4")
    faulty.failed(done, 2)
    assert "panim: output 'read-only/out.mp4': the folder 'read-only' cannot be written to" in done.stderr
    assert "the folder 'read-only' cannot be written to" in faulty.render(output="read-only/a/b/out.mp4").stderr
    assert faulty.drawn(0) == 0


def test_a_missing_folder_is_made(faulty: Faulty) -> None:
    faulty.clip()
    assert faulty.render(output="a/b c/out.mp4").returncode == 0
    assert [p.name for p in (faulty.folder / "a" / "b c").iterdir()] == ["out.mp4"]


def test_an_empty_folder_that_was_there_stays(faulty: Faulty) -> None:
    (faulty.folder / "there").mkdir()
    faulty.clip("raise ValueError", frames=3)
    assert faulty.render(output="new/../there/out.mp4").returncode == 1
    assert (faulty.folder / "there").is_dir()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("folder.mp4", "panim: output 'folder.mp4' is a folder"),
        (".", "output '.': "),
        ("..", "output '..': "),
        ("file/out.mp4", "'file' is no folder"),
        ("file/more/out.mp4", "'file' is no folder"),
        ("", "panim: output '' is no file name"),
        ("x" * 300 + ".mp4", "File name too long"),
        ("out", "no encoder for a name without an extension"),
        ("out.xyz", "no encoder for .xyz; known: .gif"),
        ("fifo.mp4", "exists and is no regular file"),
        ("socket.mp4", "exists and is no regular file"),
        ("loop/out.mp4", "loop"),
        ("/dev/null", "no encoder for"),
        ("/proc/out.mp4", "cannot write '/proc/out.mp4': No such file or directory; choose another place with -o"),
    ],
)
def test_what_cannot_be_an_output_is_refused(faulty: Faulty, output: str, said: str) -> None:
    faulty.clip()
    (faulty.folder / "folder.mp4").mkdir()
    (faulty.folder / "file").write_bytes(OLD)
    (faulty.folder / "loop").symlink_to("loop")
    os.mkfifo(faulty.folder / "fifo.mp4")
    with socket.socket(socket.AF_UNIX) as bound:
        folder = os.open(faulty.folder, os.O_RDONLY)
        bound.bind(f"/proc/self/fd/{folder}/socket.mp4")
        os.close(folder)
        before = faulty.listing()
        done = faulty.render("--overwrite", output=output)
    faulty.failed(done, 2)
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert faulty.listing() == before
    assert faulty.drawn(0) == 0


# ---- 22: the output exists


def test_an_existing_output_is_refused(faulty: Faulty) -> None:
    faulty.clip()
    (faulty.folder / "out.mp4").write_bytes(OLD)
    done = faulty.render()
    faulty.failed(done, 2)
    assert done.stderr == "panim: output 'out.mp4' exists; allow replacing it with --overwrite\n"
    assert (faulty.folder / "out.mp4").read_bytes() == OLD
    assert faulty.drawn(0) == 0


def test_the_old_file_is_whole_until_the_new_one_is(faulty: Faulty) -> None:
    """Also for a reader that holds it open, since the new one is another file."""
    faulty.clip("time.sleep(0.05)")
    out = faulty.folder / "out.mp4"
    out.write_bytes(OLD)
    with out.open("rb") as reader:
        process = faulty.start("--overwrite")
        while process.poll() is None:
            try:
                seen = out.read_bytes()
            except FileNotFoundError:
                pytest.fail("there was a moment without any file")
            assert seen == OLD or seen[4:8] == b"ftyp"
        assert reader.read() == OLD
    process.communicate()
    assert process.returncode == 0
    assert count_frames(out) == 10


def test_what_replaces_a_file_has_its_permissions(faulty: Faulty) -> None:
    faulty.clip()
    for name in ("out.mp4", "000003.png"):
        (faulty.folder / name).write_bytes(OLD)
        (faulty.folder / name).chmod(0o600)
    for output in ("out.mp4", "%06d.png"):
        assert faulty.render("--overwrite", output=output).returncode == 0
    for name in ("out.mp4", "000003.png"):
        assert (faulty.folder / name).read_bytes() != OLD
        assert (faulty.folder / name).stat().st_mode & 0o777 == 0o600
    assert (faulty.folder / "000002.png").stat().st_mode & 0o777 != 0o600


def test_a_link_is_replaced_and_what_it_points_to_is_not(faulty: Faulty) -> None:
    faulty.clip()
    (faulty.folder / "precious").write_bytes(OLD)
    (faulty.folder / "out.mp4").symlink_to("precious")
    assert faulty.render("--overwrite").returncode == 0
    assert (faulty.folder / "precious").read_bytes() == OLD
    assert count_frames(faulty.folder / "out.mp4") == 10


# ---- 23: names that mean something to somebody

NAMES = [
    "-x.mp4",
    "--overwrite.mp4",
    "a%03d.mp4",
    "%d%s%n.mp4",
    "http:x.mp4",
    "https:/example.invalid/x.mp4",
    "concat:a.mp4",
    "pipe:1.mp4",
    "file:a.mp4",
    "tcp:127.0.0.1:9.mp4",
    "a|b;c&d$(touch evil)`touch evil`.mp4",
    "new\nline.mp4",
    "sp ace  two.mp4",
    "quote'\".mp4",
    "back\\slash.mp4",
    "ünïcödé-日本-🎬.mp4",
    "*?[a].mp4",
    "x" * 251 + ".mp4",
    ".hidden.mp4",
    "UPPER.MP4",
    "~.mp4",
    "a:b,c=d@e.mp4",
]


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_name_is_that_file_and_nothing_else(faulty: Faulty, name: str) -> None:
    faulty.clip(frames=3)
    before = faulty.listing()
    done = faulty.render(output=name)
    assert done.returncode == 0, done.stderr
    made = [entry for entry in faulty.listing() if entry not in before]
    assert made[-1] == os.path.normpath(name)
    assert not (faulty.folder / "evil").exists()
    assert count_frames(faulty.folder / name) == 3


@pytest.mark.parametrize("name", ["a%03d.png", "100%_%02d.png", "%d%d.png", "%%.png", "%s.png", "%0999999999d.png"])
def test_an_odd_pattern_is_numbered_or_refused(faulty: Faulty, name: str) -> None:
    faulty.clip(frames=3)
    done = faulty.render(output=name)
    assert done.returncode in (0, 2), done.stderr
    pictures = sorted(p.name for p in faulty.folder.glob("*.png"))
    if done.returncode == 2:
        faulty.failed(done, 2)
        assert pictures == []
    else:
        assert len(pictures) == 3
        faulty.failed(faulty.render(output=name), 2)


def test_pictures_that_are_there_stay(faulty: Faulty) -> None:
    """Others may count from 1."""
    faulty.clip(frames=3)
    (faulty.folder / "1.png").write_bytes(OLD)
    assert "output '1.png' exists; allow replacing it with --overwrite" in faulty.render(output="%d.png").stderr
    assert [p.name for p in faulty.folder.glob("*.png")] == ["1.png"]
    assert (faulty.folder / "1.png").read_bytes() == OLD


def test_a_name_that_is_no_text(faulty: Faulty) -> None:
    faulty.clip(frames=3)
    name = os.fsdecode(b"\xff\xfe.mp4")
    done = faulty.render("--json", output=name)
    assert done.returncode == 0, done.stderr
    assert count_frames(faulty.folder / name) == 3


# ---- 39: two renders to one output


def test_the_second_of_two_renders_fails_fast(faulty: Faulty) -> None:
    faulty.clip("time.sleep(0.2)", frames=15)
    first = faulty.start("--workers", "1", output="out.rgba")
    wait_until(lambda: faulty.drawn(0), "the first frame")
    second = faulty.render("--overwrite", output="out.rgba", deadline=10)
    assert first.poll() is None, "the second did not fail fast"
    faulty.failed(second, 2)
    assert second.stderr == (
        "panim: another render is writing 'out.rgba' right now; wait for it, or choose another output\n"
    )
    _, stderr = first.communicate(timeout=40)
    assert first.returncode == 0, stderr
    faulty.is_whole(15)


def test_two_renders_beside_each_other_are_no_matter(faulty: Faulty) -> None:
    faulty.clip("time.sleep(0.02)")
    both = [faulty.start(output=f"{name}.mp4") for name in "ab"]
    assert [process.communicate(timeout=40)[1].count("10 frames") for process in both] == [1, 1]


def test_what_a_dead_render_left_is_no_lock(faulty: Faulty) -> None:
    faulty.clip()
    stale = faulty.folder / ".out.rgba.panim"
    (stale / "deep").mkdir(parents=True)
    (stale / "deep" / "part.rgba").write_bytes(OLD)
    (stale / "part.rgba").write_bytes(OLD)
    faulty.succeeds()


def test_the_lock_lasts_until_the_guard_is_done(faulty: Faulty) -> None:
    """Else the guard of a render that was killed could remove the folder of the next."""
    faulty.clip("time.sleep(60)")
    process = faulty.start()
    wait_until(lambda: workers_of(process) and encoders_of(process), "the render")
    working = faulty.folder / ".out.mp4.panim"
    guards = [c for c in _children(process.pid) if "panim-guard" in c.cmdline()]
    guards[0].suspend()
    process.kill()
    process.communicate()
    folder = os.open(working, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(folder)
    guards[0].resume()
    wait_until(lambda: not working.exists(), "the guard", 5)


def _children(pid: int):
    import psutil

    return psutil.Process(pid).children()


def test_a_new_folder_is_not_looked_into(tmp_path: Path) -> None:
    """Else a signal that comes meanwhile would leave it."""
    with Workspace(tmp_path / "out.mp4", check=lambda folder: pytest.fail("there is nothing to check")):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_comes_while_a_video_is_made_stays(faulty: Faulty) -> None:
    faulty.clip("(HERE / 'out.mp4').write_bytes(b'mine')")
    done = faulty.render()
    faulty.failed(done, 1)
    assert "was made by something else while this was rendered" in done.stderr
    assert "--overwrite" in done.stderr
    assert (faulty.folder / "out.mp4").read_bytes() == b"mine"
    assert faulty.listing() == ["clip.py", "out.mp4"]
