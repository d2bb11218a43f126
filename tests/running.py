"""The command line, run by tests in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent

RunPanim = Callable[..., "subprocess.CompletedProcess[str]"]
"""What the fixture `panim` gives: `run_panim` in the test's own folder."""


def run_panim(
    *args: str | Path,
    cwd: Path,
    env: Mapping[str, str | None] | None = None,
    timeout: float = 60,
    input: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``panim ARGS``.

    Args:
        env: added to the environment; None removes a name.
        timeout: seconds after which the command and all its children are killed.
        input: given on standard input, else there is none.
    """
    merged = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
    process = subprocess.Popen(
        [sys.executable, "-m", "panim_core", *map(str, args)],
        cwd=cwd,
        env={name: value for name, value in merged.items() if value is not None},
        stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        stdout, stderr = process.communicate(input, timeout)
    except BaseException:
        _kill_tree(process)
        process.communicate()
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def _kill_tree(process: subprocess.Popen[str]) -> None:
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    for child in [*family, process]:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
