"""What a clip of ten small frames costs by the command line, against what cannot be done without.

Those are a Python that imports numpy and Pillow, and ffmpeg encoding the ten frames.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.compare import machine, run_once
from bench.tools import environment, ffmpeg

CLIP = """
from PIL import Image
import panim_core

@panim_core.animation(duration=1000, frame_size=(64, 64))
def clip(time_ms):
    return Image.new("RGB", (64, 64), (round(time_ms / 4), 0, 0))
"""
FRAMES = 10


@dataclass
class Fixed:
    """Seconds of each run."""

    imports: list[float] = field(default_factory=list)
    encoding: list[float] = field(default_factory=list)
    panim: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How often what is needed anyway."""
        return statistics.median(self.panim) / (statistics.median(self.imports) + statistics.median(self.encoding))


def measure(runs: int) -> Fixed:
    """The three in turn."""
    fixed = Fixed()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        env = environment(FRAMES, scratch)
        (scratch / "clip.py").write_text(CLIP)
        raw, out = scratch / "frames.rgba", scratch / "out.mp4"
        raw.write_bytes(b"\x80" * (64 * 64 * 4 * FRAMES))
        given = ["-v", "error", "-f", "rawvideo", "-pix_fmt", "rgba", "-s", "64x64", "-r", "10", "-i", str(raw)]
        encode = [str(ffmpeg()), "-y", *given, "-pix_fmt", "yuv420p", "-c:v", "libx264", str(out)]
        command = [sys.executable, "-m", "panim_core", "render", str(scratch / "clip.py"), "-o", str(out)]
        command += ["--fps", "10", "--overwrite", "--quiet"]
        subprocess.run(command, env=env, check=True)
        for _ in range(runs):
            fixed.imports.append(
                run_once([sys.executable, "-c", "import numpy, PIL.Image"], env, scratch / "log", 60)[0]
            )
            fixed.encoding.append(run_once(encode, env, scratch / "log", 60)[0])
            fixed.panim.append(run_once(command, env, scratch / "log", 60)[0])
    return fixed


def table(fixed: Fixed) -> Table:
    """Medians, and the ratio."""
    shown = Table(title=f"{FRAMES} frames of 64x64, medians in ms; ratio: panim / (imports + encoding)")
    for name in ("imports", "encoding", "panim", "ratio"):
        shown.add_column(name, justify="right")
    medians = (statistics.median(part) for part in (fixed.imports, fixed.encoding, fixed.panim))
    shown.add_row(*(f"{1000 * seconds:.0f}" for seconds in medians), f"{fixed.ratio:.2f}")
    return shown


def as_json(fixed: Fixed, runs: int, console: Console | None = None) -> dict[str, Any]:
    """Everything, as plain data."""
    return {"machine": machine(), "runs": runs, **asdict(fixed), "ratio": fixed.ratio}
