"""What ffmpeg takes to turn frames of 1920x1080 from RGB into 4:2:0, for flags of its scaler, as Markdown.

    python -m bench.conversion [--frames 200] [--rounds 3]

The flags take turns; each figure is a median, reading the frames included. Likeness is to a conversion in floating
point that averages four pixels' chroma: the root of the mean squared error, in steps of 1/255, of the chroma planes.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from bench import drawings
from bench.encoder_threads import drawn
from bench.tools import ffmpeg

FLAGS = (
    "area",
    "area+full_chroma_inp",
    "area+full_chroma_inp:threads=1",
    "bicubic",
    "bicubic+full_chroma_inp",
    "bilinear",
    "neighbor",
)
WIDTH, HEIGHT = drawings.SIZE


def converted(flags: str, memory: int, output: Sequence[str]) -> tuple[float, float, bytes]:
    """CPU seconds, wall seconds and what was written."""
    os.lseek(memory, 0, os.SEEK_SET)
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb0", "-s", f"{WIDTH}x{HEIGHT}", "-r", "60", "-i", "pipe:0"]
    scale = f"scale=out_color_matrix=bt709:out_range=tv:flags={flags},format=yuv420p"
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [ffmpeg(), "-v", "error", *raw, "-vf", scale, *output], stdin=memory, stdout=subprocess.PIPE, check=True
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return used, wall, done.stdout


def error(planes: bytes, frame: Any) -> float:
    """Of the chroma planes of one frame."""
    red, green, blue = (
        np.frombuffer(frame, np.uint8).reshape(HEIGHT, WIDTH, 4)[..., i].astype(float) for i in range(3)
    )
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # ITU-R BT.709
    wanted = []
    for difference, scale in ((blue - luma, 1.8556), (red - luma, 1.5748)):
        halved = difference.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3))
        wanted.append(128 + 224 / 255 * halved / scale)
    chroma = np.frombuffer(planes, np.uint8)[WIDTH * HEIGHT :].reshape(2, HEIGHT // 2, WIDTH // 2)
    return float(np.sqrt(np.mean((chroma - np.stack(wanted)) ** 2)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    frames = drawn("dots", asked.frames)
    memory = os.memfd_create("bench")
    with os.fdopen(os.dup(memory), "wb") as stream:
        for frame in frames:
            stream.write(frame)
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(asked.rounds):
        for flags in FLAGS:
            found.setdefault(flags, []).append(converted(flags, memory, ["-f", "null", "-"])[:2])
    print("| flags | CPU ms/frame | wall ms/frame | chroma error |\n|---|---:|---:|---:|")
    for flags in FLAGS:
        cpu, wall = (1000 * statistics.median(column) / asked.frames for column in zip(*found[flags], strict=True))
        planes = converted(flags, memory, ["-frames:v", "1", "-f", "rawvideo", "-"])[2]
        print(f"| {flags} | {cpu:.1f} | {wall:.1f} | {error(planes, frames[0]):.3f} |")


if __name__ == "__main__":
    main()
