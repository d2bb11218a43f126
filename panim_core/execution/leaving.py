"""How a process of ours ends."""

from __future__ import annotations

import contextlib
import gc
import io

_ANY_FILE = next(base for base in io.IOBase.__mro__ if base.__module__ == "_io")


def leave_cycles() -> None:
    """Let Python leave without a search for cycles: 60 ms with matplotlib. Open files in them are written out."""
    for thing in gc.get_objects():
        if issubclass(type(thing), _ANY_FILE):
            with contextlib.suppress(Exception):
                thing.flush()
    gc.freeze()
