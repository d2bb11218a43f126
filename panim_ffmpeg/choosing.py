"""How ffmpeg gets its frames: as they are, or, where little changes from one to the next, as planes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from panim_core.errors import EncodeError
from panim_core.frames import FrameFormat, PixelFormat
from panim_ffmpeg.encoding import Encoding, frame_bytes

if TYPE_CHECKING:
    from panim_core.protocols import EncodeFacts
    from panim_ffmpeg.session import FfmpegSession

_MOST_CHANGED = 0.1
"""The share of a frame up to which planes take less time than ffmpeg for all of it (bench/planes.py)."""
_LEAST_PIXELS = 1 << 17
"""Below that, next to nothing is saved."""
_SAMPLES = 4096


def has_choice(encoding: Encoding) -> bool:
    """Whether the frames that come in can be given as planes, and whether that could save anything."""
    format = encoding.format
    return (
        format.pixel_format is PixelFormat.RGBA
        and encoding.pixel_format == "yuv420p"
        and encoding.size == (format.width, format.height)
        and format.width % 2 == format.height % 2 == 0
        and format.width * format.height >= _LEAST_PIXELS
        and sys.byteorder == "little"
        and "numpy" in sys.modules  # importing it takes as long as is saved in a hundred frames
    )


class ChoosingSession:
    """Starts ffmpeg when it has two frames; a `panim_core.protocols.EncoderSession`.

    Args:
        encoding: of which `has_choice` is true.
        begin: starts ffmpeg, for frames of that encoding.
    """

    def __init__(self, encoding: Encoding, begin: Callable[[Encoding], FfmpegSession]) -> None:
        self.notes = encoding.notes
        self._encoding, self._begin = encoding, begin
        self._taken = 0
        self._first = b""
        self._session: FfmpegSession | None = None
        self._give: Callable[[memoryview], None] = self._keep
        self._aborted = False
        self._changing = threading.Lock()

    def __enter__(self) -> ChoosingSession:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.abort()

    def write(self, buffer: memoryview) -> None:
        """Take the next frame; return when `buffer` may be reused.

        Raises:
            EncodeError: ffmpeg cannot be started or ended, the frame does not fit, or `abort` was called.
        """
        frame = frame_bytes(buffer, self._encoding, self._taken)
        if self._taken == 1:
            self._start(_changed_share(self._first, frame) <= _MOST_CHANGED)
        self._give(frame)
        self._taken += 1

    def _keep(self, frame: memoryview) -> None:
        with self._changing:
            if self._aborted:
                self._refuse(frame)
            self._first = bytes(frame)

    def _refuse(self, _: object = None) -> NoReturn:
        raise EncodeError(f"encoding was stopped after {self._taken} frames")

    def _start(self, as_planes: bool) -> None:
        """Start ffmpeg and give it the frame that there is, if any."""
        encoding, format = self._encoding, self._encoding.format
        if as_planes:
            encoding = replace(encoding, format=FrameFormat(format.width, format.height, PixelFormat.YUV420P))
        with self._changing:
            if self._aborted:
                self._refuse()
            session = self._session = self._begin(encoding)
            first, self._first, self._give = self._first, b"", session.write
            if as_planes:
                from panim_ffmpeg.planes import Planes

                planes = Planes(format.width, format.height)

                def give(frame: memoryview) -> None:
                    session.look(frame, self._encoding)
                    session.write(planes.of(frame))

                self._give = give
        if self._taken:
            self._give(memoryview(first))

    def finish(self) -> EncodeFacts:
        """Wait for ffmpeg to complete the file, and check it.

        Raises:
            EncodeError: ffmpeg failed, or counted other frames than it was given, or `abort` was called.
        """
        try:
            if self._session is None:
                self._start(as_planes=False)
            assert self._session is not None
            return self._session.finish()
        finally:
            self.abort()

    def abort(self) -> None:
        """Kill ffmpeg if it was started, and wait for its end."""
        with self._changing:
            self._aborted, self._first, self._give = True, b"", self._refuse
        if self._session is not None:
            self._session.abort()


def _changed_share(first: bytes, second: memoryview) -> float:
    """How much of a frame differs, by some pixels that are spread over all of it."""
    return sum(first[at : at + 4] != second[at : at + 4] for at in _samples(len(first))) / _SAMPLES


def _samples(nbytes: int) -> Iterator[int]:
    """Where the pixels lie that are looked at: multiples of the golden ratio, which fall evenly for any number."""
    pixels = nbytes // 4
    return (4 * int(number * 0.6180339887498949 % 1 * pixels) for number in range(_SAMPLES))
