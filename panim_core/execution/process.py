"""Worker processes, seen from their parent: started by exec, spoken to over a pipe each, always reaped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from panim_core.errors import RenderError, SettingsError
from panim_core.execution.machine import peak_memory_bytes

if TYPE_CHECKING:
    from panim_core.execution.worker import Assignment

_TAIL_BYTES = 16_384
_OUTPUT_BYTES = 1 << 20
_REAP_SECONDS = 5.0
_WHEREABOUTS_SECONDS = 0.5
_OUTERMOST_CALL = '"<string>", line 1 in <module>'

_BOOT = (
    "import sys, json; a = sys.argv; sys.path[:] = json.loads(a[2]); "
    "import faulthandler, signal; faulthandler.enable(); "
    # Also while a C call holds the interpreter: a worker that hangs can be asked where.
    "faulthandler.register(signal.SIGUSR2, all_threads=False); "
    "from panim_core.execution.worker import main; main(int(a[1]), int(a[3]), a[4], int(a[5]))"
)

# One frame is one process's work: libraries that would each start a thread per core only get in each other's
# way. A user's own setting wins, and that of OpenMP holds for those that would go by it if they had none.
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def _few_threads() -> dict[str, str]:
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return dict.fromkeys(_THREADS, asked or "1")


class WorkerProcess:
    """Starts when made. `pidfd` (where the system has it) and `pipe` become readable when it ends.

    Args:
        script: one whose imports it makes until it is told what to do.
        path: where it finds modules until then.
        names: a file descriptor from which it reads what else to import, see `worker.main`.
    """

    def __init__(self, script: str = "", path: Sequence[str] | None = None, names: int | None = None) -> None:
        if not sys.executable:
            raise SettingsError("this Python has no executable (sys.executable is empty), so no worker can be started")
        self.number = 0
        self.started_at = time.monotonic()
        self.peak_bytes = 0
        """Most memory that it had, slots not counted."""
        self.slots: set[int] = set()
        """Those it was given; all that it has written to counts as its memory for the system."""
        self._slot_bytes = 0
        self._inherited_peak = peak_memory_bytes()
        self.tail = b""
        self.hung_up = False
        """Whether its end of the pipe is closed."""
        self.silent = False
        """Whether its standard output and error are closed."""
        ours, child = socket.socketpair()
        out_read, out_write = os.pipe()
        command = [
            sys.executable,
            *(f"-W{option}" for option in sys.warnoptions),
            "-c",
            _BOOT,
            str(child.fileno()),
            json.dumps(module_path() if path is None else path),
            str(-1 if names is None else names),
            script,
            str(os.getpid()),
        ]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out_write,
                stderr=out_write,
                pass_fds=(child.fileno(), *([] if names is None else [names])),
                start_new_session=True,
                env={**_few_threads(), "PYTHONHASHSEED": "0", **os.environ, "PYTHONUNBUFFERED": "1"},
            )
        except BaseException as error:
            ours.close()
            os.close(out_read)
            if isinstance(error, OSError):
                raise RenderError(
                    f"a worker could not be started: {error.strerror or error}; use fewer workers (--workers), "
                    "or raise the system's limit of processes and open files (ulimit)"
                ) from error
            raise
        finally:
            child.close()
            os.close(out_write)
        from multiprocessing.connection import Connection  # it takes a while; meanwhile the worker is starting

        self.pipe = Connection(ours.detach())
        self.pid = self._process.pid
        self.output_fd = out_read
        os.set_blocking(out_read, False)
        self.pidfd: int | None = None
        if hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):  # an old kernel: the pipe's end tells as well
                self.pidfd = os.pidfd_open(self.pid)

    def assign(self, number: int, assignment: Assignment, source_fd: int, slots_fd: int) -> None:
        """Tell it what it is to work on, before all else."""
        self.number, self.started_at, self._slot_bytes = number, time.monotonic(), assignment.slot_bytes
        self.tell((module_path(), sys.argv, assignment))
        with (
            contextlib.suppress(BrokenPipeError, ConnectionResetError),
            socket.socket(fileno=os.dup(self.pipe.fileno())) as side,
        ):
            socket.send_fds(side, [b"f"], [source_fd, slots_fd])

    def tell(self, message: Any) -> None:
        """Send a message; a worker that has died meanwhile is noticed by its sentinel."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(message)

    def messages(self) -> list[Any]:
        """What it has said since the last call."""
        found = []
        try:
            while self.pipe.poll():
                found.append(self.pipe.recv())
        except (EOFError, OSError):
            self.hung_up = True
        return found

    def output(self) -> str:
        """What it has printed since the last call; the end of everything is kept as evidence.

        Not all of it if that is very much: one that prints without end must not keep its parent.
        """
        printed = b""
        with contextlib.suppress(BlockingIOError):
            while len(printed) < _OUTPUT_BYTES and not self.silent:
                chunk = os.read(self.output_fd, 65_536)
                self.silent = not chunk
                printed += chunk
        self.tail = (self.tail + printed)[-_TAIL_BYTES:]
        return printed.decode(errors="replace")

    @property
    def ended(self) -> bool:
        """Whether the process is gone, and reaped."""
        if self._process.returncode is None:
            try:
                if hasattr(os, "waitid") and os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
                    self._kill_group()  # its number is its own until it is reaped
                pid, status, usage = os.wait4(self.pid, os.WNOHANG)
                if pid and not hasattr(os, "waitid"):
                    self._kill_group()
            except ChildProcessError:  # whoever called us ignores SIGCHLD: the system has reaped it
                self._process.returncode = 0
            else:
                if pid:
                    self._process.returncode = os.waitstatus_to_exitcode(status)
                    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
                    if peak > self._inherited_peak:
                        self.had(peak)
        return self._process.returncode is not None

    def had(self, resident_bytes: int) -> None:
        """So much of it has been in memory."""
        self.peak_bytes = max(self.peak_bytes, resident_bytes - len(self.slots) * self._slot_bytes)

    @property
    def exit_code(self) -> int | None:
        """As `subprocess` gives it; negative is a signal."""
        code: int | None = self._process.returncode
        return code

    def wait(self, seconds: float) -> bool:
        """Wait for its end."""
        until = time.monotonic() + seconds
        while not self.ended and time.monotonic() < until:
            time.sleep(0.002)
        return self.ended

    def _kill_group(self) -> None:
        """It, and what it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End it and what it started now, stopped or not, and reap it."""
        if not self.ended:
            self._kill_group()
            self.wait(_REAP_SECONDS)  # not forever: it may hang in the system, e.g. on a network disk

    def whereabouts(self) -> str:
        """Where the worker is now, innermost call first; empty if it cannot tell, e.g. because it is stopped."""
        told, until = "", time.monotonic() + _WHEREABOUTS_SECONDS
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGUSR2)
        while _OUTERMOST_CALL not in told and not self.ended and time.monotonic() < until:
            time.sleep(0.01)
            told += self.output()
        calls = [line for line in told.partition("(most recent call first):\n")[2].splitlines() if "File " in line]
        own = next((i for i, line in enumerate(calls) if __package__.replace(".", os.sep) in line), len(calls))
        return "\n".join(calls[: max(1, own)])

    def close(self) -> None:
        """Kill it if it lives and free what this process holds of it."""
        self.kill()
        self.pipe.close()
        os.close(self.output_fd)
        if self.pidfd is not None:
            os.close(self.pidfd)

    def likely_cause(self) -> str:
        """Why it ended, as far as the exit code tells."""
        code: int | None = self._process.returncode
        if code is None:
            return "it hangs"
        if code == -signal.SIGKILL:
            peak = f"; its peak was {self.peak_bytes / 1e6:.0f} MB" if self.peak_bytes else ""
            return (
                f"it was killed (SIGKILL), possibly because memory ran out{peak}; "
                "fewer workers (--workers) or a smaller --size need less"
            )
        if code < 0:
            names: dict[int, str] = {
                signal.SIGSEGV: "a segmentation fault",
                signal.SIGABRT: "an abort",
                signal.SIGBUS: "a bus error",
            }
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            return f"it died of {names.get(-code, 'a signal')} ({name})"
        return f"it exited by itself with status {code}; frames must be returned, not os._exit called"


def module_path() -> list[str]:
    """Where this process finds modules; the first place of each counts."""
    return list(dict.fromkeys(entry for entry in sys.path if isinstance(entry, str)))
