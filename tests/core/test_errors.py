"""Errors cross process boundaries whole, and are what their docstring says."""

from __future__ import annotations

import copy
import inspect
import pickle

import cloudpickle
import pytest

from panim_core import errors
from panim_core.drawing import NotAFrameError
from panim_core.errors import PanimError

EXAMPLES = [
    PanimError("something"),
    errors.SettingsError("fps 0 is out of range"),
    errors.PluginError("a plugin"),
    errors.PluginNotFoundError("easing", "wobble", ["linear", "smoothstep"], "install it"),
    errors.PluginConflictError("easing", "wobble", ["left", "right"]),
    errors.PluginLoadError("cannot be loaded"),
    errors.PluginContractError("breaks a protocol"),
    errors.PluginUnavailableError("ffmpeg was not found", "install it"),
    errors.RenderError("drawing failed", 3),
    errors.FrameError(7, 233.3, "ValueError: boom", "Traceback ...\nValueError: boom\n"),
    errors.WorkerLostError("frame 7 ended its worker", 7, -9, "it was killed", "Fatal Python error"),
    errors.FrameTimeoutError(7, 233.3, 300.0, "\nit was here"),
    errors.EncodeError("ffmpeg failed", ["ffmpeg", "-i", "pipe:0"], 1, "no such luck"),
    errors.RenderCancelledError("stopped"),
    NotAFrameError("a str is no frame"),
]


def test_every_error_is_among_the_examples() -> None:
    public = {error for _, error in inspect.getmembers(errors, inspect.isclass) if issubclass(error, PanimError)}
    assert public <= {type(error) for error in EXAMPLES}


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "travel",
    [
        *(lambda e, p=p: pickle.loads(pickle.dumps(e, p)) for p in range(2, pickle.HIGHEST_PROTOCOL + 1)),
        lambda e: pickle.loads(cloudpickle.dumps(e)),
        copy.copy,
        copy.deepcopy,
    ],
)
def test_an_error_survives_travel_with_all_it_carries(error: PanimError, travel) -> None:
    arrived = travel(error)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert arrived.args == error.args
    assert vars(arrived) == vars(error)
    again = travel(arrived)
    assert vars(again) == vars(error)


def test_a_subclass_of_a_user_survives_too() -> None:
    class Own(errors.FrameError):
        def __init__(self, code: int) -> None:
            super().__init__(1, 2.0, "own")
            self.code = code

    arrived = pickle.loads(cloudpickle.dumps(Own(42)))
    assert (arrived.code, arrived.frame_index, arrived.time_ms) == (42, 1, 2.0)


def test_errors_keep_the_builtin_that_they_refine() -> None:
    assert issubclass(errors.SettingsError, ValueError)
    assert issubclass(errors.PluginNotFoundError, LookupError)
    assert issubclass(errors.FrameTimeoutError, TimeoutError)


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = [line for line in errors.__doc__.splitlines() if "──" in line]
    found = {}
    parents = ["PanimError"]
    for line in drawn:
        branch, _, rest = line.partition("── ")
        depth = (len(branch) - 4) // 4 + 1
        name = rest.split()[0]
        parents = [*parents[:depth], name]
        found[name] = parents[depth - 1]
    assert found == {
        error.__name__: next(base.__name__ for base in error.__mro__[1:] if issubclass(base, PanimError))
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, PanimError) and error is not PanimError
    }
