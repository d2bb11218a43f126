"""The pipe into ffmpeg: frames go through it without being copied where the system can do that."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

_PIPE_BYTES = 1 << 20
_PIPE_LIMIT = Path("/proc/sys/fs/pipe-max-size")


def widen(descriptor: int) -> int:
    """Let a pipe hold more than its usual 64 KiB, where the system has such a setting: fewer switches a frame.

    Returns:
        How many bytes it holds.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, min(_PIPE_BYTES, int(_PIPE_LIMIT.read_text())))
    return _PIPE_BYTES


class _Span(ctypes.Structure):
    """The system's ``struct iovec``."""

    _fields_ = (("base", ctypes.c_void_p), ("nbytes", ctypes.c_size_t))


class FrameWriter:
    """Writes whole frames into the pipe `descriptor`, which holds `capacity` bytes.

    On Linux the pipe is given the frame's own memory (vmsplice), which saves the copy into it. A frame's last bytes,
    as many as the pipe holds, are copied all the same: when they are in, all before them have been read, and the
    memory may be used again.
    """

    def __init__(self, descriptor: int, capacity: int) -> None:
        self._descriptor, self._capacity = descriptor, capacity
        self._splice = _vmsplice()

    def write(self, frame: memoryview) -> None:
        """Write all of `frame`; return when its memory may be changed. Raises `OSError`."""
        rest = frame
        if self._splice is not None and frame.nbytes > 2 * self._capacity and not frame.readonly:
            rest = self._give(frame, frame.nbytes - self._capacity)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def _give(self, frame: memoryview, nbytes: int) -> memoryview:
        """Give the first `nbytes` to the pipe, or fewer if it does not take them; return the rest."""
        assert self._splice is not None
        address, given = ctypes.addressof(ctypes.c_char.from_buffer(frame)), 0
        while given < nbytes:
            span = _Span(address + given, nbytes - given)
            count = self._splice(self._descriptor, ctypes.byref(span), 1, 0)
            if count < 0:
                number = ctypes.get_errno()
                if number == errno.EINTR:
                    continue
                if number in (errno.ENOSYS, errno.EPERM, errno.EINVAL, errno.EFAULT):
                    self._splice = None
                    break
                raise OSError(number, os.strerror(number))
            given += count
        return frame[given:]


@lru_cache(maxsize=1)
def _vmsplice() -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    function: Any = getattr(ctypes.CDLL(None, use_errno=True), "vmsplice", None)
    if function is not None:
        function.restype = ctypes.c_ssize_t
        function.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_uint)
    return function  # type: ignore[no-any-return]
