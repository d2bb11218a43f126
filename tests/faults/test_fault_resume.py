"""Interrupted and resumed: rows 37, 38 and 40, by the command line. What else resuming promises: tests/resume."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from decode import decode
from faulty import HEIGHT, OLD, WIDTH, Faulty, encoders_of, wait_until, workers_of

FRAMES, SEGMENT = 300, 100  # ten seconds of video each

STOPPED = """if index == 250 and not (HERE / 'again').exists():
    until = time.monotonic() + 30
    while (HERE / '.out.rgba.panim' / 'journal').read_bytes().count(b'\\n') < 3 and time.monotonic() < until:
        time.sleep(0.01)
    raise ValueError('stopped')
"""


def folder(faulty: Faulty) -> Path:
    return faulty.folder / ".out.rgba.panim"


def interrupted(faulty: Faulty) -> None:
    """Two of three segments are finished when a frame fails, over an old file."""
    faulty.clip(STOPPED, frames=FRAMES)
    faulty.folder.joinpath("out.rgba").write_bytes(OLD)
    done = faulty.render("--overwrite", "--resume", "--workers", "1", output="out.rgba")
    faulty.failed(done, 1)
    assert "frame 250 (at 25000 ms) failed: ValueError: stopped" in done.stderr
    assert faulty.folder.joinpath("out.rgba").read_bytes() == OLD
    assert [file.stem for file in segments(faulty)] == ["00000000-00000099", "00000100-00000199"]
    faulty.folder.joinpath("again").touch()


def segments(faulty: Faulty) -> list[Path]:
    return sorted((folder(faulty) / "segments").iterdir())


def resumed(faulty: Faulty, kept: range | None, told: str) -> None:
    """The rest is drawn, once, and every frame is right; what is not used was told."""
    drawn = {index: faulty.drawn(index) for index in range(FRAMES)}
    notes = "\n".join(json.loads(faulty.succeeds("--resume", "--json", frames=FRAMES).stdout)["notes"])
    again = {index for index in range(FRAMES) if faulty.drawn(index) > drawn[index]}
    checked = set(range(0, FRAMES, SEGMENT))  # the first frame of what is kept is drawn again, to compare
    assert again - checked == set(range(FRAMES)) - set(kept or ()) - checked
    assert re.search(told, notes), notes
    assert not folder(faulty).exists()


# ---- 37, 38: what an earlier render left is damaged, or another's


def journal(faulty: Faulty, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path = folder(faulty) / "journal"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]


def another_version(lines: list[bytes]) -> list[bytes]:
    return [re.sub(rb'"journal": ?\d+', b'"journal":999', lines[0]), *lines[1:]]


FIRST, SECOND, BOTH = range(100), range(100, 200), range(200)

DAMAGES: dict[str, tuple[Callable[[Faulty], object], range | None, str]] = {
    "nothing": (lambda _: None, BOTH, "resuming: 200 of 300 frames are finished and kept"),
    "the last line is torn": (
        lambda faulty: journal(faulty, lambda lines: [*lines[:-1], lines[-1][:-5]]),
        FIRST,
        "the journal's last line was torn",
    ),
    "a bit of a line is flipped": (
        lambda faulty: journal(faulty, lambda lines: [lines[0], flipped(lines[1], 50), *lines[2:]]),
        SECOND,
        "line 2 of the journal is damaged",
    ),
    "a bit of the first line is flipped": (
        lambda faulty: journal(faulty, lambda lines: [flipped(lines[0], 100), *lines[1:]]),
        None,
        "first line is damaged, or is another version's",
    ),
    "the journal is another version's": (
        lambda faulty: journal(faulty, another_version),
        None,
        "first line is damaged, or is another version's",
    ),
    "the journal is gone": (lambda faulty: (folder(faulty) / "journal").unlink(), None, ""),
    "the source changed": (
        lambda faulty: faulty.clip(STOPPED + "pass\n", frames=FRAMES),
        None,
        r"the source changed|clip\.py changed",
    ),
    "a segment is truncated": (
        lambda faulty: os.truncate(segments(faulty)[0], 1000),
        SECOND,
        "frames 0 to 99 are rendered again: their file has 1000 bytes instead of 1228800",
    ),
    "a segment is replaced": (
        lambda faulty: segments(faulty)[1].write_bytes(segments(faulty)[0].read_bytes()),
        FIRST,
        "frames 100 to 199 are rendered again: their file is not the one that was written",
    ),
    "a segment is gone": (
        lambda faulty: segments(faulty)[0].unlink(),
        SECOND,
        "frames 0 to 99 are rendered again: their file is gone",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_told_and_never_used(faulty: Faulty, damage: str) -> None:
    do, kept, told = DAMAGES[damage]
    interrupted(faulty)
    do(faulty)
    resumed(faulty, kept, told)


# ---- 40: killed, and resumed


@pytest.mark.parametrize("victim", ["parent", "worker", "encoder"])
@pytest.mark.parametrize("moment", [0, 70, 130, 299])
def test_killed_and_resumed(faulty: Faulty, victim: str, moment: int) -> None:
    """When a moment's frame is begun; a worker alone costs nothing. Random moments: tests/resume/test_kills.py."""
    faulty.clip("time.sleep(0.005)", frames=FRAMES)
    process = faulty.start("--resume", "--quality", "lossless", "--workers", "2", output="out.mkv")
    wait_until(lambda: faulty.drawn(moment), f"frame {moment}")
    found = {"parent": lambda _: [process], "worker": workers_of, "encoder": encoders_of}[victim](process)
    if found:  # else it has just ended
        found[0].send_signal(signal.SIGKILL)
    _, stderr = process.communicate(timeout=40)
    if victim == "worker":
        assert process.returncode == 0, stderr
    elif process.returncode != 0:
        assert process.returncode == (-signal.SIGKILL if victim == "parent" else 1), stderr
        assert not faulty.folder.joinpath("out.mkv").exists()
        again = faulty.render("--resume", "--quality", "lossless", output="out.mkv")
        assert again.returncode == 0, again.stderr
    assert indices(faulty.folder / "out.mkv") == list(range(FRAMES))
    assert faulty.listing() == ["clip.py", "out.mkv"]


def indices(video: Path) -> list[int]:
    """The frames' numbers, read from their colour."""
    red, green = decode(video)[:, HEIGHT // 2, WIDTH // 2, :2].astype(int).T
    return list(red + 256 * green)
