"""How close panim comes to the machine's limit: wall / (draw_only + encode_only).

draw_only: all frames drawn by one process per core, nothing encoded, start-up left out.
encode_only: ffmpeg given the same frames from memory, nothing drawn.
"""

from __future__ import annotations

import mmap
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import drawings
from bench.compare import machine, run_once
from bench.tools import PANIM, ROOT, environment, ffmpeg

NBYTES = drawings.SIZE[0] * drawings.SIZE[1] * 4


@dataclass
class Limit:
    """One workload's measures, each run's seconds."""

    workload: str
    frames: int
    draw_only: list[float] = field(default_factory=list)
    encode_only: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """At most 1 for a pipeline that wastes nothing."""
        median = statistics.median
        return median(self.wall) / (median(self.draw_only) + median(self.encode_only))


def draw_share(workload: str, first: int, step: int, memory: int | None) -> None:
    """Draw every `step`-th frame from `first` on; keep the pixels in the file descriptor `memory` if one is given.

    Says when it is ready, waits for a line, and says when it is done.
    """
    os.environ.setdefault("PANIM_BENCH_FRAMES", "300")
    from bench import workloads
    from panim_core.drawing import place

    source = workloads.find(workload)
    source.start()
    moments = [i * 1000 / drawings.FPS for i in range(workloads.FRAMES)]
    _drawn(source.frame_at(0))
    print("ready", flush=True)
    sys.stdin.readline()
    if memory is None:
        for moment in moments[first::step]:
            _drawn(source.frame_at(moment))
    else:
        import numpy as np

        with mmap.mmap(memory, NBYTES * len(moments)) as raw:
            frames = np.frombuffer(raw, np.uint8).reshape(len(moments), drawings.SIZE[1], drawings.SIZE[0], 4)
            for index in range(first, len(moments), step):
                place(source.frame_at(moments[index]), frames[index])
            del frames
    print("done", flush=True)


def _drawn(frame: Any) -> None:
    """Draw what is not yet pixels: a figure."""
    if hasattr(frame, "savefig"):
        drawings.agg(frame)


def draw(workload: str, env: dict[str, str], memory: int | None = None) -> float:
    """Seconds of drawing all frames in one process per core."""
    cores = machine()["cores"]
    share = "import sys; from bench.limit import draw_share as d; a = sys.argv; "
    share += "d(a[1], int(a[2]), int(a[3]), int(a[4]) if a[4] else None)"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", share, workload, str(i), str(cores), "" if memory is None else str(memory)],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=() if memory is None else (memory,),
        )
        for i in range(cores)
    ]
    try:
        _expect(processes, "ready")
        begin = time.perf_counter()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        _expect(processes, "done")
        return time.perf_counter() - begin
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _expect(processes: Sequence[subprocess.Popen[str]], word: str) -> None:
    for process in processes:
        assert process.stdout is not None
        line = process.stdout.readline()
        if line.strip() != word:
            raise RuntimeError(f"a drawing process said {line!r} instead of {word!r}")


def encode(memory: int, out: Path) -> float:
    """Seconds of ffmpeg encoding the raw frames in the file descriptor `memory`."""
    os.lseek(memory, 0, os.SEEK_SET)
    size = f"{drawings.SIZE[0]}x{drawings.SIZE[1]}"
    raw = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", size, "-r", str(drawings.FPS), "-i", "pipe:0"]
    colours = ["-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p"]
    codec = ["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-movflags", "+faststart"]
    begin = time.perf_counter()
    subprocess.run([ffmpeg(), "-v", "error", "-y", *raw, *colours, *codec, out], stdin=memory, check=True)
    return time.perf_counter() - begin


def measure(workload: str, frames: int, runs: int, console: Console) -> Limit:
    """Measure one workload, the three in turn."""
    _check_memory(frames)
    limit = Limit(workload, frames)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        env = environment(frames, scratch)
        memory = os.memfd_create("bench")
        try:
            os.ftruncate(memory, NBYTES * frames)
            draw(workload, env, memory)
            for run in range(runs):
                limit.draw_only.append(draw(workload, env))
                limit.encode_only.append(encode(memory, scratch / "limit.mp4"))
                out = scratch / "panim.mp4"
                out.unlink(missing_ok=True)
                wall, _ = run_once(PANIM.command(workload, frames, out), env, scratch / "log", 60 + frames)
                limit.wall.append(wall)
                console.print(
                    f"{workload} {run + 1}/{runs}: draw {limit.draw_only[-1]:.2f} s, "
                    f"encode {limit.encode_only[-1]:.2f} s, panim {wall:.2f} s"
                )
        finally:
            os.close(memory)
    return limit


def _check_memory(frames: int) -> None:
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if NBYTES * frames > 0.7 * free:
        raise SystemExit(f"{frames} frames need {NBYTES * frames / 1e9:.1f} GB of free memory; use --frames for fewer")


def table(limits: Sequence[Limit]) -> Table:
    """The limits with ratios."""
    shown = Table(title="medians in seconds; ratio: panim / (draw only + encode only)")
    shown.add_column("workload")
    for name in ("draw only", "encode only", "panim", "ratio"):
        shown.add_column(name, justify="right")
    for limit in limits:
        seconds = (statistics.median(part) for part in (limit.draw_only, limit.encode_only, limit.wall))
        shown.add_row(limit.workload, *(f"{s:.2f}" for s in seconds), f"{limit.ratio:.2f}")
    return shown


def as_json(limits: Sequence[Limit], frames: int, runs: int) -> dict[str, Any]:
    """Everything, as plain data."""
    plain = [{**asdict(limit), "ratio": limit.ratio} for limit in limits]
    return {"machine": machine(), "frames": frames, "runs": runs, "limits": plain}
