"""What a test finds on its machine: what a plugin lacks, and what this process holds and must give back."""

from __future__ import annotations

import gc
import os
import threading
import time
from pathlib import Path

import pytest

from panim_core.errors import PluginUnavailableError
from panim_core.protocols import Encoder, Executor

_GRACE_SECONDS = 5.0


class Held:
    """What this process holds now, to be compared with what it holds later. Processes and files on Linux only."""

    def __init__(self) -> None:
        gc.collect()
        self._before = _held()

    def check_given_back(self) -> None:
        """Complain unless, in a few seconds, nothing is held that was not held before."""
        until = time.monotonic() + _GRACE_SECONDS
        while left := _held() - self._before:
            assert time.monotonic() < until, f"left behind: {', '.join(sorted(left))}"
            gc.collect()
            time.sleep(0.02)


def skip_unless_available(plugin: Encoder | Executor) -> None:
    """Skip the test where `plugin` says, in the right way, that it cannot run."""
    try:
        plugin.check_available()
    except PluginUnavailableError as error:
        unavailable = error
    else:
        return
    assert unavailable.hint, "PluginUnavailableError must have a hint: what to do about it"
    pytest.skip(str(unavailable))


def _held() -> set[str]:
    own = Path("/proc/self")
    found = {f"thread {thread.name} ({thread.ident})" for thread in threading.enumerate()}
    for task in _entries(own / "task"):
        children = own / "task" / task / "children"
        if children.exists():
            found |= {f"process {pid}" for pid in children.read_text().split()}
    for descriptor in _entries(own / "fd"):
        try:
            found.add(f"open file {os.readlink(own / 'fd' / descriptor)} ({descriptor})")
        except FileNotFoundError:
            continue  # the one by which the folder was listed
    return found


def _entries(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.is_dir() else []
