"""From how much drawing on a second worker pays: the same clip with one and with two, in turns, as Markdown.

    python -m bench.starts [--runs 5]

Frames are drawn by waiting, so that cores do not matter; the encoder takes them at once. `WORTH_STARTS` of
`panim_core.autotune.before` is the least drawing, in multiples of what a worker's start takes, from which on two are
not slower.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from panim_core import FrameGenerator, RenderReport, RenderSettings, produce

FRAMES = 20
DRAWING = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds, of all frames together."""


class Waiting(FrameGenerator):
    """Twenty frames, each of which takes `seconds`."""

    duration, frame_size, fps = FRAMES * 100, (64, 64), 10

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def generate_at(self, time_ms: float) -> bytes:
        """A black frame."""
        time.sleep(self.seconds)
        return b"\0\0\0\xff" * (64 * 64)


def render(seconds: float, workers: int, folder: Path) -> RenderReport:
    """Draw for so many seconds in all."""
    source, settings = Waiting(seconds / FRAMES), RenderSettings(workers=workers)
    return produce(source, folder / "out.mp4", overwrite=True, settings=settings, preset="ultrafast")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    print("| drawing, s | in starts | 1 worker, s | 2 workers, s |\n|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        start = statistics.median(render(0.01, 1, Path(folder)).stage_seconds["start"] for _ in range(asked.runs))
        for seconds in DRAWING:
            pairs = [[render(seconds, n, Path(folder)).wall_seconds for n in (1, 2)] for _ in range(asked.runs)]
            one, two = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(f"| {seconds:.2f} | {seconds / start:.2f} | {one:.3f} | {two:.3f} |", flush=True)


if __name__ == "__main__":
    main()
