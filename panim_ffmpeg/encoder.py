"""panim's encoders on ffmpeg."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from panim_core.errors import PluginUnavailableError, SettingsError
from panim_core.frames import FrameFormat, PixelFormat
from panim_core.protocols import EncoderSession, EncoderSettings
from panim_ffmpeg import arguments, binary, gif
from panim_ffmpeg.codecs import CODECS, Codec
from panim_ffmpeg.encoding import Encoding, decide

if TYPE_CHECKING:
    from panim_ffmpeg.session import FfmpegSession

_PROBE_SECONDS = 60.0


@dataclass(frozen=True)
class FfmpegEncoder:
    """Writes one kind of video; a `panim_core.protocols.Encoder`."""

    codec: Codec

    pixel_formats: Sequence[str] = (PixelFormat.RGBA.value, PixelFormat.RGB24.value)

    @property
    def name(self) -> str:
        """The codec's name."""
        return self.codec.name

    @property
    def extensions(self) -> Sequence[str]:
        """Of the files for which this is the default encoder."""
        return self.codec.extensions

    @property
    def multiple_files(self) -> bool:
        """Whether the output is numbered files instead of one."""
        return self.codec.multiple_files

    @property
    def joinable(self) -> bool:
        """Whether `concat` can be done."""
        return not self.codec.has_palette

    @property
    def keyframe_interval(self) -> int:
        """Frames between the keyframes that it sets by itself, at most."""
        return self.codec.keyframe_interval

    def describe(self) -> str:
        """What encodes, with its version; raises `PluginUnavailableError`."""
        return f"{self.codec.encoder} of ffmpeg {binary.abilities(binary.find_binary()).version}"

    def check_available(self) -> None:
        """Raise `PluginUnavailableError` if there is no ffmpeg with this codec."""
        self._binary(self.codec.encoder)

    def _binary(self, *encoders: str) -> str:
        program = binary.find_binary()
        can = binary.abilities(program)
        missing = [name for name in encoders if name and name not in can.encoders]
        if missing:
            others = [codec.name for codec in CODECS if codec.encoder in can.encoders]
            raise PluginUnavailableError(
                f"{program} (version {can.version}) has no encoder {', '.join(missing)}",
                f"choose another of panim's that it has ({', '.join(others) or 'none'}), "
                f"or set PANIM_FFMPEG to an ffmpeg that has it",
            )
        return str(program)

    def plan(self, path: Path, format: FrameFormat, fps: Fraction, settings: EncoderSettings) -> Encoding:
        """What `open` with the same arguments will write; its `notes` say what a user should know.

        Raises:
            SettingsError: the settings cannot be honoured.
            PluginUnavailableError: this ffmpeg lacks what they need.
        """
        encoding = decide(self.codec, path.suffix, format, fps, settings)
        if self.multiple_files:
            arguments.image_output(path)
        program = self._binary(encoding.encoder, encoding.audio_encoder)
        if encoding.audio is not None:
            _check_audio(program, encoding.audio)
        return encoding

    def open(self, path: Path, format: FrameFormat, fps: Fraction, settings: EncoderSettings) -> EncoderSession:
        """Start ffmpeg, writing to `path`; where it may get its frames in two ways, when there are two.

        Raises:
            SettingsError: the settings cannot be honoured.
            PluginUnavailableError: this ffmpeg lacks what they need.
            EncodeError: ffmpeg cannot be started.
        """
        from panim_ffmpeg.choosing import ChoosingSession, has_choice

        encoding = self.plan(path, format, fps, settings)
        program = str(binary.find_binary())

        def begin(encoding: Encoding) -> FfmpegSession:
            return _start(encoding, program, path)

        if has_choice(encoding):
            return ChoosingSession(encoding, begin)
        return begin(encoding)

    def concat(self, segments: Sequence[Path], path: Path, audio: Path | None = None) -> None:
        """Join finished `segments` into `path` without encoding again, and add `audio`, a sound file.

        Raises:
            EncodeError: they cannot be joined, or the result lacks frames or has them at other times.
        """
        from panim_ffmpeg.joining import join

        join(self.codec, str(binary.find_binary()), segments, path, audio)


def _cores() -> int:
    """Cores that ffmpeg may use, as ffmpeg itself counts them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start(encoding: Encoding, program: str, path: Path) -> FfmpegSession:
    """Start `program`, writing to `path` what it reads as frames of `encoding`."""
    from panim_ffmpeg.process import start
    from panim_ffmpeg.session import FfmpegSession

    if encoding.codec.multiple_files:
        _, many = arguments.image_output(path)
        process = start([program, *arguments.image_arguments(encoding, path)], reads=True)
        return FfmpegSession(encoding, process, max_frames=None if many else 1)
    if encoding.codec.has_palette or encoding.audio is not None:
        return _open_in_steps(encoding, program, path)
    command = [program, *arguments.video_arguments(encoding, path, _cores())]
    return FfmpegSession(encoding, start(command, reads=True))


def _open_in_steps(encoding: Encoding, program: str, path: Path) -> FfmpegSession:
    import tempfile

    from panim_ffmpeg.process import start
    from panim_ffmpeg.session import FfmpegSession, Step

    scratch = tempfile.TemporaryDirectory(prefix=".panim-", dir=path.absolute().parent, ignore_cleanup_errors=True)
    folder = Path(scratch.name)
    audio = encoding.audio
    if audio is None:
        capture, palette = folder / "frames.nut", folder / "palette.png"
        first = arguments.gif_capture_arguments(encoding, capture, palette)

        def draw(frame_count: int) -> list[str]:
            return [program, *arguments.gif_arguments(encoding, capture, palette, path, session.sees_through)]

        def clear() -> None:
            if session.sees_through:
                gif.clear_after_each_frame(path)

        later = [Step(draw, counts=True, then=clear)]
    else:
        silent = folder / f"silent{path.suffix}"
        first = arguments.video_arguments(encoding, silent, _cores())
        listing = arguments.list_arguments(path)

        def add_audio(frame_count: int) -> list[str]:
            seconds = frame_count / encoding.fps
            return [program, *arguments.audio_arguments(encoding.codec, silent, audio, seconds, path)]

        later = [Step(add_audio, counts=False), Step(lambda _: [program, *listing], counts=True)]
    try:
        session = FfmpegSession(encoding, start([program, *first], reads=True), later, scratch)
    except BaseException:
        scratch.cleanup()
        raise
    return session


def _check_audio(program: str, audio: Path) -> None:
    from panim_core.errors import EncodeError
    from panim_ffmpeg.process import start

    try:
        start([program, *arguments.audio_check_arguments(audio)]).run(_PROBE_SECONDS)
    except EncodeError as error:
        raise SettingsError(f"audio {str(audio)!r} has no sound that ffmpeg can read: {error.stderr_tail}") from None
