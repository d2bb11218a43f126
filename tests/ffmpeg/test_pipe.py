"""Frames go through the pipe whole, and their memory may be used again at once."""

import ctypes
import errno
import mmap
import os
import threading
import time

import pytest

from panim_ffmpeg import pipe
from panim_ffmpeg.pipe import FrameWriter, widen

FRAME = 3_000_001  # no whole number of pages
FRAMES = 6


def refused(number: int):
    def splice(*arguments: object) -> int:
        ctypes.set_errno(number)
        return -1

    return splice


def pattern(number: int) -> bytes:
    return bytes([(number * 37 + i) % 251 for i in range(251)]) * (FRAME // 251) + bytes(FRAME % 251)


@pytest.mark.parametrize("splice", ["as it is", "none", "not implemented"])
def test_every_byte_arrives_though_the_memory_is_overwritten_at_once(splice, monkeypatch) -> None:
    if splice == "none":
        monkeypatch.setattr(pipe, "_vmsplice", lambda: None)
    if splice == "not implemented":
        monkeypatch.setattr(pipe, "_vmsplice", lambda: refused(errno.ENOSYS))
    reading, writing = os.pipe()
    arrived = []

    def read() -> None:
        with os.fdopen(reading, "rb") as stream:
            while data := stream.read(FRAME):
                arrived.append(data)
                time.sleep(0.01)  # so that the pipe is full

    reader = threading.Thread(target=read)
    reader.start()
    writer = FrameWriter(writing, widen(writing))
    with mmap.mmap(-1, FRAME + 100) as memory:
        view = memoryview(memory)
        for number in range(FRAMES):
            view[100:] = pattern(number)
            writer.write(view[100:])
        view.release()
    os.close(writing)
    reader.join()
    assert arrived == [pattern(number) for number in range(FRAMES)]


def test_a_pipe_that_nobody_reads_any_more_is_told() -> None:
    reading, writing = os.pipe()
    writer = FrameWriter(writing, widen(writing))
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        writer.write(memoryview(bytearray(FRAME)))
    os.close(writing)
