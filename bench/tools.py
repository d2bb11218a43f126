"""The tools that are compared: panim, and each peer in a virtual environment of its own."""

from __future__ import annotations

import compileall
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from bench import drawings

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venv-bench"


@dataclass(frozen=True)
class Tool:
    """One way to render a workload.

    Attributes:
        requirements: for pip, one list for each run of it; empty for panim, which runs as it is checked out.
        script: in bench/peers.
        variant: for panim, which of its sources of the workload; see `bench/figures.py`.
    """

    name: str
    script: str = ""
    requirements: tuple[tuple[str, ...], ...] = ()
    only_matplotlib: bool = False
    variant: str = ""

    def can(self, workload: str) -> bool:
        """Whether it can render that workload."""
        return workload in ("line", "multi") or not self.only_matplotlib

    def install(self) -> None:
        """Make its environment unless it is there."""
        if not self.requirements:
            return
        folder = ENVIRONMENTS / self.name
        stamp = folder / hashlib.sha256(repr(self.requirements).encode()).hexdigest()[:16]
        if stamp.exists():
            return
        print(f"installing {self.name} into {folder.relative_to(ROOT)}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        for requirements in self.requirements:
            subprocess.run([*pip, *requirements], check=True)
        stamp.touch()

    def command(self, workload: str, frames: int, out: Path) -> list[str]:
        """What to run."""
        if not self.requirements:
            encoding = ["--fps", "60", "--crf", "23", "--preset", "medium", "--pixel-format", "yuv420p"]
            file = "figures.py" if workload in drawings.MATPLOTLIB else "workloads.py"
            target = f"{ROOT / 'bench' / file}:{workload}{self.variant}"
            return [sys.executable, "-m", "panim_core", "render", target, "-o", str(out), *encoding, "--quiet"]
        python = str(ENVIRONMENTS / self.name / "bin" / "python")
        return [python, str(ROOT / "bench" / "peers" / self.script), workload, str(frames), str(out)]


PANIM = Tool("panim")
PEERS: Sequence[Tool] = (
    Tool("pympanim", "pympanim_peer.py", (("pympanim==0.1.1", "numpy", "matplotlib>=3.11"),)),
    Tool("moviepy", "moviepy_peer.py", (("moviepy==2.2.1", "matplotlib>=3.11"),)),
    Tool("matplotlib", "matplotlib_peer.py", (("matplotlib>=3.11",),), only_matplotlib=True),
    # Without its dependencies: it names torch, which it does not use to draw and to encode on the processor.
    Tool(
        "parallel",
        "parallel_peer.py",
        (
            ("--no-deps", "parallel-matplotlib-animation==0.1.4", "parallel-video-io==0.1.9"),
            ("matplotlib>=3.11", "tqdm", "imageio", "imageio-ffmpeg"),
        ),
        only_matplotlib=True,
    ),
)
PANIM_KEPT = Tool("panim-kept", only_matplotlib=True, variant="_kept")
TOOLS = {tool.name: tool for tool in (PANIM, PANIM_KEPT, *PEERS)}


def compile_panim() -> None:
    """Make panim's bytecode, as pip does for what it installs: the peers have theirs, wherever Python writes none."""
    for package in ("panim_core", "panim_pil", "panim_mpl", "panim_ffmpeg"):
        compileall.compile_dir(ROOT / package, quiet=2)


def ffmpeg() -> Path:
    """The ffmpeg that every tool uses."""
    return Path(imageio_ffmpeg.get_ffmpeg_exe())


def environment(frames: int, scratch: Path) -> dict[str, str]:
    """The environment of every tool: one ffmpeg for all, found by each in its own way."""
    binary = ffmpeg()
    path = scratch / "bin"
    path.mkdir(exist_ok=True)
    link = path / "ffmpeg"
    if not link.exists():
        link.symlink_to(binary)
    return {
        **os.environ,
        "PATH": f"{path}{os.pathsep}{os.environ.get('PATH', '')}",
        "FFMPEG_BINARY": str(binary),
        "IMAGEIO_FFMPEG_EXE": str(binary),
        "PANIM_FFMPEG": str(binary),
        "PANIM_BENCH_FRAMES": str(frames),
        "PANIM_CACHE_DIR": str(scratch / "cache"),
        "PYTHONPATH": str(ROOT / "bench"),
        "MPLBACKEND": "agg",
    }
