"""`panim render` against `Animation.save` on the corpus of small animations: whole process against whole process.

::

    python -m bench.mpl_corpus --frames 300 --runs 3 --markdown docs/corpus.md

Both encode with libx264 at matplotlib's settings (preset medium, crf 23, yuv420p) and run in turn, A B A B.
Whether the frames are equal is tested by tests/mpl/test_corpus.py. `--drawing` measures drawing alone instead, in
one process: with layers against full redraws.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.tools import compile_panim

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "mpl" / "corpus"

SAVE = """
import sys, warnings, runpy
warnings.simplefilter("ignore")
import imageio_ffmpeg, matplotlib
matplotlib.rcParams["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
from matplotlib.animation import Animation
made, original = [], Animation.__init__
def remember(self, *args, **kwargs):
    original(self, *args, **kwargs)
    made.append(self)
Animation.__init__ = remember
names = runpy.run_path(sys.argv[1], run_name="__main__")
made[0].save(sys.argv[2], writer="ffmpeg", extra_args=["-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p"])
"""

DRAWING = """
import os, statistics, sys, time, warnings
warnings.simplefilter("ignore")
from panim_core import targets
source = targets.load(sys.argv[1] + ":1")
took = {"full": [], "auto": []}
for run in range(int(sys.argv[2])):
    for redraw, seconds in took.items():
        playing = source.configured(redraw=redraw)
        playing.start()
        total = 0.0
        for i in range(playing.frame_count):
            at = float(i * 1000 / playing.fps)
            playing.advance(at)
            began = time.perf_counter()
            playing.frame_at(at)
            total += time.perf_counter() - began
        playing.finish()
        seconds.append(total / playing.frame_count)
print(*(statistics.median(took[redraw]) for redraw in ("full", "auto")))
"""


def timed(command: list[str], frames: int) -> float:
    """Wall seconds of a whole process. Raises `subprocess.CalledProcessError`."""
    environment = {**os.environ, "FRAMES": str(frames), "MPLBACKEND": "agg"}
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def race(script: Path, frames: int, runs: int, folder: Path) -> tuple[float, float]:
    """Median seconds of (`Animation.save`, `panim render`)."""
    out = [str(folder / "save.mp4"), str(folder / "panim.mp4")]
    save = [sys.executable, "-c", SAVE, str(script), out[0]]
    panim = [sys.executable, "-m", "panim_core", "render", f"{script}:1", "-o", out[1], "--overwrite", "--quiet"]
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for seconds, command in zip(took, ([*save], [*panim, "--crf", "23", "--preset", "medium"]), strict=True):
            seconds.append(timed(command, frames))
    return statistics.median(took[0]), statistics.median(took[1])


def draw(script: Path, frames: int, runs: int) -> tuple[float, float]:
    """Median seconds per frame of (full redraws, layers), drawing alone, in one process."""
    environment = {**os.environ, "FRAMES": str(frames), "MPLBACKEND": "agg"}
    command = [sys.executable, "-c", DRAWING, str(script), str(runs)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    full, layers = map(float, done.stdout.split()[-2:])
    return full, layers


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.mpl_corpus", description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", help="names of scripts, separated by commas; others may be paths")
    parser.add_argument("--drawing", action="store_true", help="drawing alone, layers against full redraws")
    parser.add_argument("--markdown", type=Path, help="write the table to this file")
    args = parser.parse_args()
    chosen = args.only.split(",") if args.only else sorted(path.stem for path in CORPUS.glob("*.py"))
    unit, heads = ("ms", ("full redraw", "layers")) if args.drawing else ("s", ("Animation.save", "panim"))
    compile_panim()
    lines = [f"| animation | {heads[0]}, {unit} | {heads[1]}, {unit} | times faster |", "|---|---|---|---|"]
    print(*lines, sep="\n", flush=True)
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            script = Path(name) if name.endswith(".py") else CORPUS / f"{name}.py"
            measure = (
                draw(script, args.frames, args.runs)
                if args.drawing
                else race(script, args.frames, args.runs, Path(folder))
            )
            before, after = (1000 * m if args.drawing else m for m in measure)
            ratios.append(before / after)
            lines.append(f"| {script.stem} | {before:.2f} | {after:.2f} | {ratios[-1]:.2f} |")
            print(lines[-1], flush=True)
    lines.append(f"| median of {len(ratios)}, {args.frames} frames | | | {statistics.median(ratios):.2f} |")
    print(lines[-1])
    if args.markdown:
        args.markdown.write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
