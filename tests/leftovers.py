"""What a test can leave behind: processes, shared memory, temporary files, descriptors, threads."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

MARK = "PANIM_TEST_MARK"
"""An environment variable by which a process is known as a test's own even after its parent has died."""

GRACE_SECONDS = 5.0

_SHM = Path("/dev/shm")
_FD = Path("/proc/self/fd")
_KEPT = ("pymp-", "pytest-of-")
"""Folders that multiprocessing keeps until the process ends, and a pytest that a test runs keeps for people."""
_FD_KINDS = ("pipe:", "socket:", "/memfd:", "anon_inode:")


class Snapshot:
    """What exists before a test, to be compared with what exists after it.

    Args:
        mark: the value of `MARK` in this test's environment.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._children = {process.pid for process in _children()}
        self._shm = _entries(_SHM)
        self._temporary = _entries(Path(tempfile.gettempdir()))
        self._descriptors = _descriptors()
        self._threads = set(threading.enumerate())

    def leftovers(self, grace_seconds: float = GRACE_SECONDS) -> list[str]:
        """One line for each thing that is still there `grace_seconds` later; empty as soon as all is gone."""
        deadline = time.monotonic() + grace_seconds
        while left := self._left():
            if time.monotonic() > deadline:
                return left
            gc.collect()
            time.sleep(0.05)
        return []

    def _left(self) -> list[str]:
        left = [f"process {_describe(process)}" for process in self._processes()]
        left += [f"shared memory /dev/shm/{name}" for name in sorted(_entries(_SHM) - self._shm) if _is_ours(name)]
        temporary = Path(tempfile.gettempdir())
        new = {name for name in _entries(temporary) - self._temporary if not name.startswith(_KEPT)}
        left += [f"temporary file {temporary / name}" for name in sorted(new)]
        left += [f"descriptor {fd} -> {target}" for fd, target in sorted(_descriptors() - self._descriptors)]
        left += [f"thread {t.name}" for t in threading.enumerate() if t not in self._threads and t.is_alive()]
        return left

    def _processes(self) -> Iterator[psutil.Process]:
        seen = set(self._children)
        for process in _children():
            if process.pid not in seen:
                seen.add(process.pid)
                yield process
        for process in psutil.process_iter():
            if process.pid not in seen and process.pid != os.getpid() and _mark_of(process) == self._mark:
                yield process


def _children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None  # gone, or another user's


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.pid} ({process.status()}): {' '.join(process.cmdline())[:200]}"
    except psutil.ZombieProcess:
        return f"{process.pid} (ended, but nobody waited for it)"
    except psutil.Error:
        return f"{process.pid} (gone meanwhile)"


def _entries(folder: Path) -> set[str]:
    return set(os.listdir(folder)) if folder.is_dir() else set()


def _is_ours(name: str) -> bool:
    """Whether a new entry of /dev/shm is nobody else's: several test runs may share the machine."""
    path = str(_SHM / name)
    try:
        if os.stat(path).st_uid != os.getuid():
            return False
    except FileNotFoundError:
        return False
    own = {os.getpid(), *(process.pid for process in _children())}
    return not any(_holds(process, path) for process in psutil.process_iter() if process.pid not in own)


def _holds(process: psutil.Process, path: str) -> bool:
    try:
        return path in Path(f"/proc/{process.pid}/maps").read_text() or any(
            os.readlink(fd) == path for fd in Path(f"/proc/{process.pid}/fd").iterdir()
        )
    except OSError:
        return False


def _descriptors() -> set[tuple[int, str]]:
    if not _FD.is_dir():
        return set()
    found = set()
    for fd in os.listdir(_FD):
        try:
            target = os.readlink(_FD / fd)
        except FileNotFoundError:
            continue  # the one that listed the folder
        if target.startswith(_FD_KINDS):
            found.add((int(fd), target))
    return found
