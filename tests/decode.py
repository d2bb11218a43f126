"""What is in a video, as a player that honours its tags sees it."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from panim_ffmpeg.binary import find_binary


class Probe(NamedTuple):
    """What ffmpeg says of a file."""

    video: str
    """The line of the video stream."""
    audio: str
    """The line of the audio stream, or empty."""
    duration: str
    """As ffmpeg prints it, hundredths of a second."""


class Timing(NamedTuple):
    """When frames are shown, in seconds, in order."""

    starts: list[Fraction]
    durations: list[Fraction]


def _ffmpeg(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [str(find_binary()), "-hide_banner", "-nostdin", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    if check and done.returncode != 0:
        raise AssertionError(done.stderr.decode(errors="replace"))
    return done


def decode(path: Path, pixel_format: str = "rgba", decoder: str | None = None) -> np.ndarray:
    """Every frame of `path` in presentation order: uint8, (frames, height, width, 4 or 3).

    Colours are converted by the matrix and range that the file is tagged with.

    Args:
        pixel_format: ``"rgba"`` or ``"rgb24"``.
        decoder: ffmpeg's name of one other than its default, e.g. ``"libvpx-vp9"`` for transparency.
    """
    before = ["-c:v", decoder] if decoder else []
    accurate = "scale=flags=accurate_rnd+full_chroma_int+full_chroma_inp"
    data = _ffmpeg(
        *("-v", "error", *before, "-i", f"file:{path}", "-map", "0:v:0", "-fps_mode", "passthrough"),
        *("-vf", f"{accurate},format={pixel_format}", "-f", "image2pipe", "-c:v", "pam", "-"),
    ).stdout
    return _frames_of_pam(data)


def _frames_of_pam(data: bytes) -> np.ndarray:
    frames = []
    start = 0
    while start < len(data):
        end = data.index(b"ENDHDR\n", start) + 7
        header = dict(line.split(b" ", 1) for line in data[start:end].splitlines() if b" " in line)
        shape = int(header[b"HEIGHT"]), int(header[b"WIDTH"]), int(header[b"DEPTH"])
        size = shape[0] * shape[1] * shape[2]
        frames.append(np.frombuffer(data, np.uint8, size, end).reshape(shape))
        start = end + size
    return np.array(frames)


def probe(path: Path) -> Probe:
    """What ffmpeg says of `path`."""
    text = _ffmpeg("-i", f"file:{path}", check=False).stderr.decode(errors="replace")

    def line(kind: str) -> str:
        found = re.search(rf"Stream #.*: {kind}: (.*)", text)
        return found[1] if found else ""

    duration = re.search(r"Duration: ([^,]+)", text)
    return Probe(line("Video"), line("Audio"), duration[1] if duration else "")


def timing(path: Path, stream: str = "v:0") -> Timing:
    """When each frame (or packet of sound, with ``"a:0"``) of `path` is shown and how long, as stored."""
    text = _ffmpeg(
        "-v", "error", "-copyts", "-i", f"file:{path}", "-map", f"0:{stream}", "-c", "copy", "-f", "framecrc", "-"
    )
    lines = text.stdout.decode().splitlines()
    base = next(Fraction(line.split(":")[1].strip()) for line in lines if line.startswith("#tb 0"))
    rows = sorted(tuple(int(x) * base for x in line.split(",")[2:4]) for line in lines if not line.startswith("#"))
    return Timing([row[0] for row in rows], [row[1] for row in rows])


def count_frames(path: Path) -> int:
    """How many frames `path` has."""
    return len(timing(path).starts)
