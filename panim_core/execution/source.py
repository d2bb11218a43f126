"""How a source travels to workers: by value, so that they never import the user's main module."""

from __future__ import annotations

import contextlib
import io
import pickle
import sys
import threading
import weakref
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from panim_core.errors import SettingsError
from panim_core.protocols import FrameGenerator

BY_VALUE = "__panim_by_value__"
"""A module with this attribute is a script: its functions and classes travel by value."""

_MAIN_OF_CHILDREN = "__mp_main__"
"""What the script is called in processes that multiprocessing spawns."""

_registering = threading.RLock()  # renders may run in threads; the register is one for all of them


@contextlib.contextmanager
def scripts_by_value() -> Iterator[None]:
    """While it lasts, what scripts define travels by value."""
    import cloudpickle

    with _registering:
        scripts = [m for m in list(sys.modules.values()) if isinstance(m, ModuleType) and BY_VALUE in m.__dict__]
        if isinstance(main := sys.modules.get(_MAIN_OF_CHILDREN), ModuleType):
            scripts.append(main)
        registered = cloudpickle.list_registry_pickle_by_value()
        fresh = [m for m in scripts if m.__name__ not in registered]
        for module in fresh:
            cloudpickle.register_pickle_by_value(module)
        try:
            yield
        finally:
            for module in fresh:
                cloudpickle.unregister_pickle_by_value(module)


_living: weakref.WeakValueDictionary[bytes, FrameGenerator] = weakref.WeakValueDictionary()


def living(data: bytes) -> FrameGenerator | None:
    """The very source that `dump` gave `data` for, if it has claims here, in the process of `dump`."""
    return _living.get(data)


def dump(source: FrameGenerator) -> bytes:
    """`source` as bytes.

    Raises:
        SettingsError: it cannot travel; names the part that cannot and the way out.
    """
    with scripts_by_value():
        try:
            data = _pickle(source)
            if hasattr(source, "claims_here"):
                _living[data] = source
            return data
        except SettingsError:
            raise
        except Exception as error:
            from panim_core.pickling import culprit

            found = culprit(source, "source", _pickle)
            raise SettingsError(
                f"the source cannot be sent to worker processes: {found or type(source).__name__}: "
                f"{type(error).__name__}: {error}. Open files, locks, connections and the like in start(), "
                "which each worker calls, instead of keeping them in the object"
            ) from error


def _pickle(value: Any) -> bytes:
    from panim_core.pickling import Pickler

    stream = io.BytesIO()
    Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return stream.getvalue()


def load(data: bytes | memoryview) -> FrameGenerator:
    """The source again. Raises whatever unpickling it raises."""
    source: FrameGenerator = pickle.loads(data)
    return source
