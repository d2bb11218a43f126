"""A child process: fed, drained, killed and reaped."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import IO

from panim_core.errors import EncodeError

_TAIL_BYTES = 64 << 10
_DRAIN_SECONDS = 5.0
_REAP_SECONDS = 10.0
_RUN_SECONDS = 3600.0
"""That copying, however much, may take."""
# ffmpeg that reads no frames would not notice our end: a shell does, and passes on how ffmpeg ended. What is above 143
# is no signal that it is likely to die of, but an error's number, e.g. 183 for data that make no sense.
_TIED = """
exec 3<&0 </dev/null
"$@" 3<&- &
ffmpeg=$!
{ read _ <&3 || kill -KILL 0; } &
exec 3<&-
wait $ffmpeg
status=$?
if [ $status -gt 128 ] && [ $status -le 143 ]; then kill -$((status - 128)) $$; fi
exit $status
"""
_DISK_FULL = ("No space left on device", "Disk quota exceeded")


@dataclass(frozen=True)
class Exit:
    """How a process ended, and what it took."""

    status: int
    """As `subprocess` gives it: negative is a signal."""
    cpu_seconds: float
    peak_memory_bytes: int


class Process:
    """An ffmpeg in a session of its own, reaped as soon as it ends; what it says is read all the time.

    Made by `start`. `stdin` is a pipe of which only this process holds the write end; ffmpeg ends when it is closed.
    """

    def __init__(self, command: tuple[str, ...], popen: subprocess.Popen[bytes]) -> None:
        assert popen.stdin is not None
        self.command = command
        self.stdin: IO[bytes] = popen.stdin
        self.time_base = Fraction(1)
        """Seconds in a unit of the times in `listed`."""
        self.listed: list[tuple[int, int, int]] = []
        """(decoding time, presentation time, duration) of each frame that ffmpeg's framecrc format printed."""
        self.exit: Exit | None = None
        self._popen = popen
        self._reported = 0
        self._stderr = bytearray()
        self._progress = b""
        self._lock = threading.Lock()
        self._drains = [
            _thread("stderr", _drain, popen.stderr, self._keep_stderr),
            _thread("progress", _drain, popen.stdout, self._read_progress),
        ]
        self._reaper = _thread("reaper", self._reap)

    def _keep_stderr(self, chunk: bytes) -> None:
        self._stderr += chunk
        del self._stderr[:-_TAIL_BYTES]

    def _read_progress(self, chunk: bytes) -> None:
        *lines, self._progress = (self._progress[-1024:] + chunk).split(b"\n")
        for line in lines:
            if found := re.fullmatch(rb"frame=\s*(\d+)\s*", line):
                self._reported = int(found[1])
            elif found := re.match(rb"0,\s*(-?\d+),\s*(-?\d+),\s*(\d+),", line):
                self.listed.append((int(found[1]), int(found[2]), int(found[3])))
            elif found := re.fullmatch(rb"#tb 0: (\d+/\d+)\s*", line):
                self.time_base = Fraction(found[1].decode())

    def _reap(self) -> None:
        try:
            self._wait_for_end()
        except ChildProcessError:  # whoever called us ignores SIGCHLD: the system has reaped it; frames still count
            self._popen.returncode = 0
            self.exit = Exit(0, 0.0, 0)

    def _wait_for_end(self) -> None:
        pid = self._popen.pid
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        while True:
            with self._lock:
                reaped, status, usage = os.wait4(pid, os.WNOHANG)
                if reaped:
                    # What it left behind is still in its group.
                    self._kill_group()
                    code = os.waitstatus_to_exitcode(status)
                    memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
                    self._popen.returncode = code
                    self.exit = Exit(code, usage.ru_utime + usage.ru_stime, memory)
                    return
            time.sleep(0.01)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL to it and everything that it started, even if stopped."""
        with self._lock:
            if self.exit is None:
                self._kill_group()

    def wait(self, seconds: float | None = None) -> Exit | None:
        """Wait until it has ended and what it said was read; None if that takes longer than `seconds`."""
        self._reaper.join(seconds)
        if self.exit is not None:
            for thread in self._drains:
                thread.join(_DRAIN_SECONDS)
        return self.exit

    def end(self) -> None:
        """Kill it if it still runs, and wait for its end."""
        self.kill()
        self.wait(_REAP_SECONDS)

    def run(self, seconds: float = _RUN_SECONDS) -> Exit:
        """Wait for the end of one that reads no frames; killed if interrupted.

        Raises:
            EncodeError: it failed, or took longer than `seconds`.
        """
        try:
            ended = self.wait(seconds)
        finally:
            self.end()
            self.stdin.close()
        if ended is None:
            raise self.failure(f"did not end within {seconds:g} s")
        if ended.status != 0:
            raise self.failure("failed")
        return ended

    @property
    def frame_count(self) -> int:
        """How many frames ffmpeg says are in its output, by its report or by its list."""
        return self._reported or len(self.listed)

    @property
    def stderr_tail(self) -> str:
        """The last of what it wrote to stderr."""
        return bytes(self._stderr).decode(errors="replace").strip()

    @property
    def disk_full(self) -> bool:
        """Whether it complained of a full disk."""
        return any(words in self.stderr_tail for words in _DISK_FULL)

    def failure(self, what: str) -> EncodeError:
        """The error that says that ffmpeg `what`, with all that is known of why."""
        message = f"ffmpeg {what}"
        status = self.exit.status if self.exit else None
        if self.disk_full:
            message += ": the disk is full"
        if status is not None and status < 0:
            name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
            message += f"; it was killed by {name}"
            if name == "SIGKILL":
                message += ", possibly because memory ran out"
        elif status:
            message += f"; its exit status is {status}"
        return EncodeError(message, self.command, status, self.stderr_tail)


def start(command: Sequence[str], reads: bool = False) -> Process:
    """Start ffmpeg.

    Args:
        reads: frames from `stdin`, and ends with them; else it is killed when `stdin` is closed.

    Raises:
        EncodeError: the system refuses.
    """
    words = tuple(command)
    try:
        popen = subprocess.Popen(
            words if reads else ("/bin/sh", "-c", _TIED, "panim-ffmpeg", *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise EncodeError(f"ffmpeg could not be started: {error}", words) from error
    if reads:
        _schedule_as_batch(popen.pid)
    return Process(words, popen)


def _schedule_as_batch(pid: int) -> None:
    """Tell Linux that nobody waits for each single step of it, so that its threads, once awake, interrupt no other."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # not allowed, or it has ended
            if os.sched_getscheduler(pid) == os.SCHED_OTHER:
                os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))


def _thread(role: str, run: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=run, args=args, name=f"panim-ffmpeg-{role}", daemon=True)
    thread.start()
    return thread


def _drain(pipe: IO[bytes], take: Callable[[bytes], None]) -> None:
    with pipe:
        while chunk := os.read(pipe.fileno(), 65536):
            take(chunk)
