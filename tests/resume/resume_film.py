"""A film whose frames can be told apart when decoded, that logs what it draws and stops where it is told to."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from panim_core import FrameGenerator

BITS = 12
SIZE = (16 * BITS, 48)


def picture(index, shade=128):
    """`index` in black and white, over a band of a shade."""
    frame = np.full((SIZE[1], SIZE[0], 3), shade, np.uint8)
    for bit in range(BITS):
        frame[:32, 16 * bit : 16 * bit + 16] = 255 * (index >> bit & 1)
    return frame


def indices(frames):
    """Which frames were decoded."""
    bits = frames[:, 16, 8::16, 0] > 127
    return (bits << np.arange(BITS)).sum(axis=1).tolist()


class Film(FrameGenerator):
    """One frame a second, so that ten are a segment.

    Args:
        folder: has ``drawn``, where each frame drawn is logged, and may have ``shade``, the shade of the band, and
            ``stop``: at which frame to fail, and when (the journal's lines).
    """

    fps = 1
    frame_size = SIZE

    def __init__(self, folder, seconds=60, output="film.mp4"):
        self.folder = Path(folder)
        self.seconds = seconds
        self.journal = self.folder / f".{output}.panim" / "journal"

    @property
    def duration(self):
        return 1000 * self.seconds

    def generate_at(self, time_ms):
        index = round(time_ms / 1000 * float(self.fps))
        with (self.folder / "drawn").open("a") as log:
            log.write(f"{index}\n")
        stop = self.folder / "stop"
        if stop.exists():
            at, lines = map(int, stop.read_text().split())
            if index == at:
                wait_for_lines(self.journal, lines)
                raise RuntimeError("stopped")
        shade = self.folder / "shade"
        return picture(index, int(shade.read_text()) if shade.exists() else 128)


class Sequel(Film):
    """One of which every frame needs the one before."""

    sequential = True

    def start(self):
        self.total = 0
        self.next = 0

    def advance(self, time_ms):
        assert round(time_ms / 1000) == self.next
        self.next += 1
        self.total += self.next

    def generate_at(self, time_ms):
        super().generate_at(time_ms)
        self.advance(time_ms)
        return picture(self.total)


def wait_for_lines(journal, count, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if journal.exists() and journal.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.01)
    sys.exit(f"{journal} has no {count} lines")


def drawn(folder):
    """The frames that were drawn since the last call, in order of number."""
    log = Path(folder) / "drawn"
    found = sorted(map(int, log.read_text().split())) if log.exists() else []
    log.unlink(missing_ok=True)
    return found
