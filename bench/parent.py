"""CPU that panim's own process takes for a frame of 1920x1080, writing it to ffmpeg's pipe included."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.compare import machine
from bench.tools import PANIM, environment

FEW = 20
"""A render of so many frames costs the same start and end; the difference is that of the frames."""

_TOLD = """
import resource, sys
from panim_core import cli
try:
    cli.main(sys.argv[1:])
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime)
"""


def cpu_seconds(workload: str, frames: int) -> float:
    """Of the process itself, its children not counted."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        arguments = PANIM.command(workload, frames, scratch / "out.mp4")[3:]
        command = [sys.executable, "-c", _TOLD, *arguments]
        done = subprocess.run(command, env=environment(frames, scratch), capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure(workload: str, frames: int, runs: int, console: Console) -> dict[str, Any]:
    """Milliseconds a frame, of each run."""
    per_frame = []
    for run in range(runs):
        few, many = cpu_seconds(workload, FEW), cpu_seconds(workload, FEW + frames)
        per_frame.append(1000 * (many - few) / frames)
        console.print(
            f"{workload} {run + 1}/{runs}: {per_frame[-1]:.2f} ms a frame, {1000 * few:.0f} ms to start and end"
        )
    return {"workload": workload, "frames": frames, "ms": per_frame, "median": statistics.median(per_frame)}


def table(found: list[dict[str, Any]]) -> Table:
    """Medians."""
    shown = Table("workload", "ms of CPU a frame", title="CPU of panim's own process")
    for measured in found:
        shown.add_row(measured["workload"], f"{measured['median']:.2f}")
    return shown


def as_json(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything, as plain data."""
    return {"machine": machine(), "parent": found}
