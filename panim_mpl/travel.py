"""How an animation travels: figure, update, script globals and random states as one graph, by value."""

from __future__ import annotations

import contextlib
import copy
import functools
import gc
import inspect
import io
import itertools
import logging
import pickle
import signal
import sys
import sysconfig
import types
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cloudpickle
from matplotlib import units
from matplotlib.animation import Animation
from matplotlib.backend_bases import FigureCanvasBase, TimerBase
from matplotlib.cbook import CallbackRegistry
from matplotlib.transforms import TransformNode

from panim_core.errors import PanimError
from panim_core.pickling import Pickler, culprit
from panim_mpl.surroundings import add_colormaps, surround, surroundings
from panim_mpl.watch import restore_random_states

MAX_MATERIALISED = 100_000
"""Most values that are taken out of an iterator to be sent along."""


class CannotTravelError(PanimError):
    """Something in or around the animation cannot be sent to another process by value; says what."""


def pack(value: Any, asked: set[str] | None = None) -> bytes:
    """`value` and the state of the interpreter that it depends on, as bytes for `unpack`.

    Args:
        asked: takes the names of all that code which goes along asks for.

    Raises:
        CannotTravelError: part of it exists in this process only.
    """
    stream, state = io.BytesIO(), surroundings()
    with _by_value() as modules, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # itertools: pickled until Python 3.14
        try:
            cloudpickle.dump(state, stream, protocol=pickle.HIGHEST_PROTOCOL)
            pickler = _Pickler(stream, modules, set() if asked is None else asked)
            # The lists are filled while the graph before them is pickled.
            figures, current = _pyplot_figures()
            pickle.dump([number for number, _ in figures], stream)
            pickler.dump((figures, current, dict(units.registry), value, pickler.canvases, pickler.alive))
            sent = pickler.memo.copy()
            pickler.dump([(registry, it) for registry, it in pickler.drawn if id(it.__self__) in sent])
            _refuse_what_is_called_from_elsewhere(sent, {module.__name__ for module in modules})
        except CannotTravelError:
            raise
        except Exception as error:
            raise CannotTravelError(f"{type(error).__name__}: {error}{_culprit(modules)}") from error
    return stream.getvalue()


def _refuse_what_is_called_from_elsewhere(sent: Mapping[int, Any], names: set[str]) -> None:
    """Python keeps the originals of what a script gives it: handlers of signals, and streams that loggers write to."""
    for number in signal.valid_signals():
        if getattr(signal.getsignal(number), "__module__", None) in names:
            raise CannotTravelError(f"the script handles the signal {number}")
    loggers = [logging.root, *map(logging.getLogger, list(logging.root.manager.loggerDict))]
    streams = [getattr(handler, "stream", None) for logger in loggers for handler in logger.handlers]
    if any(id(stream) in sent for stream in streams if stream not in (None, sys.stdout, sys.stderr)):
        raise CannotTravelError("a logger writes to what the animation reads")


def _culprit(modules: list[types.ModuleType]) -> str:
    """Which of the user's variables cannot be pickled, but for what matplotlib made."""

    def pickles(value: Any) -> None:
        _Pickler(io.BytesIO(), modules, set()).dump(value)

    variables = {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if not (name.startswith("__") or type(value).__module__.startswith("matplotlib."))
        and not isinstance(value, (types.FunctionType, type))  # these name what is in variables, too
    }
    for name, value in variables.items():
        if found := culprit([value], "", pickles):
            return f", which is {found.replace('[0]', name, 1)}"
    return ""


def unpack(data: bytes) -> Any:
    """What was packed. The state of this interpreter (rcParams, random generators, paths) becomes the packed one."""
    from matplotlib import pyplot as plt

    stream = io.BytesIO(data)
    _shells.clear()  # modules of one graph; another animation's keep theirs
    state = pickle.load(stream)
    surround(state)
    fresh = not plt.get_fignums()
    numbers: list[int] = pickle.load(stream)
    with _numbers_from(numbers[0]) if fresh and numbers else contextlib.nullcontext():
        unpickler = pickle.Unpickler(stream)
        figures, current, converters, value, canvases, alive = unpickler.load()
        for registry, method in unpickler.load():
            number = registry.connect("draw_event", method)
            if method.__name__ == "_start":  # which disconnects itself by it
                method.__self__._first_draw_id = number
        for _, figure in figures:
            if figure.canvas.manager is None:
                plt.figure(figure)
        for figure, canvas, in_use in canvases:
            vars(canvas).update(vars(figure.canvas))
            if in_use:
                figure.set_canvas(canvas)
                if canvas.manager is not None:
                    canvas.manager.canvas = canvas
    add_colormaps(state)
    units.registry.update(converters)
    for number, figure in figures:
        if fresh and figure.canvas.manager.num != number:
            raise RuntimeError(f"figure {number} became figure {figure.canvas.manager.num} on the way")
    if current is not None:
        plt.figure(current)
    restore_random_states(state["random"])
    if hasattr(value, "alive"):
        value.alive = alive
    return value


# ---- pyplot


def _pyplot_figures() -> tuple[list[tuple[int, Any]], Any]:
    """((number, figure) of all that pyplot holds, the current one or None)."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not pyplot.get_fignums():
        return [], None
    current = pyplot.gcf()
    numbers = pyplot.get_fignums()
    figures = [(number, pyplot.figure(number)) for number in numbers]
    pyplot.figure(current)
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise CannotTravelError(f"pyplot's figures are numbered {numbers}; close those that are not needed")
    return figures, current


@contextlib.contextmanager
def _numbers_from(first: int) -> Iterator[None]:
    """Let pyplot, which has no figures yet, give the number `first` to the next one that comes by itself."""
    from matplotlib import pyplot as plt

    placeholder = plt.figure(first - 1) if first != 1 else None
    try:
        yield
    finally:
        if placeholder is not None:
            plt.close(placeholder)


# ---- modules by value


@contextlib.contextmanager
def _by_value() -> Iterator[list[types.ModuleType]]:
    """Have functions and classes of the user's own modules pickled by value, with the state of their globals."""
    modules = [m for name, m in list(sys.modules.items()) if isinstance(m, types.ModuleType) and _is_users(name, m)]
    registered = cloudpickle.list_registry_pickle_by_value()
    fresh = [m for m in modules if m.__name__ not in registered]
    for module in fresh:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield modules
    finally:
        for module in fresh:
            cloudpickle.unregister_pickle_by_value(module)


def _installed_places() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple(str(Path(place).resolve()) for place in {sysconfig.get_path(name) for name in names})


_INSTALLED = _installed_places()
_OWN = ("panim_core", "panim_mpl", "panim_pil", "panim_ffmpeg")


def _is_users(name: str, module: types.ModuleType) -> bool:
    if name != module.__name__ or name.partition(".")[0] in _OWN:
        return False
    if name == "__main__" or "__panim_by_value__" in vars(module):
        return True
    file = vars(module).get("__file__")
    if not isinstance(file, str) or not file.endswith(".py"):
        return False
    path = str(Path(file).resolve())
    return not path.startswith(_INSTALLED) and "site-packages" not in path and "dist-packages" not in path


class _Globals(dict):  # type: ignore[type-arg]
    """Stands for a module's globals while pickling; becomes the very dict of the module where it is loaded."""

    def __init__(self, module: str) -> None:
        super().__init__()
        self.module = module


_shells: dict[str, types.ModuleType] = {}


def _shell(name: str) -> types.ModuleType:
    """A module that came by value, empty until what it holds arrives. Never the process's own ``__main__``."""
    if name not in _shells:
        _shells[name] = types.ModuleType(name)
        if name != "__main__":
            sys.modules[name] = _shells[name]
    return _shells[name]


def _shell_globals(name: str) -> dict[str, Any]:
    return vars(_shell(name))


def _fill_shell(module: types.ModuleType, state: dict[str, Any]) -> None:
    vars(module).update(state)


_NOT_SENT = ("__builtins__", "__loader__", "__spec__", "__cached__")


# ---- objects


class _Pickler(Pickler):
    """Sends what matplotlib drops on the way or what cannot be pickled but need not be the same thing."""

    def __init__(self, stream: io.BytesIO, modules: list[types.ModuleType], asked: set[str]) -> None:
        super().__init__(stream, protocol=pickle.HIGHEST_PROTOCOL)
        self._asked = asked
        self.alive: list[Any] = [None, None]  # of a list with one element, pickle sees no second that comes meanwhile
        """What weak references lead to, which something else holds here."""
        self.canvases: list[tuple[Any, FigureCanvasBase, bool]] = []
        """Figures with canvases that something refers to, and whether the figure uses that one."""
        self.drawn: list[tuple[CallbackRegistry, Any]] = []
        """Methods that are called when a figure is drawn, of animations that may not be sent otherwise."""
        self._modules = {id(m): m.__name__ for m in modules}
        for module in modules:
            self.globals_ref[id(vars(module))] = _Globals(module.__name__)

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if kind is _Globals:
            return _shell_globals, (obj.module,)
        if kind is types.ModuleType and id(obj) in self._modules:
            state = {name: value for name, value in vars(obj).items() if name not in _NOT_SENT}
            return _shell, (obj.__name__,), state, None, None, _fill_shell
        if kind is types.CodeType:
            self._asked.update(obj.co_names)
        if kind is _CachedFunction and id(sys.modules.get(obj.__module__)) in self._modules:
            if obj.cache_info()[:2] != (0, 0):  # hits and misses
                raise CannotTravelError(f"{obj.__name__} has been called, and what its cache holds cannot be told")
            return _cached, (obj.__wrapped__, obj.cache_parameters()), vars(obj)
        if isinstance(obj, _WEAK):
            self.alive.append(list(obj.values() if isinstance(obj, weakref.WeakValueDictionary) else obj))
        for base, reduce in _REDUCERS.items():
            if isinstance(obj, base):
                return reduce(self, obj)
        if kind.__name__ == "BufferRegion" and kind.__module__.startswith("matplotlib."):
            return _buffer_region, (obj.get_extents(),)
        if kind.__module__.startswith("PIL.") and getattr(obj, "is_animated", False):
            raise CannotTravelError("an image file with several pictures is open, of which the one shown would be sent")
        reduced = super().reducer_override(obj)
        if isinstance(obj, type) and isinstance(reduced, tuple):
            make, arguments, *rest = reduced
            if make.__name__ in ("_make_skeleton_class", "_make_skeleton_enum"):
                # Without its mark: cloudpickle would fill the original where it still lives.
                return make, (*arguments[:-2], None, arguments[-1]), *rest
        return reduced


def _reduce_animation(pickler: _Pickler, animation: Animation) -> Any:
    # `frame_seq` serves showing on screen only, and is often a running generator; so does what blitting keeps.
    state = {**vars(animation), "frame_seq": iter(())}
    if "_blit_cache" in state:
        state["_blit_cache"] = {}
    return _new, (type(animation),), state


def _reduce_timer(pickler: _Pickler, timer: TimerBase) -> Any:
    return TimerBase, (timer.interval,)


def _reduce_canvas(pickler: _Pickler, canvas: FigureCanvasBase) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    pickler.canvases.append((canvas.figure, canvas, canvas.figure.canvas is canvas))
    return _new, (FigureCanvasAgg,)


def _reduce_registry(pickler: _Pickler, registry: CallbackRegistry) -> Any:
    """With its callbacks: matplotlib drops most, so that colorbars would no longer follow their images.

    The one private name is tested in tests/mpl/test_travel.py.
    """
    kept = {
        cid
        for signal, proxies in registry.callbacks.items()
        for cid, proxy in proxies.items()
        if _travels(signal, proxy())
    }
    drawn = [proxy() for proxy in registry.callbacks.get("draw_event", {}).values()]
    pickler.drawn += [
        (registry, method) for method in drawn if isinstance(getattr(method, "__self__", None), Animation)
    ]
    pickler.alive += [proxies[cid]() for proxies in registry.callbacks.values() for cid in kept & proxies.keys()]
    before = registry._pickled_cids  # type: ignore[attr-defined]
    registry._pickled_cids = before | kept  # type: ignore[attr-defined]
    try:
        state = registry.__getstate__()  # type: ignore[attr-defined]
    finally:
        registry._pickled_cids = before  # type: ignore[attr-defined]
    return _new, (CallbackRegistry,), {**state, "_pickled_cids": before}


_WINDOW_SIGNALS = ("resize", "close", "scroll", "pick", "motion_notify", "button_", "key_", "figure_", "axes_")
"""How the names of the signals begin that come from a window's user: none comes while saving."""


def _travels(signal: str, callback: Any) -> bool:
    owner = getattr(callback, "__self__", None)
    return (
        callback is not None
        and not str(signal).startswith(_WINDOW_SIGNALS)
        and not isinstance(owner, (Animation, FigureCanvasBase))
    )


def _reduce_generator(pickler: _Pickler, generator: types.GeneratorType[Any, Any, Any]) -> Any:
    """A generator that has not started is its function and arguments; one that has cannot travel."""
    name = generator.__qualname__
    if inspect.getgeneratorstate(generator) != inspect.GEN_CREATED:
        raise CannotTravelError(f"the generator {name} has already started; give the function {name} as frames instead")
    code, frame = generator.gi_code, generator.gi_frame
    assert frame is not None
    arguments = dict(frame.f_locals)
    function = _function_of(code, arguments) or _rebuilt(code, frame.f_globals, arguments)
    count = code.co_argcount
    keywords = code.co_varnames[count : count + code.co_kwonlyargcount]
    rest = code.co_varnames[count + code.co_kwonlyargcount :]
    positional = [arguments[n] for n in code.co_varnames[:count]]
    named = {n: arguments[n] for n in keywords}
    if code.co_flags & inspect.CO_VARARGS:
        positional += arguments[rest[0]]
        rest = rest[1:]
    if code.co_flags & inspect.CO_VARKEYWORDS:
        named |= arguments[rest[0]]
    return _call, (function, tuple(positional), named)


def _function_of(code: types.CodeType, arguments: dict[str, Any]) -> types.FunctionType | None:
    """The one function that has `code`, so that its closure stays shared with others."""

    def fits(function: Any) -> bool:
        if not isinstance(function, types.FunctionType) or function.__code__ is not code:
            return False
        cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
        return all(name in arguments and cell.cell_contents is arguments[name] for name, cell in cells)

    found = [function for function in gc.get_referrers(code) if fits(function)]
    return found[0] if len(found) == 1 else None


def _rebuilt(code: types.CodeType, scope: dict[str, Any], arguments: dict[str, Any]) -> types.FunctionType:
    """A function for a generator expression, which has none."""
    if code.co_name != "<genexpr>":
        raise CannotTravelError(f"the function of the generator {code.co_name} cannot be told")
    cells = tuple(types.CellType(arguments[name]) for name in code.co_freevars)
    return types.FunctionType(code, scope, code.co_name, None, cells)


def _reduce_tee(pickler: _Pickler, tee: Any) -> Any:
    """What is left in an `itertools.tee`, which is where an animation keeps the frames it was given."""
    inside: list[Any] = [tee]
    for _ in range(4):
        inside = gc.get_referents(*inside)
        running = next((part for part in inside if isinstance(part, types.GeneratorType)), None)
        if running is not None:
            return _reduce_generator(pickler, running)
    values = list(itertools.islice(copy.copy(tee), MAX_MATERIALISED + 1))
    if len(values) > MAX_MATERIALISED:
        raise CannotTravelError("the frames come from an endless iterator")
    return iter, (values,)


_CachedFunction = type(functools.lru_cache(lambda: None))
_WEAK = (weakref.WeakSet, weakref.WeakKeyDictionary, weakref.WeakValueDictionary)


def _cached(function: Callable[..., Any], parameters: dict[str, Any]) -> Any:
    return functools.lru_cache(**parameters)(function)


def _reduce_reference(pickler: _Pickler, reference: weakref.ref[Any]) -> Any:
    pickler.alive.append(reference())
    return _refer, (reference(), isinstance(reference, weakref.WeakMethod))


class _Gone:
    pass


def _refer(target: Any, to_method: bool) -> Any:
    if target is None:
        return weakref.ref(_Gone())
    return weakref.WeakMethod(target) if to_method else weakref.ref(target)


def _reduce_transform(pickler: _Pickler, node: Any) -> Any:
    # A new transform that had the address of a parent there would take its place, and be told of changes alone.
    reduced = node.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    if isinstance(reduced, tuple) and len(reduced) in (3, 4, 5) and isinstance(reduced[2], dict):
        return (*(*reduced, None, None)[:5], _fill_transform)
    return reduced


def _fill_transform(node: Any, state: dict[str, Any]) -> None:
    """Keep its parents by where they are here, not where they were."""
    node.__setstate__(state)
    parents = [parent() for parent in node._parents.values()]
    node._parents = {}
    for parent in parents:
        parent.set_children(node)


_REDUCERS: dict[type, Callable[[_Pickler, Any], Any]] = {
    Animation: _reduce_animation,
    TimerBase: _reduce_timer,
    FigureCanvasBase: _reduce_canvas,
    CallbackRegistry: _reduce_registry,
    types.GeneratorType: _reduce_generator,
    type(itertools.tee(())[0]): _reduce_tee,
    weakref.ref: _reduce_reference,
    TransformNode: _reduce_transform,
}


def _new(kind: Any) -> Any:
    return kind.__new__(kind)


def _call(function: Callable[..., Any], positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return function(*positional, **named)


def _buffer_region(extents: tuple[int, int, int, int]) -> Any:
    """A saved background of the same size; `save` redraws everything, so its pixels do not matter."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.transforms import Bbox

    left, bottom, right, top = extents
    renderer = RendererAgg(max(1, right), max(1, top), 72)  # type: ignore[no-untyped-call]
    return renderer.copy_from_bbox(Bbox.from_extents(left, bottom, right, top))
