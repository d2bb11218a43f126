"""Pickling by value, with what panim needs besides: code that still knows its file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

import cloudpickle

_REFERENCES = 3
"""In `_owner`, to an array that only one view shows: the view's, the variable's, the argument's."""


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """cloudpickle's pickler; what it wrote, plain `pickle.load` reads.

    From 3.1.3 on cloudpickle leaves out the file that code came from. It is in every traceback of a worker: without
    it an error could not show the user's line.

    numpy pickles each view as an array of its own. Here it stays one: a simulation that computes in ``u[1:-1]``
    changes ``u`` wherever it goes on. So do windows over an array, its records, masked arrays on others, and
    memoryviews of all of an object.
    """

    def reducer_override(self, obj: Any) -> Any:
        """See `pickle.Pickler.reducer_override`."""
        if isinstance(obj, CodeType):
            make, arguments = self.dispatch_table[CodeType](obj)
            return _code_of_file, (make, arguments, obj.co_filename)
        if type(obj) is memoryview and _is_whole(obj):
            return memoryview, (obj.obj,)
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(obj, numpy.ndarray):
            masked = sys.modules.get("numpy.ma")
            is_masked = masked is not None and type(obj) is masked.MaskedArray
            if is_masked or type(obj).__reduce__ is numpy.ndarray.__reduce__:
                owner = _owner(obj, numpy.ndarray, 0 if is_masked else _REFERENCES)
                if owner is not None:
                    offset = obj.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
                    where = owner, obj.shape, obj.dtype, offset, obj.strides, obj.flags.writeable
                    if is_masked:
                        return _masked, (where, obj.mask, obj.fill_value, obj.hardmask)
                    return _view, (where, type(obj))
        if numpy is not None and isinstance(obj, numpy.void) and isinstance(obj.base, numpy.ndarray):
            owner = _owner(obj, numpy.ndarray, _REFERENCES)
            if owner is not None:
                offset = obj.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
                return _record, ((owner, (), obj.dtype, offset, (), owner.flags.writeable),)
        return super().reducer_override(obj)


def _is_whole(view: memoryview) -> bool:
    """Whether `view` shows all of its object, as that is."""
    if view.obj is None:
        return False
    whole = memoryview(view.obj)
    return all(getattr(view, name) == getattr(whole, name) for name in ("nbytes", "format", "shape", "readonly"))


def _owner(array: Any, kind: Any, references: int) -> Any:
    """The next array, of those whose memory `array` shows, that there are more `references` to."""
    held = array.base
    while held is not None:
        plain = isinstance(held, kind) and type(held).__reduce__ is kind.__reduce__
        if plain and held.flags.forc and held.nbytes and sys.getrefcount(held) > references:
            return None if held.dtype.hasobject or array.dtype.hasobject else held
        held = held.obj if isinstance(held, memoryview) else getattr(held, "base", None)
    return None


def _view(where: tuple[Any, ...], kind: Any) -> Any:
    """What is `where`: whose memory, then shape, dtype, offset and strides there, and whether it may be written."""
    import numpy as np

    owner, shape, dtype, offset, strides, writeable = where
    memory = np.asarray(owner).ravel(order="K").view("u1")
    view = np.ndarray(shape, dtype, memory, offset, strides)
    view.flags.writeable = writeable
    return view if kind is np.ndarray else view.view(kind)


def _record(where: tuple[Any, ...]) -> Any:
    import numpy as np

    return _view(where, np.ndarray)[()]


def _masked(where: tuple[Any, ...], mask: Any, fill_value: Any, hard_mask: bool) -> Any:
    import numpy as np

    data = _view(where, np.ndarray)
    return np.ma.MaskedArray(data, mask, fill_value=fill_value, hard_mask=hard_mask, copy=False)


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
