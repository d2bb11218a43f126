"""Every error that panim raises on purpose.

::

    PanimError
    ├── SettingsError (ValueError)      what was asked cannot be done; found before anything is drawn
    ├── PluginError                     a plugin could not be used
    │   ├── PluginNotFoundError         no such name; lists what is known
    │   ├── PluginConflictError         two distributions claim the name
    │   ├── PluginLoadError             its import or its hook failed
    │   ├── PluginContractError         it returned what breaks a protocol
    │   └── PluginUnavailableError      it lacks something on this machine; .hint says how to get it
    ├── RenderError                     drawing failed; .frame_index
    │   ├── FrameError                  the user's code raised; .time_ms, .remote_traceback
    │   ├── WorkerLostError             a worker died; .exit_code, .likely_cause
    │   └── FrameTimeoutError           a frame took longer than its deadline; .seconds
    ├── EncodeError                     the encoder failed; .command .exit_status .stderr_tail
    └── RenderCancelledError            for your own code, to stop a render

All of them survive pickling with every attribute, and `str(error)` is one message for a person: what
happened, where, and the way out.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any


def _rebuild(cls: type[PanimError], args: tuple[Any, ...], state: dict[str, Any]) -> PanimError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class PanimError(Exception):
    """The root of panim's errors."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, dict(self.__dict__))


class SettingsError(PanimError, ValueError):
    """What was asked for cannot be done. Raised before anything is drawn."""


class PluginError(PanimError):
    """A plugin could not be used."""


class PluginNotFoundError(PluginError, LookupError):
    """No plugin contributes this name.

    Attributes:
        kind: what was looked for, e.g. ``"easing"``.
        name: the name that was asked for.
        known: the names that exist.
    """

    def __init__(self, kind: str, name: str, known: Sequence[str], hint: str = "") -> None:
        from difflib import get_close_matches

        nearest = get_close_matches(name, known, n=1)
        listing = ", ".join(known) if known else "none"
        meant = f"; did you mean {nearest[0]!r}? Known: {listing}" if nearest else f"; known: {listing}"
        super().__init__(f"there is no {kind} named {name!r}{meant}" + (f". {hint}" if hint else ""))
        self.kind, self.name, self.known = kind, name, tuple(known)


class PluginConflictError(PluginError):
    """Two or more distributions claim one name; the message shows the qualified names to use."""

    def __init__(self, kind: str, name: str, distributions: Sequence[str]) -> None:
        ways = " or ".join(f"{d}:{name}" for d in distributions)
        super().__init__(f"{kind} {name!r} is claimed by {' and '.join(distributions)}; write {ways}")
        self.kind, self.name, self.distributions = kind, name, tuple(distributions)


class PluginLoadError(PluginError):
    """A plugin's import or hook failed."""


class PluginContractError(PluginError):
    """A plugin returned something that breaks a protocol."""


class PluginUnavailableError(PluginError):
    """A plugin is installed but lacks something here.

    Attributes:
        hint: what to do about it, e.g. a command to run.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.hint = hint


class RenderError(PanimError):
    """Drawing failed.

    Attributes:
        frame_index: the frame's index in the clip, or None where no frame is to blame.
    """

    def __init__(self, message: str, frame_index: int | None = None) -> None:
        super().__init__(message)
        self.frame_index = frame_index


class FrameError(RenderError):
    """The code that draws a frame raised, or returned what is no frame.

    Attributes:
        time_ms: the frame's time in milliseconds.
        remote_traceback: the worker's traceback as text, empty where there is none.
    """

    def __init__(self, frame_index: int, time_ms: float, reason: str, remote_traceback: str = "") -> None:
        message = f"frame {frame_index} (at {time_ms:g} ms) failed: {reason}"
        super().__init__(f"{message}\n{remote_traceback.rstrip()}" if remote_traceback else message, frame_index)
        self.time_ms, self.reason, self.remote_traceback = time_ms, reason, remote_traceback


class WorkerLostError(RenderError):
    """A worker process died or did not start.

    Attributes:
        exit_code: as `subprocess` gives it: negative is a signal; None where the worker never ended by itself.
        likely_cause: in words, e.g. ``"killed (SIGKILL), possibly out of memory"``.
        stderr_tail: the last of what the worker wrote.
    """

    def __init__(
        self,
        message: str,
        frame_index: int | None = None,
        exit_code: int | None = None,
        likely_cause: str = "",
        stderr_tail: str = "",
    ) -> None:
        super().__init__(f"{message}\n{stderr_tail.rstrip()}" if stderr_tail else message, frame_index)
        self.exit_code, self.likely_cause, self.stderr_tail = exit_code, likely_cause, stderr_tail


class FrameTimeoutError(RenderError, TimeoutError):
    """A frame took longer than its deadline, twice.

    Attributes:
        seconds: the deadline.
    """

    def __init__(self, frame_index: int, time_ms: float, seconds: float, detail: str = "") -> None:
        super().__init__(
            f"frame {frame_index} (at {time_ms:g} ms) was not drawn within {seconds:g} s, twice; "
            f"allow more with --frame-timeout or Deadlines(frame=...), or look for an endless loop" + detail,
            frame_index,
        )
        self.time_ms, self.seconds = time_ms, seconds


class EncodeError(PanimError):
    """The encoder failed.

    Attributes:
        command: the encoder's command line, empty for an encoder that runs in this process.
        exit_status: as `subprocess` gives it, or None.
        stderr_tail: the last of what the encoder wrote.
    """

    def __init__(
        self,
        message: str,
        command: Sequence[str] = (),
        exit_status: int | None = None,
        stderr_tail: str = "",
    ) -> None:
        told = [message, stderr_tail.rstrip(), f"its command: {shlex.join(map(str, command))}" if command else ""]
        super().__init__("\n".join(filter(None, told)))
        self.command, self.exit_status, self.stderr_tail = tuple(command), exit_status, stderr_tail


class RenderCancelledError(PanimError):
    """The render was stopped on purpose; nothing was published. For `on_event` to raise."""

    def __init__(self, message: str = "the render was cancelled") -> None:
        super().__init__(message)
