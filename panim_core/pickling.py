"""Pickling by value, with what panim needs besides: code that still knows its file."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

import cloudpickle


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """cloudpickle's pickler; what it wrote, plain `pickle.load` reads.

    From 3.1.3 on cloudpickle leaves out the file that code came from. It is in every traceback of a worker: without
    it an error could not show the user's line.
    """

    def reducer_override(self, obj: Any) -> Any:
        """See `pickle.Pickler.reducer_override`."""
        if isinstance(obj, CodeType):
            make, arguments = self.dispatch_table[CodeType](obj)
            return _code_of_file, (make, arguments, obj.co_filename)
        return super().reducer_override(obj)


def culprit(value: Any, path: str, pickles: Callable[[Any], object], depth: int = 0) -> str | None:
    """The innermost part that `pickles` raises for, as ``source.child.handle (a TextIOWrapper)``; None: no part."""
    parts: dict[str, Any] = {}
    if depth < 8:
        if isinstance(value, dict):
            parts = {f"{path}[{k!r:.40}]": v for k, v in value.items()}
        elif isinstance(value, (list, tuple, set)):
            parts = {f"{path}[{i}]": v for i, v in enumerate(value)}
        elif hasattr(value, "__dict__"):
            parts = {f"{path}.{k}": v for k, v in vars(value).items() if not isinstance(value, (type, ModuleType))}
        closure = getattr(value, "__closure__", None)
        if closure:
            names = value.__code__.co_freevars
            parts |= {f"{path} variable {n}": c.cell_contents for n, c in zip(names, closure, strict=True)}
    for name, part in parts.items():
        try:
            pickles(part)
        except Exception:  # noqa: BLE001 - that it fails is the answer
            return culprit(part, name, pickles, depth + 1) or f"{name} (a {type(part).__name__})"
    return None


def _code_of_file(make: type[CodeType], arguments: tuple[Any, ...], filename: str) -> CodeType:
    return make(*arguments).replace(co_filename=filename)
