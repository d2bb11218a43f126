"""panim against its peers, turn by turn: whole process against whole process."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import quality
from bench.drawings import SIZE
from bench.tools import PANIM, Tool, environment


@dataclass
class Result:
    """What one tool did on one workload.

    Attributes:
        seconds: wall time of each run, start of the process to its end.
        cpu_seconds: user and system time of each run, children included.
        psnr_db: of its video against panim's; None for panim's own.
    """

    workload: str
    tool: str
    frames: int
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    frame_count: int = 0
    output_bytes: int = 0
    frame_size: tuple[int, int] = SIZE
    psnr_db: float | None = None

    @property
    def median_seconds(self) -> float:
        return statistics.median(self.seconds)

    @property
    def problems(self) -> list[str]:
        """Why the comparison would not be fair."""
        found = []
        if self.frame_count != self.frames:
            found.append(f"{self.frame_count} frames instead of {self.frames}")
        if self.psnr_db is not None and self.psnr_db < quality.SAME_DB:
            found.append(f"looks different from panim's: {self.psnr_db:.1f} dB")
        return found

    @property
    def notes(self) -> list[str]:
        """The problems, and what does not spoil the comparison."""
        resized = [] if self.frame_size == SIZE else [f"resized to {self.frame_size[0]}x{self.frame_size[1]}"]
        return [*self.problems, *resized]


def run_once(command: Sequence[str], env: dict[str, str], log: Path, timeout: float) -> tuple[float, float]:
    """Run `command`; (wall seconds, CPU seconds with children). Raises `RuntimeError` with the end of its output."""
    with log.open("wb") as out:
        begin = time.perf_counter()
        before = os.times()
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        # `wait(timeout)` looks only every 50 ms, which is a quarter of a short clip.
        watch = threading.Timer(timeout, process.kill)
        watch.start()
        try:
            status = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            watch.cancel()
        wall = time.perf_counter() - begin
        after = os.times()
    if status:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise RuntimeError(f"{' '.join(command)} ended with {status}:\n{tail}")
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, used


def contest(workload: str, tools: Sequence[Tool], frames: int, runs: int, console: Console) -> list[Result]:
    """Let `tools`, panim first, render `workload` in turn, `runs` times each."""
    results = {tool.name: Result(workload, tool.name, frames) for tool in tools}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        env = environment(frames, scratch)
        for run in range(runs):
            for tool in tools:
                out = scratch / f"{tool.name}.mp4"
                out.unlink(missing_ok=True)
                wall, cpu = run_once(tool.command(workload, frames, out), env, scratch / "log", 60 + frames)
                results[tool.name].seconds.append(wall)
                results[tool.name].cpu_seconds.append(cpu)
                console.print(f"{workload} {run + 1}/{runs} {tool.name}: {wall:.2f} s, {cpu:.2f} s of CPU")
        for tool in tools:
            out, result = scratch / f"{tool.name}.mp4", results[tool.name]
            result.frame_count = quality.frame_count(out)
            result.frame_size = quality.frame_size(out)
            result.output_bytes = out.stat().st_size
            if tool is not PANIM and PANIM in tools:
                result.psnr_db = quality.psnr(out, scratch / f"{PANIM.name}.mp4")
    return list(results.values())


def table(results: Sequence[Result]) -> Table:
    """The results with ratios: how many times as fast as each tool panim was."""
    shown = Table(title="medians; ratio: how many times as long as panim's")
    shown.add_column("workload")
    shown.add_column("tool")
    for name in ("seconds", "ms/frame", "ratio", "CPU s", "MB", "frames", "PSNR dB"):
        shown.add_column(name, justify="right")
    shown.add_column("notes")
    own = {r.workload: r.median_seconds for r in results if r.tool == PANIM.name}
    for result in results:
        seconds = result.median_seconds
        ratio = f"{seconds / own[result.workload]:.2f}" if result.workload in own else ""
        shown.add_row(
            result.workload,
            result.tool,
            f"{seconds:.2f}",
            f"{1000 * seconds / result.frames:.1f}",
            ratio,
            f"{statistics.median(result.cpu_seconds):.1f}",
            f"{result.output_bytes / 1e6:.2f}",
            str(result.frame_count),
            "" if result.psnr_db is None else f"{result.psnr_db:.1f}",
            "; ".join(result.notes),
        )
    return shown


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cores": cores, "system": platform.platform(), "python": platform.python_version()}


def as_json(results: Sequence[Result], frames: int, runs: int) -> dict[str, Any]:
    """Everything, as plain data."""
    plain = [{**asdict(r), "median_seconds": r.median_seconds, "problems": r.problems} for r in results]
    return {"machine": machine(), "frames": frames, "runs": runs, "results": plain}
