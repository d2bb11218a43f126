"""Shared memory for frames: one anonymous file, cut into slots of one frame each.

Linux gives an anonymous memory file (`memfd_create`); elsewhere it is a temporary file without a name. Either
is passed to workers by descriptor: there is no name to leak and the size of /dev/shm does not matter.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import tempfile
from typing import TYPE_CHECKING

from panim_core.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Slots:
    """Up to `count` slots of `nbytes` each, mapped into this process. Memory is taken for those that were asked for."""

    def __init__(self, fd: int, count: int, nbytes: int) -> None:
        self.fd, self.count, self.nbytes = fd, count, nbytes
        self._map = mmap.mmap(fd, count * nbytes)
        self._view = memoryview(self._map)

    @classmethod
    def allocate(cls, count: int, nbytes: int, most: int | None = None) -> Slots:
        """New slots; the memory is really there, so that writing to them cannot fail.

        Args:
            count: slots to take memory for now.
            most: slots that `grow` may reach.

        Raises:
            SettingsError: there is not enough memory.
        """
        fd = anonymous_file()
        try:
            if most is not None and most > count:
                with contextlib.suppress(OSError):  # addresses may be fewer than memory (ulimit -v)
                    os.ftruncate(fd, most * nbytes)
                    _take_memory(fd, 0, count * nbytes)
                    return cls(fd, most, nbytes)
            os.ftruncate(fd, count * nbytes)
            _take_memory(fd, 0, count * nbytes)
            return cls(fd, count, nbytes)
        except OSError as error:
            os.close(fd)
            if error.errno in (errno.ENOMEM, errno.ENOSPC, errno.EFBIG):
                raise SettingsError(
                    f"no memory for {count} frames of {nbytes / 1e6:.1f} MB ({os.strerror(error.errno)}); "
                    "use fewer workers (--workers) or a smaller --size"
                ) from error
            raise

    def grow(self, before: int, count: int) -> bool:
        """Take memory for the slots from `before` to `count`; False if there is none."""
        if count > self.count:
            return False
        try:
            _take_memory(self.fd, before * self.nbytes, (count - before) * self.nbytes)
        except OSError as error:
            if error.errno in (errno.ENOMEM, errno.ENOSPC, errno.EFBIG):
                return False
            raise
        return True

    def buffer(self, slot: int) -> memoryview:
        """The bytes of a slot, writable."""
        return self._view[slot * self.nbytes : (slot + 1) * self.nbytes]

    def array(self, slot: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """A slot as a writable uint8 array."""
        import numpy as np

        return np.frombuffer(self._map, np.uint8, self.nbytes, slot * self.nbytes).reshape(shape)

    def close(self) -> None:
        """Give the memory back."""
        self._view.release()
        with contextlib.suppress(BufferError):  # an array of ours may be alive; it goes with the process
            self._map.close()
        os.close(self.fd)


def _take_memory(fd: int, start: int, nbytes: int) -> None:
    # A file that is only truncated has holes; writing to one when memory is short is a SIGBUS.
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(fd, start, nbytes)


def anonymous_file() -> int:
    """A descriptor of an empty file that has no name and vanishes with its last user."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("panim", os.MFD_CLOEXEC)
    fd, name = tempfile.mkstemp(prefix="panim-")
    os.unlink(name)
    return fd
