"""Finding the animations that a script makes, bound to a name or not, by watching their construction."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_WATCHED = "matplotlib.animation"
_SAVING = ("save", "to_html5_video", "to_jshtml")
"""Methods that play an animation: all would be drawn twice, and what is rendered would begin where they end."""
_at_start: dict[str, Any] = {}


@contextlib.contextmanager
def watching(at_import: Callable[[], None] | None = None) -> Iterator[list[tuple[str | None, object]]]:
    """A list that fills with ``(None, animation)``, in the order in which animations are made.

    While it lasts the backend is Agg, so that ``plt.show()`` returns at once, and the warnings that come with
    not showing anything are silent. Animations are not saved. matplotlib is not imported; what imports it is waited
    for.

    Args:
        at_import: called once, when `matplotlib.animation` has been imported, or now if it already is.
    """
    found: list[tuple[str | None, object]] = []
    undo: list[Callable[[], None]] = []

    def hook(module: ModuleType) -> None:
        undo.append(_record(module, found))
        if at_import is not None:
            at_import()
        _at_start.clear()
        _at_start.update(random_states())

    with contextlib.ExitStack() as stack:
        stack.enter_context(_agg())
        stack.enter_context(_silence())
        loaded = sys.modules.get(_WATCHED)
        if loaded is not None:
            hook(loaded)
        else:
            finder = _Finder(hook)
            sys.meta_path.insert(0, finder)
            stack.callback(sys.meta_path.remove, finder)
        try:
            yield found
        finally:
            for action in undo:
                action()


def _record(module: ModuleType, found: list[tuple[str | None, object]]) -> Callable[[], None]:
    base: Any = module.Animation
    original = base.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        found.append((None, self))

    def left_out(self: Any, *args: Any, **kwargs: Any) -> str:
        warnings.warn("the script's own saving of its animation is left out: panim renders it", stacklevel=2)
        return ""

    base.__init__ = __init__
    own = {name: getattr(base, name) for name in _SAVING}
    for name in _SAVING:
        setattr(base, name, left_out)

    def undo() -> None:
        base.__init__ = original
        for name, method in own.items():
            setattr(base, name, method)

    return undo


class _Finder(importlib.abc.MetaPathFinder):
    """Lets the other finders find `matplotlib.animation`, and is told when it has been executed."""

    def __init__(self, hook: Callable[[ModuleType], None]) -> None:
        self.hook = hook

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != _WATCHED:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _Loader(spec.loader, self.hook)
                return spec
        return None


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any, hook: Callable[[ModuleType], None]) -> None:
        self._loader, self._hook = loader, hook

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._hook(module)


@contextlib.contextmanager
def _agg() -> Iterator[None]:
    """Agg by environment, or by `matplotlib.use` where pyplot has already chosen another backend."""
    before = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = "agg"
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].use("agg")
    try:
        yield
    finally:
        if before is None:
            del os.environ["MPLBACKEND"]
        else:
            os.environ["MPLBACKEND"] = before


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Drop what matplotlib says about windows that do not open; also later, when the animations are deleted."""
    for message in (".*non-interactive.*cannot be shown.*", "Animation was deleted without rendering anything.*"):
        warnings.filterwarnings("ignore", message, UserWarning)
    yield


def states_at_start() -> dict[str, Any] | None:
    """The global random generators when the script that was watched last had, or imported, matplotlib.animation."""
    return dict(_at_start) or None


def random_states() -> dict[str, Any]:
    """The states of Python's and numpy's global random generators; numpy's only if it is loaded."""
    states: dict[str, Any] = {"random": random.getstate()}
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        states["numpy"] = numpy.random.get_state()
    return states


def restore_random_states(states: dict[str, Any]) -> None:
    """Put the generators into `states`, as `random_states` gave them."""
    random.setstate(states["random"])
    if "numpy" in states:
        import numpy as np

        np.random.set_state(states["numpy"])
