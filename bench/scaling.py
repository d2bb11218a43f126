"""How a render scales with cores, by the simulation that also tests the tuner: from 1 to 1024, as Markdown.

    python -m bench.scaling > table.md

Costs per frame are those of the workloads at 1920x1080, in CPU seconds, as measured on two cores; x264 is given at
most 16 threads' worth of cores (more cost quality), and the parent 3 ms a frame for feeding the encoder. On each
machine the tuner decides; the number of workers is the one it comes to.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from simulation import ENDLESS, Costs, Model, Render, start_choice

CORES = [2**n for n in range(11)]
ENCODER_THREADS = 16
PARENT = 0.003
JOBS = {
    "red, medium": Costs(0.0015, 0, 0.045, PARENT),
    "dots, medium": Costs(0.005, 0, 0.065, PARENT),
    "line, medium": Costs(0.036, 0, 0.022, PARENT),
    "multi, medium": Costs(0.085, 0, 0.030, PARENT),
    "2 s a frame": Costs(2.0, 0, 0.030, PARENT),
    "30 ms asleep": Costs(0.001, 0.030, 0.022, PARENT),
}


@dataclass
class Point:
    """What one machine comes to."""

    cores: int
    workers: int
    speed: float
    limit: str


def settled(costs: Costs, cores: int) -> Point:
    """Frames per second and workers when the tuner has come to rest."""
    model = Model(cores=cores, costs=costs, encoder_threads=min(ENCODER_THREADS, max(1, cores * 3 // 2)), jitter=0.1)
    render = Render(model, ENDLESS, start_choice(model), tuned=True).run_windows(30)
    first, count = len(render.written_at), max(300, 6 * render.scheduler.target)
    render.run_frames(count + 1)
    return Point(cores, render.scheduler.target, render.speed(first, first + count), limited_by(model))


def limited_by(model: Model) -> str:
    """Which of them all is the least."""
    c = model.costs
    workers = start_choice(model).max_workers
    limits = {
        "cores": model.cores / (c.draw_cpu + c.encode_cpu + c.write_cpu),
        "encoder": min(model.encoder_threads, model.cores) / c.encode_cpu,
        "feeding the encoder": 1 / c.write_cpu,
        "workers": workers / (c.draw_cpu + c.draw_wait),
    }
    return min(limits, key=lambda name: limits[name])


def main() -> None:
    """Print a table for each job."""
    for name, costs in JOBS.items():
        told = f"draw {1000 * costs.draw_cpu:g} ms"
        if costs.draw_wait:
            told += f" and {1000 * costs.draw_wait:g} ms of waiting"
        print(f"\n{name}: {told}, encode {1000 * costs.encode_cpu:g} ms\n")
        print("| cores | workers | frames/s | times one core | limited by |\n|---:|---:|---:|---:|---|")
        one = None
        for cores in CORES:
            point = settled(costs, cores)
            one = one or point.speed
            print(
                f"| {cores} | {point.workers} | {point.speed:.1f} | {point.speed / one:.1f} | {point.limit} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
