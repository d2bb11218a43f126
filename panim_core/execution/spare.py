"""A worker that is started before it is known what for: while a script runs here, it imports what that does."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from panim_core.errors import PanimError
from panim_core.execution.process import WorkerProcess, module_path


class _Spare:
    def __init__(self, script: str) -> None:
        folder = os.path.dirname(os.path.realpath(script))
        path = module_path()
        self.script = script
        self.path = path if folder in path else [folder, *path]
        self.world = _world()
        read, write = os.pipe()
        try:
            self.worker = WorkerProcess(script, self.path, read)
        except BaseException:
            os.close(write)
            raise
        finally:
            os.close(read)
        os.set_blocking(write, False)
        self._names: int | None = write
        self._begun: list[str] = []
        self._unsaid = b""

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """While it lasts, it is told what is imported here."""
        sys.meta_path.insert(0, self)
        try:
            yield
        finally:
            with contextlib.suppress(ValueError):  # the script has taken it out
                sys.meta_path.remove(self)

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Find nothing, but tell the worker what this process is importing; of panim's core it needs other parts."""
        begun = [other for other in self._begun if other in sys.modules]
        self._begun = [] if name.startswith("panim_core.") else [name]
        self._unsaid += "".join(f"{other}\n" for other in begun).encode(errors="replace")
        if not self._unsaid or self._names is None:
            return
        with contextlib.suppress(BlockingIOError, BrokenPipeError):  # one that is slow to read is not waited for
            self._unsaid = self._unsaid[os.write(self._names, self._unsaid) :]

    def released(self) -> WorkerProcess | None:
        """The worker, ready to be told what to do, if a new one would be no other."""
        self._hang_up()
        if self.world == _world() and self._finds_the_same(module_path()):
            return self.worker
        self.worker.close()
        return None

    def close(self) -> None:
        self._hang_up()
        self.worker.close()

    def _hang_up(self) -> None:
        if self._names is not None:
            os.close(self._names)
            self._names = None  # it may be asked still, where the script has put `sys.meta_path` back

    def _finds_the_same(self, path: list[str]) -> bool:
        """Whether all modules that are here now would be found in the same place by the path of the spare."""
        before, now = _apart(self.path, path)
        places = set(map(Path, now))
        here = [(name, module) for name, module in list(sys.modules.items()) if "." not in name]
        return set(before) <= set(now) and all(
            (spec := PathFinder.find_spec(name, self.path)) is None or spec.origin == module.__file__
            for name, module in here
            if places and _place(module) in places
        )


def _apart(before: list[str], now: list[str]) -> tuple[list[str], list[str]]:
    """Both without what they begin and end with alike."""
    for _ in range(2):
        pairs = enumerate(zip(before, now, strict=False))
        alike = next((i for i, (a, b) in pairs if a != b), min(len(before), len(now)))
        before, now = before[alike:][::-1], now[alike:][::-1]
    return before, now


def _place(module: ModuleType) -> Path | None:
    """The folder in which a module or package was found."""
    file = getattr(module, "__file__", None)
    if not file:
        return None
    return Path(file).parent.parent if hasattr(module, "__path__") else Path(file).parent


_spares: list[_Spare] = []


def _world() -> tuple[Any, ...]:
    affinity = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    try:
        folder = os.getcwd()
    except OSError:  # it was removed
        folder = None
    return dict(os.environ), folder, list(sys.warnoptions), affinity


@contextlib.contextmanager
def started_ahead(target: str) -> Iterator[None]:
    """While it lasts, one worker is there for the first who takes it, if `target` is a script."""
    place = target if target.endswith(".py") else target.rpartition(":")[0]
    if [spare.script for spare in _spares] != [place]:
        _close_all()
        if place.endswith(".py") and os.path.isfile(place):
            with contextlib.suppress(PanimError, OSError):  # it will be told when a worker is needed
                _spares.append(_Spare(place))
    try:
        yield
    finally:
        _close_all()


def _close_all() -> None:
    while _spares:
        _spares.pop().close()


@contextlib.contextmanager
def telling() -> Iterator[None]:
    """While it lasts, a worker that was started ahead is told what is imported here."""
    with contextlib.ExitStack() as stack:
        for spare in _spares:
            stack.enter_context(spare.telling())
        yield


def waiting() -> int:
    """How many there are."""
    return len(_spares)


def take() -> WorkerProcess:
    """The one that was started ahead, if the script has left alone what it took over; else a new one."""
    return (_spares.pop().released() if _spares else None) or WorkerProcess()
