"""How many threads to give x264: CPU, wall seconds, size, and likeness for each number of threads.

    python -m bench.encoder_threads [--frames 90] [--rounds 3] [--workloads red,dots,line]

Frames are drawn once and kept in memory; the encoder alone is measured. The numbers of threads take turns in every
round, and each figure is a median. `None` leaves the number to x264: one and a half for each core. That is what a
render does: the others gain too little to change what is in a file behind its user's back. `panim tune` measures
them for one source, and `--settings` asks for a number.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import drawings, workloads
from panim_core import plugins
from panim_core.drawing import to_array
from panim_core.execution.machine import usable_cores
from panim_core.frames import FrameFormat
from panim_core.protocols import EncoderSettings

WIDTH, HEIGHT = drawings.SIZE


def drawn(workload: str, count: int) -> list[memoryview]:
    """The first frames of a workload, as an encoder takes them."""
    source = workloads.find(workload)
    source.start()
    frames = [to_array(source.frame_at(i * 1000 / drawings.FPS), (WIDTH, HEIGHT)) for i in range(count)]
    return [frame.data.cast("B") for frame in frames]


def encode(frames: list[memoryview], threads: int | None, folder: Path) -> tuple[float, float, int]:
    """Encode them; CPU seconds, wall seconds, bytes."""
    path = folder / "out.mp4"
    began = time.perf_counter()
    settings = EncoderSettings(threads=threads)
    with plugins.find_encoder("h264").open(path, FrameFormat(WIDTH, HEIGHT), Fraction(60), settings) as session:
        for frame in frames:
            session.write(frame)
        facts = session.finish()
    seconds, size = time.perf_counter() - began, path.stat().st_size
    path.unlink()
    return facts.cpu_seconds, seconds, size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=90)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workloads", default="red,dots,line")
    asked = parser.parse_args()
    cores = usable_cores()
    choices = [None, *sorted({1, cores, *(n for n in (2, 3, 4) if n <= 2 * cores)})]
    table = Table("workload", "threads", "CPU ms/frame", "wall ms/frame", "kB", title=f"{cores} cores", box=None)
    for workload in asked.workloads.split(","):
        frames = drawn(workload, asked.frames)
        found: dict[int | None, list[tuple[float, float, int]]] = defaultdict(list)
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(asked.rounds):
                for threads in choices:
                    found[threads].append(encode(frames, threads, Path(folder)))
        for threads in choices:
            cpu, wall, size = (statistics.median(column) for column in zip(*found[threads], strict=True))
            per = 1000 / asked.frames
            table.add_row(workload, str(threads), f"{cpu * per:.1f}", f"{wall * per:.1f}", f"{size / 1000:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
