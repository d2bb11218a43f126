"""A moviepy clip as a source of frames, which travels to workers by value."""

from __future__ import annotations

import io
import pickle
from typing import Any

from moviepy.audio.io.readers import FFMPEG_AudioReader
from moviepy.video.io.ffmpeg_reader import FFMPEG_VideoReader
from moviepy.video.VideoClip import VideoClip

from panim_core import FrameGenerator, SettingsError
from panim_core.pickling import Pickler

_SILENT = "moviepy: the clip's sound is not rendered; write it to a file and give that with --audio"


class ClipFrameGenerator(FrameGenerator):
    """The frames of a moviepy clip, as ``write_videofile`` takes them: RGB, the mask left out.

    Raises:
        SettingsError: `clip` has no duration, or is a mask.
    """

    def __init__(self, clip: VideoClip) -> None:
        if clip.duration is None:
            raise SettingsError("the moviepy clip has no duration; give it one with .with_duration(seconds)")
        if clip.is_mask:
            raise SettingsError("the moviepy clip is a mask; render what its .to_RGB() returns to see it as gray")
        self.clip = clip
        self.fps = getattr(clip, "fps", None)
        self._untold = [_SILENT] if clip.audio is not None else []

    @property
    def duration(self) -> float:
        """In milliseconds."""
        return float(self.clip.duration) * 1000

    @property
    def frame_size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        width, height = self.clip.size
        return int(width), int(height)

    def generate_at(self, time_ms: float) -> Any:
        """The clip's frame: uint8, shape (height, width, 3)."""
        frame = self.clip.get_frame(self._seconds(time_ms))
        return frame if frame.dtype == "uint8" else frame.astype("uint8")

    def _seconds(self, time_ms: float) -> float:
        # moviepy asks for frame / fps, which is not always the same float as a time in milliseconds / 1000.
        if self.fps:
            index = round(time_ms * float(self.fps) / 1000)
            if abs(index * 1000 / self.fps - time_ms) < 1e-6:
                return float(index / self.fps)
        return time_ms / 1000

    def notes(self) -> list[str]:
        """What a user should be told since the last call."""
        told, self._untold = self._untold, []
        return told

    def __reduce__(self) -> tuple[Any, ...]:
        stream = io.BytesIO()
        _ClipPickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(self.clip)
        return _restore, (stream.getvalue(),)


def _restore(data: bytes) -> ClipFrameGenerator:
    source = ClipFrameGenerator(pickle.loads(data))
    source.notes()  # told where the render was started
    return source


class _ClipPickler(Pickler):
    """Readers of video files hold processes: they are opened again where they arrive. Sound stays behind."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, FFMPEG_VideoReader):
            return _reopen, (obj.filename, obj.pixel_format, tuple(obj.size), obj.resize_algo)
        if isinstance(obj, FFMPEG_AudioReader):
            return type(None), ()
        return super().reducer_override(obj)


def _reopen(filename: str, pixel_format: str, size: tuple[int, int], resize_algo: str) -> FFMPEG_VideoReader:
    return FFMPEG_VideoReader(
        filename, pixel_format=pixel_format, target_resolution=size, resize_algo=resize_algo, check_duration=True
    )
