"""Pickling by value, with what panim needs besides: code that still knows its file."""

from __future__ import annotations

from types import CodeType
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


def _code_of_file(make: type[CodeType], arguments: tuple[Any, ...], filename: str) -> CodeType:
    return make(*arguments).replace(co_filename=filename)
