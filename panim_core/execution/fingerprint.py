"""The fingerprint of a source: equal in two processes if, as far as can be told, both draw the same.

Pickled bytes will not do: they depend on the hash seed (sets), on which equal constants are one object, on random
numbers that cloudpickle gives to classes. So the object is walked as a pickler walks it, and what is met is fed to
a hash in an order and form that depend on nothing but its value:

- what travels by value (state, and functions and classes of the script or notebook) by value: byte code,
  constants, defaults, closures and the globals that functions use; not line numbers, comments or file names;
- what travels by reference by its name, and its module is noted. Modules noted, and those that the code
  imports, are hashed as files if they belong to the user (with the whole package they are in, and what those
  import in turn); installed ones are covered by the versions of all installed distributions.

What is not seen: files, times and random numbers that are read while drawing. Segments are therefore also
compared by pixels before they are used; see `panim_core.execution.probe`.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import hashlib
import importlib.machinery
import importlib.util
import io
import os
import pickle
import re
import site
import struct
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any

from panim_core.errors import SettingsError
from panim_core.execution.source import scripts_by_value
from panim_core.protocols import Identity

IDENTITY = "__panim_identity__"
"""A method by which an object says what to compare in its place, see `panim_core.protocols.Identity`."""

_DEPTH = 8000
_IMPORT = re.compile(rb"(?:^|[;:])[ \t]*(?:from[ \t]+(\w[\w.]*)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE)
_NOT_CODE = {"__firstlineno__", "__static_attributes__", "__doc__"}


def fingerprint(source: object) -> tuple[str, Mapping[str, str]]:
    """The SHA-256 of `source`, and those of the user's files that it needs, by name.

    Raises:
        SettingsError: it holds what cannot be compared.
    """
    walk = _Walk()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEPTH))
    try:
        with scripts_by_value():
            walk.take(source)
    except RecursionError:
        raise SettingsError(_cannot("it is nested too deeply")) from None
    except Exception as error:
        raise SettingsError(_cannot(f"{type(error).__name__}: {error}")) from error
    finally:
        sys.setrecursionlimit(limit)
    return walk.hash.hexdigest(), _files(walk.modules)


def _cannot(reason: str) -> str:
    return (
        f"the source cannot be recognised when the render is resumed: {reason}; render without --resume, or give it a "
        f"method {IDENTITY}() that returns plain data that tells it from others"
    )


class _Walk:
    """Feeds what it takes to `hash`, and collects the names of modules."""

    def __init__(self) -> None:
        import cloudpickle

        self.hash = hashlib.sha256()
        self.modules: set[str] = set()
        self._pickler = cloudpickle.Pickler(io.BytesIO())
        self._seen: dict[int, int] = {}
        self._alive: list[Any] = []
        self._stand_in: Callable[[Any], Any] = lambda value: value

    def _say(self, kind: str, data: bytes = b"") -> None:
        self.hash.update(f"{kind} {len(data)}:".encode())
        self.hash.update(data)

    def _text(self, kind: str, text: str) -> None:
        self._say(kind, text.encode("utf-8", "surrogatepass"))

    def take(self, value: Any) -> None:
        """Feed `value`."""
        kind = type(value)
        if kind is int:
            self._text("int", f"{value:x}")
        elif kind in (bool, type(None), type(Ellipsis), type(NotImplemented)):
            self._text("atom", repr(value))
        elif kind is float:
            self._say("float", struct.pack(">d", value))
        elif kind is complex:
            self._say("complex", struct.pack(">dd", value.real, value.imag))
        elif kind is str:
            self._text("str", value)
        elif kind is bytes:
            self._say("bytes", value)
        elif kind is tuple:
            self._all("tuple", value)
        elif kind is frozenset:
            self._unordered("frozenset", value)
        elif kind is CodeType:
            self._code(value)
        elif id(value) in self._seen:
            self._text("again", str(self._seen[id(value)]))
        else:
            self._seen[id(value)] = len(self._seen)
            self._alive.append(value)  # or its id would be given to another
            self._object(value)

    def _object(self, value: Any) -> None:
        kind = type(value)
        if hasattr(kind, IDENTITY):
            self._text("identity", kind.__qualname__)
            self.modules.add(kind.__module__)
            self._identity(getattr(value, IDENTITY)())
        elif (other := self._stand_in(value)) is not value:
            self.take(other)
        elif kind is list:
            self._all("list", value)
        elif kind is dict:
            self._all("dict", (item for pair in value.items() for item in pair))
        elif kind is set:
            self._unordered("set", value)
        elif kind in (MemberDescriptorType, GetSetDescriptorType):
            self._text("descriptor", value.__name__)
        else:
            self._reduced(value, self._reduce(value))

    def _identity(self, identity: Any) -> None:
        if not isinstance(identity, Identity):
            self.take(identity)
            return
        before, self._stand_in = self._stand_in, identity.stand_in
        try:
            self.take(identity.value)
        finally:
            self._stand_in = before

    def _all(self, kind: str, values: Iterable[Any]) -> None:
        self._say(kind)
        for value in values:
            self.take(value)
        self._say("end")

    def _unordered(self, kind: str, values: Iterable[Any]) -> None:
        """Feed the members in the order of their own digests, whatever order they come in."""
        self._all(kind, sorted(values, key=self._digest))

    def _digest(self, value: Any) -> bytes:
        whole, seen = self.hash, self._seen
        self.hash, self._seen = hashlib.sha256(), dict(seen)
        try:
            self.take(value)
            return self.hash.digest()
        finally:
            self.hash, self._seen = whole, seen

    # ---- objects, as a pickler sees them

    def _reduce(self, value: Any) -> Any:
        reduced = self._pickler.reducer_override(value)
        if reduced is not NotImplemented:
            return reduced
        if isinstance(value, type):
            return value.__qualname__
        if (reduce := self._pickler.dispatch_table.get(type(value))) is not None:
            return reduce(value)
        if isinstance(value, FunctionType):
            return value.__qualname__
        return value.__reduce_ex__(4)

    def _reduced(self, value: Any, reduced: Any) -> None:
        if isinstance(reduced, str):
            module = getattr(value, "__module__", None) or pickle.whichmodule(value, reduced)  # type: ignore[attr-defined]
            self.modules.add(module)
            self._text("name", f"{module} {reduced}")
        elif isinstance(value, FunctionType):
            self._function(value)
        elif isinstance(value, ModuleType):
            self.modules.add(value.__name__)
            self._text("module", value.__name__)
            if len(reduced[1]) > 1:  # one that travels by value
                self._named("contents", reduced[1][1])
        elif isinstance(value, type):
            self._class(value, reduced)
        else:
            make, arguments, *rest = reduced
            state, items, pairs = (*rest[:3], None, None, None)[:3]
            self._say("object")
            self.take(make)
            self.take(tuple(arguments))
            self.take(state)
            self._all("items", items or ())
            self._all("pairs", (x for pair in pairs or () for x in pair))

    def _named(self, kind: str, values: Mapping[str, Any]) -> None:
        """Feed a namespace, where order means nothing."""
        self._all(kind, (x for name in sorted(values) for x in (name, values[name])))

    def _class(self, cls: type, reduced: Any) -> None:
        self._text("class", f"{cls.__module__} {cls.__qualname__}")
        if len(reduced) == 2:  # of a singleton, such as None
            return
        _, arguments, (namespace, slots), *_ = reduced
        # cloudpickle numbers the classes that it sends, at random.
        self._all("made of", (a for a in arguments if not (isinstance(a, str) and len(a) == 32)))
        self._named("namespace", {k: v for k, v in namespace.items() if k not in _NOT_CODE})
        self._named("slots", {k: v for k, v in slots.items() if k not in _NOT_CODE})

    def _function(self, function: FunctionType) -> None:
        self._text("function", f"{function.__module__} {function.__qualname__}")
        self.take(function.__code__)
        self._all("defaults", [function.__defaults__, function.__kwdefaults__])
        with contextlib.suppress(NameError):  # Python 3.14 evaluates them now, and may lack a name
            self._named("annotations", function.__annotations__)
        self._named("attributes", vars(function))
        self._say("closure")
        for cell in function.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:
                self._say("empty")
            else:
                self.take(content)
        names, imported = _uses(function.__code__, function.__globals__.get("__package__") or "")
        self.modules |= imported
        self._named("globals", {n: function.__globals__[n] for n in names if n in function.__globals__})

    def _code(self, code: CodeType) -> None:
        counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
        names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
        self._all("code", (code.co_code, counts, names, getattr(code, "co_exceptiontable", b""), code.co_consts))


def _uses(code: CodeType, package: str) -> tuple[set[str], set[str]]:
    """Names of globals and of modules that the code, inner functions included, refers to."""
    names: set[str] = set()
    imported: set[str] = set()
    level, module = 0, ""
    for instruction in dis.get_instructions(code):
        operation, value = instruction.opname, instruction.argval
        if operation in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"):
            names.add(str(value))
        elif isinstance(value, int) and operation in ("LOAD_CONST", "LOAD_SMALL_INT"):
            level = value  # the last one before an import is how many packages to go up
        elif operation == "IMPORT_NAME":
            module = _absolute(str(value), level, package)
            imported.add(module)
        elif operation == "IMPORT_FROM":
            imported.add(f"{module}.{value}")
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            more_names, more_imported = _uses(constant, package)
            names |= more_names
            imported |= more_imported
    return names, imported


def _absolute(name: str, level: int, package: str) -> str:
    if not level:
        return name
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{name}" if name else base


# ---- files


def _files(modules: Iterable[str]) -> dict[str, str]:
    """SHA-256 of every file of the user's that the modules are made of, or import in turn."""
    found: dict[str, str] = {}
    looked_at: set[str] = set()
    waiting = {name.partition(".")[0] for name in modules}
    while waiting:
        top = waiting.pop()
        if top in looked_at or top in sys.stdlib_module_names:
            continue
        looked_at.add(top)
        for label, file in _sources(top):
            data = file.read_bytes()
            found[label] = hashlib.sha256(data).hexdigest()
            if file.suffix == ".py":
                waiting |= _imports(data)
    return found


def _sources(top: str) -> Iterator[tuple[str, Path]]:
    """(name for people, file) of a top-level module or package, if it is the user's own."""
    spec = _spec(top)
    if spec is None:
        return
    if spec.submodule_search_locations is not None:
        for folder in spec.submodule_search_locations:
            if not _installed(folder):
                for file in _tree(Path(folder)):
                    yield f"{top}/{file.relative_to(folder)}", file
    elif spec.origin is not None and os.path.isfile(spec.origin) and not _installed(spec.origin):
        yield os.path.basename(spec.origin), Path(spec.origin)


def _spec(top: str) -> importlib.machinery.ModuleSpec | None:
    module = sys.modules.get(top)
    spec: importlib.machinery.ModuleSpec | None = getattr(module, "__spec__", None)
    if module is not None and (spec is None or getattr(module, "__panim_by_value__", False)):
        return None
    if spec is None:
        try:
            spec = importlib.util.find_spec(top)
        except (ImportError, ValueError):
            return None
    return spec


def _tree(folder: Path) -> Iterator[Path]:
    for name in sorted(os.listdir(folder)):
        entry = folder / name
        if entry.is_dir():
            if name.isidentifier() and name != "__pycache__":
                yield from _tree(entry)
        elif entry.suffix in (".py", *importlib.machinery.EXTENSION_SUFFIXES) or name.endswith((".so", ".pyd")):
            yield entry


def _imports(data: bytes) -> set[str]:
    """Top-level names that a file seems to import absolutely, anywhere in it; too many do no harm."""
    found = set()
    for module, names in _IMPORT.findall(data):
        for name in (module or names).decode().split(","):
            found.add(name.split()[0].partition(".")[0] if name.strip() else "")
    return found


@functools.cache
def _installed_folders() -> set[str]:
    paths = sysconfig.get_paths()
    folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return {os.path.realpath(folder) for folder in {*folders, *site.getsitepackages(), site.getusersitepackages()}}


def _installed(path: str) -> bool:
    real = os.path.realpath(path)
    if {"site-packages", "dist-packages"} & set(Path(real).parts):
        return True
    return any(os.path.commonpath([real, folder]) == folder for folder in _installed_folders())


def installed_versions() -> dict[str, str]:
    """Every installed distribution's version by name, as the folders of their metadata say."""
    found: dict[str, str] = {}
    for entry in sys.path:
        if not os.path.isdir(entry or "."):
            continue
        for name in os.listdir(entry or "."):
            stem, extension = os.path.splitext(name)
            if extension in (".dist-info", ".egg-info") and "-" in stem:
                distribution, version = stem.split("-")[:2]
                found.setdefault(distribution.lower(), version)
    return dict(sorted(found.items()))
