"""Finding the animations that a script makes, bound to a name or not, by watching their construction."""

from __future__ import annotations

import contextlib
import gc
import importlib.abc
import importlib.machinery
import inspect
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_WATCHED = "matplotlib.animation"
PROBE = "panim probe"
"""The writer by which panim itself asks `save` something."""
_SAVING = ("save", "to_html5_video", "to_jshtml")
"""Methods that play an animation: all would be drawn twice, and what is rendered would begin where they end."""
_at_start: dict[str, Any] = {}


_on_show: list[Callable[[], None]] = []


@contextlib.contextmanager
def watching(
    at_import: Callable[[], None] | None = None, at_showing: Callable[[Any, bool], None] | None = None
) -> Iterator[list[tuple[str | None, object]]]:
    """A list that fills with ``(None, animation)``, in the order in which animations are made.

    While it lasts the backend is Agg, so that ``plt.show()`` returns at once, and the warnings that come with
    not showing anything are silent. Animations are not saved. matplotlib is not imported; what imports it is waited
    for.

    Args:
        at_import: called once, when `matplotlib.animation` has been imported, or now if it already is.
        at_showing: called with each animation so far when the script shows its figures, and with one that it saves;
            then with True besides.
    """
    found: list[tuple[str | None, object]] = []
    undo: list[Callable[[], None]] = []
    showing = at_showing or (lambda animation, saved: None)

    def on_show() -> None:
        for _, animation in found:
            showing(animation, False)

    def hook(module: ModuleType) -> None:
        undo.append(_record(module, found, showing))
        if at_import is not None:
            at_import()
        _at_start.clear()
        _at_start.update(random_states())

    with contextlib.ExitStack() as stack:
        stack.enter_context(_agg())
        stack.enter_context(_silence())
        _on_show.append(on_show)
        stack.callback(_on_show.remove, on_show)
        for name, act in (
            (_WATCHED, hook),
            ("matplotlib", lambda module: undo.append(_replaced(module, use=use))),
            ("matplotlib.pyplot", lambda module: undo.append(_replaced(module, show=show))),
        ):
            loaded = sys.modules.get(name)
            if loaded is not None:
                act(loaded)
            else:
                finder = _Finder(name, act)
                sys.meta_path.insert(0, finder)
                stack.callback(sys.meta_path.remove, finder)
        try:
            yield found
        finally:
            for action in undo:
                action()


def show(*args: Any, block: bool | None = None, **kwargs: Any) -> None:
    """Stands for `pyplot.show` in scripts that are watched."""
    if block or (block is None and not sys.modules["matplotlib"].is_interactive()):
        for told in _on_show:
            told()


def use(*args: Any, **kwargs: Any) -> None:
    """Stands for `matplotlib.use` in scripts that are watched: it remains Agg, so that no windows are needed."""


def _replaced(module: ModuleType, **stand_ins: Any) -> Callable[[], None]:
    """Put `stand_ins` in place of functions of `module`; gives what undoes it."""
    originals = {name: getattr(module, name) for name in stand_ins}
    vars(module).update(stand_ins)
    return lambda: vars(module).update(originals)


def _record(
    module: ModuleType, found: list[tuple[str | None, object]], showing: Callable[[Any, bool], None]
) -> Callable[[], None]:
    base: Any = module.Animation
    original = base.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        found.append((None, self))

    def left_out(self: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("writer") == PROBE:
            return own["save"](self, *args, **kwargs)
        warnings.warn(_left_out(own["save"], self, args, kwargs), stacklevel=2)
        showing(self, True)
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


def _left_out(save: Any, animation: Any, args: Any, kwargs: Any) -> str:
    """What to tell of a saving that is left out: also how to get its rate and size."""
    told = "the script's own saving of its animation is left out: panim renders it"
    try:
        given = inspect.signature(save).bind(animation, *args, **kwargs).arguments
    except TypeError:  # another method, with other arguments
        given = {}
    fps = given.get("fps") or getattr(given.get("writer"), "fps", None)
    asked = {"fps": fps, "dpi": given.get("dpi")}
    wanted = [f"--{name} {value:g}" for name, value in asked.items() if isinstance(value, (int, float))]
    if wanted:
        told += f"; for the rate and size of that saving add {' '.join(wanted)}"
    apart = [f"{name}=" for name in ("extra_anim", "savefig_kwargs") if given.get(name)]
    if apart:
        told += f"; its {' and '.join(apart)} count in panim_mpl.save() only"
    return told


class _Finder(importlib.abc.MetaPathFinder):
    """Lets the other finders find the module `name`, and is told when it has been executed."""

    def __init__(self, name: str, hook: Callable[[ModuleType], None]) -> None:
        self.name, self.hook = name, hook

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.name:
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
        gc.freeze()  # it stays; when Python leaves it need not look there for cycles, which takes 50 ms
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
