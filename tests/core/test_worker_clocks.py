"""What a worker says that a frame took."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from panim_core.execution.worker import _times


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of single threads")
def test_computing_in_another_thread_of_python_counts() -> None:
    """As updates of a matplotlib animation are made; else they would look like waiting."""
    go, done, leave = (threading.Event() for _ in range(3))

    def compute() -> None:
        go.wait()
        until = time.thread_time() + 0.2
        while time.thread_time() < until:
            pass
        done.set()
        leave.wait()

    thread = threading.Thread(target=compute)
    thread.start()
    before = _times()
    go.set()
    done.wait()
    wall, process, threads, queued = (b - a for a, b in zip(before, _times(), strict=True))
    leave.set()
    thread.join()
    assert 0.19 < threads <= process + 0.02
    assert wall >= 0.2
    assert queued >= 0
