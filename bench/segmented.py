"""What rendering in segments costs: the same workload with and without --resume, in turns."""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.compare import machine, run_once
from bench.quality import frame_count
from bench.tools import PANIM, environment


@dataclass
class Segmented:
    """Seconds of each run, and bytes of the last."""

    workload: str
    frames: int
    whole: list[float] = field(default_factory=list)
    segments: list[float] = field(default_factory=list)
    whole_cpu: list[float] = field(default_factory=list)
    segments_cpu: list[float] = field(default_factory=list)
    whole_bytes: int = 0
    segments_bytes: int = 0

    def ratio(self, name: str = "") -> float:
        """Of medians: wall time, or ``"_cpu"``."""
        median = statistics.median
        return median(getattr(self, f"segments{name}")) / median(getattr(self, f"whole{name}"))


def measure(workload: str, frames: int, runs: int, console: Console) -> Segmented:
    """The two in turn, which of them first changing from run to run."""
    found = Segmented(workload, frames)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        env = environment(frames, scratch)
        for run in range(runs):
            for name in ("whole", "segments") if run % 2 == 0 else ("segments", "whole"):
                out = scratch / f"{name}.mp4"
                out.unlink(missing_ok=True)
                command = [*PANIM.command(workload, frames, out), *(["--resume"] if name == "segments" else [])]
                wall, cpu = run_once(command, env, scratch / "log", 60 + frames)
                getattr(found, name).append(wall)
                getattr(found, f"{name}_cpu").append(cpu)
                setattr(found, f"{name}_bytes", out.stat().st_size)
                if frame_count(out) != frames:
                    raise RuntimeError(f"{name}: {frame_count(out)} frames instead of {frames}")
            console.print(
                f"{workload} {run + 1}/{runs}: {found.whole[-1]:.2f} s, in segments {found.segments[-1]:.2f} s"
            )
    return found


def table(found: list[Segmented]) -> Table:
    """Ratios of medians."""
    shown = Table("workload", "whole, s", "in segments, s", "wall", "CPU", "size", title="in segments / whole")
    for s in found:
        seconds = (f"{statistics.median(s.whole):.2f}", f"{statistics.median(s.segments):.2f}")
        size = s.segments_bytes / s.whole_bytes
        shown.add_row(s.workload, *seconds, f"{s.ratio():.3f}", f"{s.ratio('_cpu'):.3f}", f"{size:.3f}")
    return shown


def as_json(found: list[Segmented], runs: int) -> dict[str, Any]:
    """Everything, as plain data."""
    plain = [asdict(s) | {"wall_ratio": s.ratio(), "cpu_ratio": s.ratio("_cpu")} for s in found]
    return {"machine": machine(), "runs": runs, "segmented": plain}
