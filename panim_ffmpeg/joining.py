"""Joins finished segments without encoding again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from panim_core.errors import EncodeError
from panim_ffmpeg import arguments
from panim_ffmpeg.codecs import Codec
from panim_ffmpeg.process import Process, start

# Elements of Matroska, https://www.rfc-editor.org/rfc/rfc9559#section-5
_EBML = b"\x1a\x45\xdf\xa3"
_DEFAULT_DURATION = b"\x23\xe3\x83"
_HEAD_BYTES = 8192
_CUT_SHORT = ("File ended prematurely", "partial file", "Truncating packet")
_PNG_END = b"IEND\xaeB`\x82"

# A time may be rounded once in its segment and once more in the whole.
_TICKS_OFF = 2


@dataclass(frozen=True)
class _Segment:
    """A finished segment."""

    path: Path
    frame_count: int
    seconds: Fraction


def join(codec: Codec, program: str, segments: Sequence[Path], path: Path, audio: Path | None = None) -> None:
    """Join `segments`, each written with the same settings by `codec`, into `path`, and add `audio`.

    Args:
        program: ffmpeg's.

    Raises:
        EncodeError: they cannot be joined, or the result lacks frames or has them at other times.
    """
    if not segments:
        raise EncodeError(f"there are no segments to join into {path}")
    if audio is not None and path.suffix.lower() not in codec.audio:
        raise EncodeError(f"{codec.title} files have no sound")
    if codec.multiple_files:
        _join_images(segments, path)
        return
    if codec.has_palette:
        raise EncodeError(
            f"{codec.title} files cannot be joined without choosing colours anew; write {path.name} in one piece"
        )
    found = [_look(program, segment) for segment in segments]
    if audio is None:
        _join_videos(codec, program, found, path)
        return
    with tempfile.TemporaryDirectory(prefix=".panim-", dir=path.absolute().parent) as folder:
        silent = segments[0]
        if len(segments) > 1:
            silent = Path(folder, f"silent{path.suffix}")
            _join_videos(codec, program, found, silent)
        seconds = sum((segment.seconds for segment in found), Fraction())
        process = start([program, *arguments.audio_arguments(codec, silent, audio, seconds, path)])
        process.run()
    _check(process, program, path, sum(segment.frame_count for segment in found))


def _join_videos(codec: Codec, program: str, segments: Sequence[_Segment], path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".panim-", dir=path.absolute().parent) as folder:
        # ffmpeg's list is split into lines before its quotes are read: these names need none.
        names = [f"{number:06d}{path.suffix.lower()}" for number in range(len(segments))]
        for name, segment in zip(names, segments, strict=True):
            _copy(segment.path, Path(folder, name))
        listing = Path(folder, "segments.txt")
        listing.write_text(_listing(names, segments))
        process = start([program, *arguments.concat_arguments(listing, codec.muxers[path.suffix.lower()], path)])
        process.run()
    _check(process, program, path, sum(segment.frame_count for segment in segments))


def _listing(names: Sequence[str], segments: Sequence[_Segment]) -> str:
    """A script for ffmpeg's concat demuxer.

    It says how long each file is: what ffmpeg takes for that by itself is rounded, to milliseconds in MP4.
    """
    lines = ["ffconcat version 1.0"]
    end, told = Fraction(), 0
    for name, segment in zip(names, segments, strict=True):
        end += segment.seconds
        microseconds = round(end * 1_000_000) - told  # to the end of the whole so far, so that nothing adds up
        told += microseconds
        lines += [f"file {name}", f"duration {microseconds}us"]
    return "\n".join(lines) + "\n"


def _list_frames(program: str, path: Path) -> Process:
    process = start([program, *arguments.list_arguments(path)])
    process.run()
    if not process.listed:
        raise EncodeError(f"{path} has no frames", process.command, 0, process.stderr_tail)
    return process


def _look(program: str, path: Path) -> _Segment:
    process = _list_frames(program, path)
    if any(words in process.stderr_tail for words in _CUT_SHORT):
        raise EncodeError(f"{path} is cut short", process.command, 0, process.stderr_tail)
    count = len(process.listed)
    # Matroska's times are whole milliseconds: a length as read from them would drift.
    frame_seconds = _matroska_frame_seconds(path)
    if frame_seconds is not None:
        return _Segment(path, count, count * frame_seconds)
    first = min(shown for _, shown, _ in process.listed)
    end = max(shown + duration for _, shown, duration in process.listed)
    return _Segment(path, count, (end - first) * process.time_base)


def _matroska_frame_seconds(path: Path) -> Fraction | None:
    """The DefaultDuration of a Matroska file's video track, None if there is none or it is another kind of file."""
    with open(path, "rb") as file:
        head = file.read(_HEAD_BYTES)
    position = head.find(_DEFAULT_DURATION)
    if not head.startswith(_EBML) or position < 0:
        return None
    start_of_value = position + len(_DEFAULT_DURATION) + 1
    size = head[start_of_value - 1] & 0x0F
    nanoseconds = int.from_bytes(head[start_of_value : start_of_value + size], "big")
    return Fraction(nanoseconds, 1_000_000_000) if nanoseconds else None


def _check(made_by: Process, program: str, path: Path, expected: int) -> None:
    """Raise `EncodeError` unless `path` has the expected frames, evenly spaced."""
    if made_by.disk_full:
        raise made_by.failure("could not write everything")
    listed = _list_frames(program, path).listed
    if len(listed) != expected:
        raise made_by.failure(f"joined segments of {expected} frames into {path.name} with {len(listed)} frames")
    decoded = [time for time, _, _ in listed]
    shown = sorted(time for _, time, _ in listed)
    spacing = Fraction(shown[-1] - shown[0], max(1, expected - 1))
    uneven = any(abs(time - shown[0] - i * spacing) > _TICKS_OFF for i, time in enumerate(shown))
    if uneven or any(b <= a for a, b in pairwise(decoded)):
        gaps = [(abs(b - a - spacing), -i) for i, (a, b) in enumerate(pairwise(shown), 1)]
        raise made_by.failure(f"joined segments with a jump in time at frame {-max(gaps)[1]} of {path.name}")


def _join_images(segments: Sequence[Path], path: Path) -> None:
    count = 0
    for segment in segments:
        images = _images(segment)
        if not images:
            raise EncodeError(f"segment {segment} has no images")
        for image in images:
            if not _is_whole(image):
                raise EncodeError(f"{image} is cut short")
            target = arguments.image_file(path, count)
            if count > 0 and target == path:
                raise EncodeError(f"{path} names one image; put %04d into its name for more")
            _copy(image, target)
            count += 1


def _images(segment: Path) -> list[Path]:
    images: list[Path] = []
    while (image := arguments.image_file(segment, len(images))).exists() and image not in images[-1:]:
        images.append(image)
    return images


def _is_whole(png: Path) -> bool:
    with open(png, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - len(_PNG_END)))
        return file.read() == _PNG_END


def _copy(file: Path, target: Path) -> None:
    try:
        try:
            os.link(file, target)
        except OSError:  # another file system, or one without links
            shutil.copyfile(file, target)
    except OSError as error:
        raise EncodeError(f"{file} could not be copied to {target}: {error}") from error
