"""What a render takes: counted while it runs, for the tuner, the progress bar and the report."""

from __future__ import annotations

import statistics
import time
from typing import Any

from panim_core.autotune.window import alone
from panim_core.execution.durations import Durations
from panim_core.execution.writer import Writer


class Meter:
    """Begins when made. Seconds of CPU are those of workers."""

    def __init__(self) -> None:
        self.began = self.last_written_at = time.monotonic()
        self.first_drawn_at: float | None = None
        self.most_workers = 0
        self.draws = Durations()
        self.replay_seconds = 0.0
        """How long bringing sequential sources to their frames took; not a part of `draws`."""
        self.cpu_seconds = 0.0
        self.thread_seconds = 0.0
        """CPU of the threads that draw."""
        self.queued_seconds = 0.0
        """They wanted to compute and waited for a core."""
        self._starts: list[float] = []

    def started(self, seconds: float, ready: int) -> None:
        """A worker is ready after so many seconds, and `ready` are with it."""
        self._starts.append(seconds)
        self.most_workers = max(self.most_workers, ready)

    def drew(self, now: float, times: tuple[float, float, float, float], replay_seconds: float) -> None:
        """A frame; `times` are seconds in all, CPU, CPU of its thread, and waiting for a core."""
        seconds, cpu, thread, queued = times
        self.first_drawn_at = self.first_drawn_at or now
        self.draws.add(seconds - replay_seconds)
        self.replay_seconds += replay_seconds
        self.cpu_seconds += cpu
        self.thread_seconds += thread
        self.queued_seconds += queued

    @property
    def start_seconds(self) -> float:
        """That a worker took to start, on average; 0 if none has."""
        return statistics.fmean(self._starts) if self._starts else 0.0

    def figures(self, writer: Writer | None) -> dict[str, Any]:
        """For `SegmentResult.measures`."""
        now, draws = time.monotonic(), self.draws
        return {
            "start_seconds": (self.first_drawn_at or now) - self.began,
            "draw_seconds": draws.total,
            "replay_seconds": self.replay_seconds,
            "draw_wait_seconds": writer.wait_seconds if writer else 0.0,
            "encode_seconds": writer.write_seconds if writer else 0.0,
            "finish_seconds": now - self.last_written_at,
            "render_ms_mean": 1000 * draws.mean,
            "render_ms_p95": 1000 * draws.quantile(0.95),
            "workers": self.most_workers,
            "bottleneck": bottleneck(writer),
            "worker_cpu_seconds": self.cpu_seconds,
            "worker_start_seconds": self.start_seconds,
            "draw_alone_seconds": alone(draws.total + self.replay_seconds, self.queued_seconds) / max(1, draws.count),
        }


def bottleneck(writer: Writer | None) -> str:
    """Which side the other waits for."""
    if writer is None:
        return "drawing"
    total = writer.wait_seconds + writer.write_seconds
    share = writer.wait_seconds / total if total else 0.5
    return "drawing" if share > 0.6 else "encoding" if share < 0.4 else "balanced"
