"""Code that travels by value keeps its file, which tracebacks show."""

import io
import pickle
from types import CodeType, FunctionType

from panim_core.pickling import Pickler


def travelled(function: FunctionType) -> FunctionType:
    stream = io.BytesIO()
    Pickler(stream).dump(function)
    return pickle.loads(stream.getvalue())


def test_code_and_the_code_in_it_keep_their_file() -> None:
    scope: dict = {"__name__": "a_script"}
    exec(compile("def outer(x):\n    return [(lambda: x + n)() for n in range(2)]", "/some/script.py", "exec"), scope)
    copy = travelled(scope["outer"])
    assert copy(1) == [1, 2]
    assert copy.__code__.co_firstlineno == 1
    waiting = [copy.__code__]
    while waiting:
        code = waiting.pop()
        assert code.co_filename == "/some/script.py"
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
