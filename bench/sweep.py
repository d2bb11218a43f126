"""The tuner against a sweep: whole renders with every number of workers and encoder threads, and tuned ones.

All take turns once; then the best of them and the tuned ones, some more times. What counts is wall time of the whole
process, the tuner's own learning included.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.compare import machine, run_once
from bench.tools import PANIM, environment

WORKERS = (1, 2, 3, 4)
ENCODER_THREADS = (1, 2, 3)
FINALISTS = 3
FRAMES = {"red": 240, "dots": 240, "line": 240, "sleeping": 240, "products": 240, "large": 80, "short": 20}
"""Of each workload; short is dots."""


@dataclass
class Sweep:
    """Seconds of each run."""

    workload: str
    swept: dict[str, list[float]] = field(default_factory=dict)
    """"workers x encoder threads" -> seconds."""
    first: list[float] = field(default_factory=list)
    """Tuned, nothing known."""
    later: list[float] = field(default_factory=list)
    """Tuned, with what the one before had learned."""
    first_settings: dict[str, Any] = field(default_factory=dict)
    later_began: str = ""
    """Why the later one began as it did."""

    @property
    def best(self) -> str:
        """Of those that were looked at more than once, the fastest."""
        most = max(map(len, self.swept.values()))
        return min((k for k, v in self.swept.items() if len(v) == most), key=lambda k: statistics.median(self.swept[k]))

    def share(self, tuned: list[float]) -> float:
        """Throughput as a share of the best one's."""
        return statistics.median(self.swept[self.best]) / statistics.median(tuned)


class _Runs:
    def __init__(self, workload: str, scratch: Path) -> None:
        name = "dots" if workload == "short" else workload
        self.frames, self.scratch = FRAMES[workload], scratch
        self.out = scratch / "out.mp4"
        self.command = [*PANIM.command(name, self.frames, self.out), "--overwrite"]
        self.env = environment(self.frames, scratch)

    def with_settings(self, workers: int, threads: int) -> float:
        file = self.scratch / "settings.json"
        file.write_text(json.dumps({"workers": workers, "encoder_threads": threads}))
        return run_once([*self.command, "--settings", str(file)], self.env, self.scratch / "log", 600)[0]

    def tuned(self, cache: str) -> tuple[float, dict[str, Any]]:
        env = {**self.env, "PANIM_CACHE_DIR": str(self.scratch / cache)}
        log = self.scratch / "report"
        seconds = run_once([*self.command, "--json"], env, log, 600)[0]
        report: dict[str, Any] = json.loads(log.read_text().splitlines()[-1])
        return seconds, report


def measure(workload: str, runs: int, console: Console) -> Sweep:
    """Sweep, then let the best run against the tuner."""
    sweep = Sweep(workload)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        it = _Runs(workload, Path(folder))
        every = {f"{w} x {t}": (w, t) for w in WORKERS for t in ENCODER_THREADS}
        for run in range(runs):
            for name, (workers, threads) in every.items():
                sweep.swept.setdefault(name, []).append(it.with_settings(workers, threads))
            began = time.time_ns()
            seconds, report = it.tuned(f"cache-{began}")
            sweep.first.append(seconds)
            sweep.first_settings = report["settings"]
            seconds, report = it.tuned(f"cache-{began}")
            sweep.later.append(seconds)
            sweep.later_began = "; ".join(report["measures"]["reasons"])
            if run == 0:
                ranked = sorted(sweep.swept, key=lambda name: sweep.swept[name][0])[:FINALISTS]
                every = {name: every[name] for name in ranked}
            told = f"first {sweep.first[-1]:.2f} s, later {sweep.later[-1]:.2f} s"
            console.print(f"{workload} {run + 1}/{runs}: best {sweep.best} {sweep.swept[sweep.best][-1]:.2f} s, {told}")
    return sweep


def table(sweeps: list[Sweep]) -> Table:
    """Shares of the best one's throughput."""
    shown = Table(title="whole renders, medians; share: of the throughput of the best of the sweep")
    for name in ("workload", "best: workers x threads", "s", "first tuned, s", "share", "later tuned, s", "share"):
        shown.add_column(name)
    shown.add_column("the first ended with; the later began with")
    median = statistics.median
    for s in sweeps:
        shown.add_row(
            s.workload,
            s.best,
            f"{median(s.swept[s.best]):.2f}",
            f"{median(s.first):.2f}",
            f"{s.share(s.first):.2f}",
            f"{median(s.later):.2f}",
            f"{s.share(s.later):.2f}",
            f"{s.first_settings['workers']}; {s.later_began}",
        )
    return shown


def as_json(sweeps: list[Sweep], runs: int) -> dict[str, Any]:
    """Everything, as plain data."""
    plain = [
        {**asdict(s), "best": s.best, "first_share": s.share(s.first), "later_share": s.share(s.later)} for s in sweeps
    ]
    return {"machine": machine(), "runs": runs, "sweeps": plain}
