"""Whether two tools made the same video."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bench.tools import ffmpeg

SAME_DB = 33.0
"""Below this, two videos show different things. Measured by this bench: dots encoded by two tools that halve chroma
by different matrices, 35.5 dB, the least of all workloads; dots one frame late, 14 dB; plasma read by the wrong
matrix, under 33 dB. Slow pictures hide a late frame; their frame counts are compared too."""


def frame_count(video: Path) -> int:
    """How many frames `video` has, counted by reading them all."""
    command = [ffmpeg(), "-v", "error", "-i", video, "-map", "0:v", "-c", "copy", "-f", "framecrc", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sum(not line.startswith("#") for line in told.splitlines())


def frame_size(video: Path) -> tuple[int, int]:
    """(width, height) of `video` in pixels."""
    told = subprocess.run([ffmpeg(), "-nostdin", "-i", video], capture_output=True, text=True).stderr
    found = re.search(r"Video: .*?, (\d+)x(\d+)", told)
    if found is None:
        raise RuntimeError(f"{video} has no video:\n{told}")
    return int(found[1]), int(found[2])


def psnr(video: Path, reference: Path) -> float:
    """Peak signal to noise of all frames' RGB in dB, 99 for equal ones.

    Each file's own colour tags are honoured: untagged files were converted with BT.601, as ffmpeg does by default.
    A `video` of another size is rescaled.
    """
    width, height = frame_size(reference)
    filters = f"[0:v]scale={width}:{height},format=gbrp,settb=1/60[a];[1:v]format=gbrp,settb=1/60[b];[a][b]psnr"
    command = [ffmpeg(), "-nostdin", "-i", video, "-i", reference, "-lavfi", filters, "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.findall(r"average:(\S+)", done.stderr)
    if done.returncode or not found:
        raise RuntimeError(f"{video} cannot be compared with {reference}:\n{done.stderr[-2000:]}")
    return min(99.0, float(found[-1]))
