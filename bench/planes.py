"""CPU of encoding frames of 1920x1080 that are given to ffmpeg as they are, and as planes, by the share that changes.

    python -m bench.planes [--frames 120] [--rounds 3] [--size 1920x1080]

Of each frame, the first rows change their colour. Both ways take turns; figures are medians, of ffmpeg and of what
writes to it, in milliseconds a frame.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from panim_core.frames import FrameFormat
from panim_core.plugins import find_encoder
from panim_core.protocols import EncoderSettings
from panim_ffmpeg import choosing

SHARES = (0.0, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0)


def cpu_seconds(format: FrameFormat, share: float, count: int, as_planes: bool) -> float:
    """Of encoding `count` frames of which `share` changes from each to the next."""
    pictures = np.full((2, format.height, format.width, 4), 255, np.uint8)
    pictures[1, : round(share * format.height), :, :3] = 16, 19, 38
    choosing._MOST_CHANGED = 1.0 if as_planes else -1.0
    with (
        tempfile.TemporaryDirectory() as folder,
        find_encoder("h264").open(Path(folder) / "a.mp4", format, Fraction(60), EncoderSettings()) as session,
    ):
        writing = 0.0
        for number in range(count):
            began = time.thread_time()
            session.write(pictures[number % 2].data)
            writing += time.thread_time() - began
        return session.finish().cpu_seconds + writing


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", default="1920x1080")
    asked = parser.parse_args()
    format = FrameFormat(*map(int, asked.size.split("x")))
    print("| share that changes | as they are, ms | as planes, ms |\n|---:|---:|---:|")
    for share in SHARES:
        found: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(asked.rounds):
            for as_planes, figures in found.items():
                figures.append(1000 * cpu_seconds(format, share, asked.frames, as_planes) / asked.frames)
        before, after = (statistics.median(figures) for figures in found.values())
        print(f"| {share:.2f} | {before:.1f} | {after:.1f} |", flush=True)


if __name__ == "__main__":
    main()
