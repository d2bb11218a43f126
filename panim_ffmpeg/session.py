"""One video being written: frames into ffmpeg's stdin."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from panim_core.errors import EncodeError
from panim_core.frames import PixelFormat
from panim_core.protocols import EncodeFacts
from panim_ffmpeg.encoding import Encoding, frame_bytes
from panim_ffmpeg.pipe import FrameWriter, widen
from panim_ffmpeg.process import Exit, Process, start

_WRITER_SECONDS = 5.0
_SPARSE = 997
"""Of so many pixels one is looked at for transparency."""
_LOST = (
    "some frames are partly transparent, which {title} in {pixel_format} is not: their colours are shown as if opaque; "
    "apply 'background' to show them before a colour"
)


@dataclass(frozen=True)
class Step:
    """A command that runs when the frames are in."""

    command: Callable[[int], Sequence[str]]
    """Takes the number of frames."""
    counts: bool
    """Whether it reports the number of frames in its output."""
    then: Callable[[], None] | None = None
    """What is done when it has ended well."""


class FfmpegSession:
    """Frames into ffmpeg; a `panim_core.protocols.EncoderSession`.

    Args:
        encoding: what is made of them.
        process: takes the frames; just started.
        later: what runs when the frames are in, one after the other.
        scratch: a folder for what lies between the commands; removed at the end.
        max_frames: how many frames the output can hold, or None.
    """

    def __init__(
        self,
        encoding: Encoding,
        process: Process,
        later: Sequence[Step] = (),
        scratch: tempfile.TemporaryDirectory[str] | None = None,
        max_frames: int | None = None,
    ) -> None:
        self.notes = encoding.notes
        self._looks = True
        self.sees_through = False
        """Whether some frame of a GIF has had transparency."""
        self._encoding = encoding
        self.command = process.command
        """That takes the frames."""
        self._process = process
        self._later = later
        self._scratch = scratch
        self._max_frames = max_frames
        self._written = 0
        self._aborted = False
        self._writing = threading.Lock()
        self._changing = threading.Lock()
        self._stdin = process.stdin
        self._frames = FrameWriter(self._stdin.fileno(), widen(self._stdin.fileno()))

    def __enter__(self) -> FfmpegSession:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.abort()

    def write(self, buffer: memoryview) -> None:
        """Take the next frame; return when `buffer` may be reused.

        Raises:
            EncodeError: ffmpeg ended, the frame does not fit, or `abort` was called.
        """
        view = frame_bytes(buffer, self._encoding, self._written)
        self.look(view, self._encoding)
        if self._written == self._max_frames:
            raise EncodeError("the output names one image; put %04d into its name for more frames than one")
        with self._writing:
            try:
                self._stdin.fileno()  # raises where it was closed, and its number may be another's
                self._frames.write(view)
            except (OSError, ValueError):  # ValueError: closed
                raise self._failure(f"took no more than {self._written} frames") from None
            self._written += 1

    def look(self, frame: memoryview, encoding: Encoding) -> None:
        """Note whether `frame`, as `encoding` takes it, has transparency, and what comes of that."""
        if encoding.codec.has_palette and not self.sees_through and encoding.format.pixel_format is PixelFormat.RGBA:
            self.sees_through = bytes(frame[3::4]).count(255) < len(frame) // 4
        if self._looks and encoding.loses_alpha and min(frame[3 :: 4 * _SPARSE]) < 255:
            self._looks = False
            self.notes += (_LOST.format(title=encoding.codec.title, pixel_format=encoding.pixel_format),)

    def finish(self) -> EncodeFacts:
        """Wait for ffmpeg to complete the file, and check it.

        Raises:
            EncodeError: ffmpeg failed, or counted other frames than it was given, or `abort` was called.
        """
        try:
            with self._writing:
                self._stdin.close()
            ends = [self._complete()]
            for step in self._later:
                with self._changing:
                    if self._aborted:
                        raise self._failure("was stopped")
                    self._process = start(step.command(self._written))
                ends.append(self._complete(step.counts))
                if step.then is not None:
                    step.then()
        finally:
            self.abort()
        return EncodeFacts(
            frame_count=self._process.frame_count,
            codec=self._encoding.encoder,
            pixel_format=self._encoding.pixel_format,
            command=self.command,
            cpu_seconds=sum(end.cpu_seconds for end in ends),
            peak_memory_bytes=max(end.peak_memory_bytes for end in ends),
            notes=self.notes,
        )

    def _complete(self, counts: bool = True) -> Exit:
        process = self._process
        ended = process.wait()
        process.stdin.close()
        if ended is None or ended.status != 0 or process.disk_full or self._aborted:
            raise self._failure(f"failed after {self._written} frames")
        if counts and process.frame_count != self._written:
            raise self._failure(f"was given {self._written} frames and wrote {process.frame_count}")
        return ended

    def abort(self) -> None:
        """Kill ffmpeg, wait for its end, and remove what is not the output."""
        with self._changing:
            self._aborted = True
            process = self._process
        process.end()
        # A blocked write fails as soon as ffmpeg is dead; only then may the descriptor's number be used again.
        if self._writing.acquire(timeout=_WRITER_SECONDS):
            try:
                self._stdin.close()
                process.stdin.close()
            finally:
                self._writing.release()
        if self._scratch is not None:
            self._scratch.cleanup()

    def _failure(self, what: str) -> EncodeError:
        if self._aborted:
            message = f"encoding was stopped after {self._written} frames"
            return EncodeError(message, self._process.command, None, self._process.stderr_tail)
        self._process.wait()
        return self._process.failure(what)
