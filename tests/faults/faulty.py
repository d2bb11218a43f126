"""Clips that misbehave, ways to render them, and what must be true afterwards whatever went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from panim_ffmpeg.binary import find_binary

RAW_PLUGIN = Path(__file__).resolve().parent.parent / "plugins" / "rawvideo"

WIDTH, HEIGHT = 64, 48
FRAME_BYTES = WIDTH * HEIGHT * 4
OLD = b"what was there before"

HEAD = """
import ctypes, os, signal, sys, time
from pathlib import Path
import panim_core

HERE = Path({here!r})

def times(what):
    "How often this was called for `what`, in all processes together, this time included."
    with open(HERE / f"times-{{what}}", "ab", 0) as file:
        file.write(b"x")
        return file.tell()
"""

CLIP = """
@panim_core.animation(duration={frames} * 100, frame_size=({width}, {height}), fps=10)
def clip(time_ms):
    index = round(time_ms / 100)
    attempt = times(index)
{body}
    return bytes((index % 256, index // 256, 7, 255)) * ({width} * {height})
"""

PRODUCE = """
try:
    report = panim_core.produce(clip, {output!r}, overwrite=True, {options})
except panim_core.PanimError as error:
    print(f"panim: {{error}}", file=sys.stderr)
    sys.exit(1)
print(report.to_json())
"""

POSE = """#!/bin/bash
if [[ " $* " == *" -encoders "* ]]; then exec "{real}" "$@"; fi
real="{real}"
"""


def frame(index: int) -> bytes:
    """What the clip draws at `index`."""
    return bytes((index % 256, index // 256, 7, 255)) * (WIDTH * HEIGHT)


class Faulty:
    """A folder with a clip that misbehaves, and renders of it."""

    def __init__(self, folder: Path, panim: Callable[..., subprocess.CompletedProcess[str]]) -> None:
        self.folder, self._panim = folder, panim

    # ---- clips

    def clip(self, body: str = "", *, frames: int = 10, name: str = "clip.py", width: int = WIDTH) -> Path:
        """A clip whose frame function runs `body` first; it knows `index`, `attempt`, `time_ms` and `times`."""
        lines = textwrap.indent(textwrap.dedent(body), "    ")
        head = HEAD.format(here=str(self.folder))
        return self.script(head + CLIP.format(body=lines, frames=frames, width=width, height=HEIGHT), name)

    def script(self, text: str, name: str = "clip.py") -> Path:
        """A script as it is, but for `HERE` and `times`, which are at hand in it."""
        path = self.folder / name
        if "def times" not in text:
            text = HEAD.format(here=str(self.folder)) + textwrap.dedent(text)
        path.write_text(text)
        return path

    def drawn(self, what: object) -> int:
        """How often `times(what)` was called."""
        path = self.folder / f"times-{what}"
        return path.stat().st_size if path.exists() else 0

    # ---- renders

    def render(
        self, *options: str, output: str = "out.mp4", env: Mapping[str, str | None] | None = None, deadline: float = 45
    ) -> subprocess.CompletedProcess[str]:
        """`panim render clip.py -o OUTPUT OPTIONS`; fails past the deadline."""
        return self._panim("render", "clip.py", "-o", output, *options, env=self._env(env), timeout=deadline)

    def produce(self, options: str = "", *, output: str = "out.mp4", deadline: float = 45, **env: str):
        """Run the clip's script with a call of `panim_core.produce` at its end, where `options` are keywords."""
        script = self.folder / "produce.py"
        script.write_text((self.folder / "clip.py").read_text() + PRODUCE.format(output=output, options=options))
        return self.run(sys.executable, script, env=env, deadline=deadline)

    def run(
        self, *command: str | Path, env: Mapping[str, str | None] | None = None, deadline: float = 45
    ) -> subprocess.CompletedProcess[str]:
        """Any program, in the folder."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=deadline,
        )

    def start(self, *options: str, output: str = "out.mp4", env: Mapping[str, str | None] | None = None, **popen):
        """`panim render` going on in the background."""
        command = [sys.executable, "-m", "panim_core.cli", "render", "clip.py", "-o", output, *options]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=self.folder, env=self._environment(env), **{**streams, **popen})

    def _env(self, env: Mapping[str, str | None] | None) -> dict[str, str | None]:
        return {"PYTHONPATH": os.pathsep.join([str(RAW_PLUGIN), os.environ.get("PYTHONPATH", "")]), **(env or {})}

    def _environment(self, env: Mapping[str, str | None] | None) -> dict[str, str]:
        return {name: value for name, value in {**os.environ, **self._env(env)}.items() if value is not None}

    # ---- what must be true

    def fails(self, *options: str, code: int = 1, output: str = "out.mp4", runs: str = "render", **how) -> str:
        """The render fails with one message and leaves the output as it was; returns the message."""
        target = self.folder / output
        target.write_bytes(OLD)
        before = self.listing()
        done = (
            self.produce(*options, output=output, **how)
            if runs == "produce"
            else self.render(*options, "--overwrite", output=output, **how)
        )
        self.failed(done, code)
        assert target.read_bytes() == OLD, "the output was touched"
        assert self.listing() == before, "files were left behind"
        return done.stderr

    def failed(self, done: subprocess.CompletedProcess[str], code: int) -> None:
        """One message, that exit status, nothing on stdout."""
        assert done.returncode == code, done.stderr
        assert done.stdout == ""
        assert len([line for line in done.stderr.splitlines() if line.startswith("panim: ")]) == 1, done.stderr
        assert "panim_core/cli.py" not in done.stderr, done.stderr
        assert "panim_core/produce.py" not in done.stderr, done.stderr

    def succeeds(self, *options: str, frames: int = 10, **how) -> subprocess.CompletedProcess[str]:
        """The render ends well and every frame is right."""
        done = self.render(*options, "--overwrite", output="out.rgba", **how)
        assert done.returncode == 0, done.stderr
        self.is_whole(frames)
        return done

    def is_whole(self, frames: int = 10) -> None:
        """Every frame is in out.rgba, once and in order."""
        data = (self.folder / "out.rgba").read_bytes()
        assert data == b"".join(frame(i) for i in range(frames))

    def listing(self) -> list[str]:
        """What is in the folder, but for the clips' own notes."""
        return sorted(
            str(p.relative_to(self.folder))
            for p in self.folder.rglob("*")
            if not p.name.startswith("times-") and "__pycache__" not in str(p) and p.name != "produce.py"
        )


def wait_until(true: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Wait for something that another process does."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"waited {seconds} s for {what}"
        time.sleep(0.01)


def family(process: subprocess.Popen) -> list[psutil.Process]:
    """All descendants."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _are(process: subprocess.Popen, word: str) -> list[psutil.Process]:
    found = []
    for child in family(process):
        try:
            if child.status() != psutil.STATUS_ZOMBIE and any(word in part for part in child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def workers_of(process: subprocess.Popen) -> list[psutil.Process]:
    """The worker processes of a render."""
    return _are(process, "panim_core.execution.worker")


def encoders_of(process: subprocess.Popen) -> list[psutil.Process]:
    """The ffmpeg processes of a render."""
    return _are(process, "-progress")


def pose(folder: Path, script: str) -> dict[str, str]:
    """The environment in which a bash script plays ffmpeg; in it ``$real`` is the true one."""
    places = folder.parent / f"{folder.name}-ffmpeg"
    places.mkdir()
    program = places / "ffmpeg"
    program.write_text(POSE.format(real=find_binary()) + script)
    program.chmod(0o755)
    return {"PANIM_FFMPEG": str(program)}
