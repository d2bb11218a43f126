"""Pickling by value, with what panim needs besides: code that still knows its file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

import cloudpickle


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """cloudpickle's pickler; what it wrote, plain `pickle.load` reads.

    From 3.1.3 on cloudpickle leaves out the file that code came from. It is in every traceback of a worker: without
    it an error could not show the user's line.

    numpy pickles each view as an array of its own. Here it stays one: a simulation that computes in ``u[1:-1]``
    changes ``u`` wherever it goes on.
    """

    def reducer_override(self, obj: Any) -> Any:
        """See `pickle.Pickler.reducer_override`."""
        if isinstance(obj, CodeType):
            make, arguments = self.dispatch_table[CodeType](obj)
            return _code_of_file, (make, arguments, obj.co_filename)
        numpy = sys.modules.get("numpy")
        if numpy is not None and type(obj) is numpy.ndarray and _shares_memory(obj, numpy.ndarray):
            offset = obj.__array_interface__["data"][0] - obj.base.__array_interface__["data"][0]
            return _view, (obj.base, obj.shape, obj.dtype, offset, obj.strides, obj.flags.writeable)
        return super().reducer_override(obj)


def _shares_memory(array: Any, kind: Any) -> bool:
    """Whether the memory of `array` is that of another array, which something else refers to as well."""
    return (
        type(array.base) is kind
        and array.base.flags.forc
        and array.base.nbytes > 0
        and not array.base.dtype.hasobject
        and not array.dtype.hasobject
        and _references(array) > _references(kind((1,))[:])
    )


def _references(view: Any) -> int:
    return sys.getrefcount(view.base)


def _view(
    owner: Any, shape: tuple[int, ...], dtype: Any, offset: int, strides: tuple[int, ...], writeable: bool
) -> Any:
    view = type(owner)(shape, dtype, owner.ravel(order="K").view("u1"), offset, strides)
    view.flags.writeable = writeable
    return view


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
