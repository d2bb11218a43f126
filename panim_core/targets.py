"""From what a user names to a source that can be rendered: ``file.py``, ``file.py:NAME``, ``package.module:NAME``."""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import inspect
import operator
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from panim_core import plugins
from panim_core.errors import PanimError, PluginContractError, PluginError, SettingsError
from panim_core.execution.source import BY_VALUE
from panim_core.frame_gen import FluentFG
from panim_core.protocols import FrameGenerator, Renderer

_GUARD = "__main__"
_ORIGIN = "__panim_origin__"
"""A source with this attribute is told where it comes from: (script, its arguments, number among the targets made,
function that makes it)."""
_PARTS = "__panim_parts__"
"""A source with this method gives the targets that it draws, so that they are not taken for further ones."""


def adapt(target: object) -> FrameGenerator:
    """`target` as a source: a FrameGenerator, a fluent chain, or what one installed renderer can adopt.

    Raises:
        SettingsError: nobody knows it.
        PluginError: two renderers do.
        PluginContractError: a renderer failed to say.
    """
    source = _adopt(target)
    if source is None:
        known = ", ".join(r.name for r in plugins.renderers()) or "none"
        raise SettingsError(
            f"a {type(target).__name__} cannot be rendered: give a FrameGenerator, an Act, a function under "
            f"@panim_core.animation, or something that an installed renderer knows ({known}; see panim list-plugins)"
        )
    return source


def _adopt(target: object) -> FrameGenerator | None:
    if isinstance(target, FrameGenerator):
        return target
    if isinstance(target, FluentFG):
        return target.build()
    if isinstance(target, (type, ModuleType)):
        return None
    found = [(r.name, s) for r in plugins.renderers() if (s := _adapted(r, target)) is not None]
    if len(found) > 1:
        raise PluginError(
            f"a {type(target).__name__} is known to {' and '.join(name for name, _ in found)}; leave all but one of "
            "these plugins out with PANIM_DISABLE_PLUGINS"
        )
    return found[0][1] if found else None


def _adapted(renderer: Renderer, target: object) -> FrameGenerator | None:
    asked = f"was asked whether it knows a {type(target).__name__}"
    try:
        source = renderer.adapt(target)
    except PanimError:
        raise
    except Exception as error:
        raise PluginContractError(
            f"the renderer {renderer.name} failed when it {asked}: {type(error).__name__}: {error}; "
            "leave its plugin out with PANIM_DISABLE_PLUGINS"
        ) from error
    if not (source is None or isinstance(source, FrameGenerator)):
        raise PluginContractError(
            f"the renderer {renderer.name} gave a {type(source).__name__} when it {asked}, not a FrameGenerator or "
            "None; leave its plugin out with PANIM_DISABLE_PLUGINS"
        )
    return source


@contextlib.contextmanager
def script_arguments(text: str, arguments: Sequence[str]) -> Iterator[None]:
    """While it lasts, ``sys.argv`` is what the script that `text` names would find in it, and so it is in workers."""
    before, sys.argv = sys.argv, [_split(text)[0], *arguments]
    try:
        yield
    finally:
        sys.argv = before


def load(text: str, seed: int | None = None, arguments: Sequence[str] = ()) -> FrameGenerator:
    """The source that `text` names.

    A script is run once, under a name of its own (not ``__main__``); what it defines travels to workers by value.

    Args:
        seed: for Python's and numpy's global random generators, so that what a script does with them is the same
            each time; None leaves them alone.
        arguments: for the script, which finds them in ``sys.argv``.

    Raises:
        SettingsError: no such file, module or name, the script fails, or it holds none or several targets and
            none was named.
    """
    place, name = _split(text)
    if seed is not None:
        _seed(seed)
    with script_arguments(text, arguments):
        origin = os.path.realpath(place), tuple(sys.argv)  # now: the script may go to another folder
        return _load(text, place, name, origin)


def _load(text: str, place: str, name: str | None, origin: tuple[str, tuple[str, ...]]) -> FrameGenerator:
    if place.endswith(".py"):
        path = Path(place)
        if not path.is_file():
            raise SettingsError(f"there is no file {place!r}")
        module, watched = _run(path)
    else:
        module, watched = _import(place)
    found = _targets(module, watched)
    if name is not None:
        return _source(_named(text, module, found, name), place, origin, watched)
    if len(found) == 1:
        return _source(found[0][1], place, origin, watched)
    if not found:
        raise SettingsError(
            f"{place} holds nothing to render: define a FrameGenerator, an Act, a FluentFG chain, a function under "
            f"@panim_core.animation or a matplotlib animation at module level{_hint(module)}"
        )
    choices = "\n".join(f"  {place}:{n or i}  ({type(t).__name__})" for i, (n, t) in enumerate(found, 1))
    raise SettingsError(f"{place} holds {len(found)} targets; name one of them:\n{choices}")


def _hint(module: ModuleType) -> str:
    """For scripts that do everything under a guard, or in a loop of their own."""
    try:
        text = Path(module.__file__ or "").read_text(errors="replace")
    except OSError:
        return ""
    if loop := re.search(r"\.pause\(|\.grab_frame\(", text):
        return (
            f". A loop with {loop[0]}) draws by itself; make its body a function update(i), as matplotlib's "
            "FuncAnimation(figure, update, frames=...) takes it"
        )
    if _under_guard(module):
        return f". What stands under if __name__ == '__main__' is run by {Path(module.__file__ or '').name}:__main__"
    return ""


def _seed(seed: int) -> None:
    import random

    import numpy as np

    random.seed(seed)
    np.random.seed(seed)


def _split(text: str) -> tuple[str, str | None]:
    if text.endswith(".py") and Path(text).is_file():
        return text, None
    place, colon, name = text.rpartition(":")
    if not colon:
        return text, None
    if not place or not name:
        raise SettingsError(f"target {text!r}: write path/to/file.py, path/to/file.py:NAME or package.module:NAME")
    return place, name


def _run(path: Path) -> tuple[ModuleType, list[tuple[str | None, object]]]:
    name = f"panim_target_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SettingsError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    setattr(module, BY_VALUE, True)
    sys.modules[name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        with _watching() as watched, _may_end():
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise SettingsError(
            f"running {path} failed: {type(error).__name__}: {error}{user_traceback(error)}{_way_out(error, path)}"
        ) from error
    return module, watched()


def _way_out(error: BaseException, path: Path) -> str:
    parts = [path.stem]
    for folder in path.resolve().parents:
        if not (folder / "__init__.py").exists():
            break
        parts.insert(0, folder.name)
    if isinstance(error, ImportError) and "relative import" in str(error) and len(parts) > 1:
        return f"\nA module of a package is named as Python imports it: {'.'.join(parts)}"
    if isinstance(error, SystemExit) and error.code == 2:  # as argparse ends
        return "\nArguments for the script are written at the end, after --"
    return ""


@contextlib.contextmanager
def _may_end() -> Iterator[None]:
    """A script may end itself as programs do that have succeeded."""
    try:
        yield
    except SystemExit as ended:
        if ended.code not in (None, 0):
            raise


def user_traceback(error: BaseException) -> str:
    """The traceback of `error` on new lines, from where it left panim's core and the import of modules; else ""."""
    told = traceback.TracebackException.from_exception(error)
    between = (
        os.path.join(os.path.dirname(__file__), ""),
        contextlib.__file__,
        importlib.__file__,
        "<frozen importlib",
    )
    at = next((i for i, frame in enumerate(told.stack) if not frame.filename.startswith(between)), len(told.stack))
    del told.stack[:at]
    shown = told.stack or isinstance(error, SyntaxError)
    return "\n" + "".join(told.format()).rstrip() if shown else ""


def _import(name: str) -> tuple[ModuleType, list[tuple[str | None, object]]]:
    if name.startswith("."):
        raise SettingsError(f"cannot import {name!r}: the name of its package is missing before the dot")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        with _watching() as watched:
            module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise _not_imported(name, error) from error
        raise SettingsError(f"cannot import {name!r}: {error}; for a script write its path, ending in .py") from error
    except (Exception, SystemExit) as error:
        raise _not_imported(name, error) from error
    if found := watched():  # in workers it need not be run again, with all that it does beside
        setattr(module, BY_VALUE, True)
    return module, found


def _not_imported(name: str, error: BaseException) -> SettingsError:
    return SettingsError(f"importing {name!r} failed: {type(error).__name__}: {error}{user_traceback(error)}")


def _targets(module: ModuleType, watched: Sequence[tuple[str | None, object]]) -> list[tuple[str | None, Any]]:
    """(name or None, target), in the order in which they were made; each object once.

    What its renderer knows but refuses is one only where there is no other.
    """
    found: dict[int, tuple[str | None, Any]] = {}
    refused: dict[int, tuple[str | None, Any]] = {}
    by_id = {id(value): name for name, value in vars(module).items() if not name.startswith("_")}
    for name, value in vars(module).items():
        if name.startswith("_") or isinstance(value, (type, ModuleType)):
            continue
        if isinstance(value, (FrameGenerator, FluentFG)):
            found.setdefault(id(value), (name, value))
    for given, value in watched:
        found.setdefault(id(value), (by_id.get(id(value), given), value))
    if watched:
        return _outermost(found)
    for name, value in vars(module).items():
        if (
            name.startswith("_")
            or id(value) in found
            or isinstance(value, (type, ModuleType, FrameGenerator, FluentFG))
        ):
            continue
        if callable(value) or isinstance(value, (str, bytes, int, float, complex, dict, list, tuple, set)):
            continue
        try:
            if _adopt(value) is not None:
                found[id(value)] = (name, value)
        except SettingsError:
            refused[id(value)] = (name, value)
    return _outermost(found) or list(refused.values())


def _outermost(found: dict[int, tuple[str | None, Any]]) -> list[tuple[str | None, Any]]:
    """Leave out sources that others of the module are made of, so that intermediate steps are no targets."""
    inner: set[int] = set()
    for _, value in found.values():
        for part in _sources_in(value, set()):
            inner |= {id(part)} - {id(value)} | set(map(id, getattr(part, _PARTS, tuple)()))
    kept = [item for key, item in found.items() if key not in inner]
    return kept or list(found.values())


def _sources_in(value: Any, seen: set[int]) -> Iterator[FrameGenerator | FluentFG]:
    """`value` and what it is made of, as far as that are sources."""
    if id(value) in seen or len(seen) > 10_000:
        return
    seen.add(id(value))
    children: Iterable[Any] = value if isinstance(value, (list, tuple)) else ()
    if isinstance(value, (FrameGenerator, FluentFG)):
        yield value
        children = vars(value).values()
    for child in children:
        yield from _sources_in(child, seen)


def _named(text: str, module: ModuleType, found: Sequence[tuple[str | None, Any]], name: str) -> Any:
    if name.isdecimal() and len(name) < 10:
        number = int(name)
        if 1 <= number <= len(found):
            return found[number - 1][1]
        raise SettingsError(f"{text}: targets are numbered from 1 to {len(found)}")
    try:
        value = member(module, name)
    except AttributeError:
        known = ", ".join(str(n) for n, _ in found if n) or "none"
        raise SettingsError(f"{text}: there is no {name!r}; targets found: {known}") from None
    if name != _GUARD:
        return value

    def make() -> Any:
        value()
        made = _targets(module, ())
        return made[0][1] if len(made) == 1 else None

    make.__name__ = make.__qualname__ = name
    return make


def member(module: ModuleType, name: str) -> Any:
    """What `name` is in `module`: attributes of attributes after dots; ``__main__`` is a function that does
    what stands under its guard.

    Raises:
        AttributeError: there is no such thing.
    """
    if name != _GUARD:
        return operator.attrgetter(name)(module)
    body = _under_guard(module)
    if not body:
        raise AttributeError(name)
    code = compile(ast.Module(body, []), module.__file__ or "", "exec", dont_inherit=True)
    return lambda: exec(code, vars(module))


def _under_guard(module: ModuleType) -> list[ast.stmt]:
    """The statements under ``if __name__ == "__main__":``, after the imports that say how they are understood."""
    path = Path(module.__file__ or "")
    statements = ast.parse(path.read_bytes()).body if path.suffix == ".py" else []
    tests = ("__name__ == '__main__'", "'__main__' == __name__")
    body = [
        statement
        for node in statements
        if isinstance(node, ast.If) and ast.unparse(node.test) in tests
        for statement in node.body
    ]
    futures = [node for node in statements if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    return [*futures, *body] if body else []


def _called(make: Callable[[], Any], place: str) -> tuple[Any, Sequence[tuple[str | None, object]]]:
    """What `make` returns, or if that is no target the one that it makes on the way; and all of those."""
    value, name = None, getattr(make, "__name__", make)
    try:
        with _watching() as watched, _may_end():
            value = make()
    except PanimError:
        raise
    except (Exception, SystemExit) as error:
        raise SettingsError(
            f"running {name} of {place} failed: {type(error).__name__}: {error}{user_traceback(error)}"
        ) from error
    found = list(watched())
    if value is not None and (not found or _can_be_adapted(value)):
        return value, found
    if not found:
        raise SettingsError(f"{place}: {name} makes nothing to render; name a function that returns it")
    if len(found) > 1:
        raise SettingsError(f"{place}: {name} makes {len(found)} targets; name a function that returns one of them")
    return found[0][1], found


def _can_be_adapted(value: Any) -> bool:
    try:
        adapt(value)
    except SettingsError:
        return False
    return True


@contextlib.contextmanager
def _watching() -> Iterator[Callable[[], list[tuple[str | None, object]]]]:
    """While it lasts, renderers see what targets are made; gives a function that tells all so far."""
    from panim_core.execution.spare import telling

    lists: list[Sequence[tuple[str | None, object]]] = []
    with contextlib.ExitStack() as stack:
        for renderer in plugins.renderers():
            watch = getattr(renderer, "watch", None)
            if watch is not None:
                lists.append(stack.enter_context(watch()))
        stack.enter_context(telling())
        yield lambda: [item for found in lists for item in found]


def _source(
    value: Any, place: str, origin: tuple[str, tuple[str, ...]], watched: Sequence[tuple[str | None, object]]
) -> FrameGenerator:
    """`value` as a source; a FrameGenerator class, or a function without parameters that makes a target, is called."""
    function = None
    if (isinstance(value, type) and issubclass(value, FrameGenerator)) or inspect.isfunction(value):
        try:
            inspect.signature(value).bind()
        except TypeError as error:
            raise SettingsError(f"{place}: {value.__name__} cannot be called without arguments ({error})") from None
        function = value.__qualname__
        value, watched = _called(value, place)
    source = adapt(value)
    for part in _sources_in(source, set()):
        if hasattr(part, _ORIGIN):
            drawn: Sequence[object] = getattr(part, _PARTS, tuple)()
            number = next((i for i, (_, target) in enumerate(watched) if any(target is d for d in drawn[:1])), None)
            setattr(part, _ORIGIN, (*origin, number, function))
    return source
