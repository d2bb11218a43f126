"""Memory of a render: the most that all its processes take together, for few frames and for many."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.compare import machine
from bench.tools import PANIM, environment

_LOOK_SECONDS = 0.1
FAST = ("--preset", "ultrafast", "--workers", "2")
"""Memory is what is measured: the quickest way to many frames, and as many workers each time."""


@dataclass(frozen=True)
class Memory:
    """Of one render of red at 1920x1080."""

    frames: int
    peak_bytes: int
    """Of panim, its workers and ffmpeg; what they share counts once."""
    parent_bytes: int
    """Of panim's own process, slots not counted."""
    seconds: float


def measure(frames: Sequence[int], runs: int, console: Console) -> list[Memory]:
    """For each number of frames the run with the median peak, all in turn: ffmpeg's own memory goes up and down."""
    found = [[_once(count, console) for count in frames] for _ in range(runs)]
    return [sorted(of_one, key=lambda run: run.peak_bytes)[runs // 2] for of_one in zip(*found, strict=True)]


def _once(frames: int, console: Console) -> Memory:
    """Render, looking at all processes ten times a second."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        command = [*PANIM.command("red", frames, scratch / "out.mp4"), *FAST]
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment(frames, scratch), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        peak = parent = 0
        try:
            while process.poll() is None:
                family, own = _taken(process.pid)
                peak, parent = max(peak, family), max(parent, own)
                time.sleep(_LOOK_SECONDS)
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
        found = Memory(frames, peak, parent, time.perf_counter() - began)
    console.print(f"{frames} frames: {found.peak_bytes / 1e6:.1f} MB in {found.seconds:.0f} s")
    return found


def _taken(pid: int) -> tuple[int, int]:
    """(bytes of the process and its descendants, bytes that are the process's alone)."""
    total = own = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        own = parent.memory_full_info().uss
        for process in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                total += process.memory_full_info().pss
    return total, own


def table(found: list[Memory]) -> Table:
    """The peaks, and how they compare with the first."""
    shown = Table(title="red, 1920x1080: peak memory of all processes together")
    for name in ("frames", "MB", "ratio", "parent alone, MB", "frames/s"):
        shown.add_column(name, justify="right")
    for m in found:
        ratio = m.peak_bytes / found[0].peak_bytes
        figures = (
            f"{m.peak_bytes / 1e6:.1f}",
            f"{ratio:.3f}",
            f"{m.parent_bytes / 1e6:.1f}",
            f"{m.frames / m.seconds:.1f}",
        )
        shown.add_row(str(m.frames), *figures)
    return shown


def as_json(found: list[Memory]) -> dict[str, Any]:
    """Everything, as plain data."""
    return {"machine": machine(), "memory": [asdict(m) for m in found]}
