"""An encoder for tests: the frames' RGBA bytes as they come, one after the other, in one file.

The folder holds an installed distribution: put it on PYTHONPATH and panim finds the plugin.
"""

from __future__ import annotations

import os
import threading

from panim_core import hookimpl
from panim_core.errors import EncodeError
from panim_core.protocols import EncodeFacts


class RawSession:
    def __init__(self, path, form):
        self.stream, self.nbytes, self.count = open(path, "wb"), form.nbytes, 0  # noqa: SIM115
        self.lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.abort()

    def write(self, buffer):
        with self.lock:
            if self.stream.closed:
                raise EncodeError("encoding was stopped")
            assert len(buffer) == self.nbytes
            self.stream.write(buffer)
            self.count += 1

    def finish(self):
        with self.lock:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()
        return EncodeFacts(frame_count=self.count, codec="raw", pixel_format="rgba")

    def abort(self):
        with self.lock:
            self.stream.close()


class RawEncoder:
    name = "raw"
    extensions = (".rgba",)
    pixel_formats = ("rgba",)

    def check_available(self):
        pass

    def open(self, path, format, fps, settings):
        return RawSession(path, format)

    def concat(self, segments, path):
        with open(path, "wb") as joined:
            for segment in segments:
                joined.write(segment.read_bytes())


@hookimpl
def panim_register_encoders():
    return [RawEncoder()]
