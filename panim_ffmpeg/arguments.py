"""ffmpeg's command lines, without the program, as pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from panim_core.errors import SettingsError
from panim_ffmpeg.codecs import Codec
from panim_ffmpeg.encoding import Encoding, is_rgb, raw_pixel_format

_QUIET = ("-hide_banner", "-nostdin", "-v", "error", "-nostats")
_REPORTING = (*_QUIET, "-progress", "pipe:1")

# Box-filtered chroma: no ringing beside sharp edges, so that flat colours stay what they are up to the edge. Halving it
# while scaling, not while reading, gives the same pixels in 0.6 of the time (bench/conversion.py).
_SCALE_FLAGS = "flags=area+full_chroma_inp"

_NUMBER = re.compile(r"%0?\d*d")

GIF_PALETTE = "palettegen=stats_mode=full"
# Error diffusion leaves colours that the palette has as they are; ordered dithering does not.
GIF_DITHER = "paletteuse=dither=sierra2_4a:diff_mode=rectangle"


def file_url(path: Path) -> str:
    """`path` so that ffmpeg takes it for that file and nothing else: no option, no other protocol."""
    return f"file:{path.absolute()}"


def image_output(path: Path) -> tuple[list[str], bool]:
    """How numbered PNG files are named, and whether there is more than one.

    The file name may hold one ``%d`` or ``%04d``; any other percent sign stands for itself. Without one
    it names a single image.

    Raises:
        SettingsError: more than one number.
    """
    numbers = _NUMBER.findall(path.name)
    if not numbers:
        return ["-update", "1", "-y", file_url(path)], False
    if len(numbers) > 1:
        raise SettingsError(f"{path.name!r} has {len(numbers)} frame numbers ({', '.join(numbers)}); keep one")
    folder, name = str(path.absolute().parent), path.name
    before, after = name.split(numbers[0])
    pattern = f"{_literal(folder)}/{_literal(before)}{numbers[0]}{_literal(after)}"
    return ["-start_number", "0", "-y", f"file:{pattern}"], True


def image_file(path: Path, number: int) -> Path:
    """The file of image `number` in the output `path`; `path` itself where its name has no number."""
    return path.with_name(_NUMBER.sub(lambda found: found[0] % number, path.name))


def _literal(text: str) -> str:
    return text.replace("%", "%%")


def _words(options: Mapping[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in (f"-{name}", value)]


def _frames_in(encoding: Encoding) -> list[str]:
    size = f"{encoding.format.width}x{encoding.format.height}"
    return [
        *("-f", "rawvideo", "-pixel_format", raw_pixel_format(encoding), "-video_size", size),
        *("-framerate", str(encoding.fps), "-i", "pipe:0"),
    ]


def _audio_in(audio: Path) -> list[str]:
    # A playlist given as sound must not lead to the network.
    return ["-protocol_whitelist", "file", "-i", file_url(audio)]


def _container(muxer: str) -> list[str]:
    return ["-movflags", "+faststart"] if muxer in ("mp4", "mov") else []


def filters(encoding: Encoding) -> str:
    """The filter chain from frames to what the codec takes, colours converted and tagged as BT.709."""
    steps = []
    width, height = encoding.size
    if encoding.size != (encoding.format.width, encoding.format.height):
        right, bottom = width - encoding.format.width, height - encoding.format.height
        steps += ["format=gbrp", f"pad={width}:{height}:0:0", f"fillborders=right={right}:bottom={bottom}:mode=smear"]
    tags = "color_primaries=bt709:color_trc=bt709"
    if is_rgb(encoding.pixel_format):
        return ",".join([*steps, f"format={encoding.pixel_format}", f"setparams=range=pc:{tags}"])
    if is_rgb(raw_pixel_format(encoding)):
        steps.append(f"scale=out_color_matrix=bt709:out_range=tv:{_SCALE_FLAGS}")
    return ",".join([*steps, f"format={encoding.pixel_format}", f"setparams=range=tv:{tags}:colorspace=bt709"])


def _tags(encoding: Encoding) -> list[str]:
    # Older ffmpegs do not pass the frames' tags on to the file.
    tags = ["-color_primaries", "bt709", "-color_trc", "bt709"]
    return [*tags, "-color_range", "pc"] if encoding.is_rgb else [*tags, "-colorspace", "bt709", "-color_range", "tv"]


def filter_threads(cores: int) -> int:
    """How many threads share the conversion of a frame on a machine with `cores`.

    ffmpeg takes as many as there are cores. Half as many keep up with x264, and one takes a tenth less CPU than two
    (bench/conversion.py). The pixels are the same.
    """
    return max(1, cores // 2)


def video_arguments(encoding: Encoding, path: Path, cores: int) -> list[str]:
    """Encode the frames from stdin into the one file `path`, on a machine with `cores`."""
    return [
        *_REPORTING,
        *_frames_in(encoding),
        *("-filter_threads", str(filter_threads(cores))),
        *("-map", "0:v:0", "-vf", filters(encoding), "-c:v", encoding.encoder),
        *_tags(encoding),
        *_words(encoding.options),
        *_container(encoding.muxer),
        *("-f", encoding.muxer, "-y", file_url(path)),
    ]


def image_arguments(encoding: Encoding, path: Path) -> list[str]:
    """Write the frames from stdin as numbered images."""
    output, _ = image_output(path)
    return [
        *_REPORTING,
        *_frames_in(encoding),
        *("-map", "0:v:0", "-vf", f"format={encoding.pixel_format}", "-c:v", encoding.encoder),
        *_words(encoding.options),
        *("-f", encoding.muxer, *output),
    ]


def gif_capture_arguments(encoding: Encoding, capture: Path, palette: Path) -> list[str]:
    """Store the frames from stdin without loss while their common palette is found.

    One pass over raw frames would need all of them in memory.
    """
    return [
        *_REPORTING,
        *_frames_in(encoding),
        *("-filter_complex", f"[0:v]split[frames][seen];[seen]{GIF_PALETTE}[palette]"),
        *("-map", "[frames]", "-c:v", "ffv1", "-pix_fmt", "bgra", *_words(encoding.options)),
        *("-f", "nut", "-y", file_url(capture)),
        *("-map", "[palette]", "-c:v", "png", "-f", "image2", "-update", "1", "-y", file_url(palette)),
    ]


def gif_arguments(encoding: Encoding, capture: Path, palette: Path, path: Path, whole: bool) -> list[str]:
    """Write the captured frames with their palette, to be repeated forever; `whole`, or what changes of each."""
    return [
        *_REPORTING,
        *("-i", file_url(capture), "-i", file_url(palette)),
        *("-filter_complex", f"[0:v][1:v]{GIF_DITHER}", "-c:v", encoding.encoder),
        *_words(encoding.options),
        *(("-gifflags", "-offsetting-transdiff") if whole else ()),
        *("-loop", "0", "-f", encoding.muxer, "-y", file_url(path)),
    ]


def audio_arguments(codec: Codec, video: Path, audio: Path, seconds: Fraction, path: Path) -> list[str]:
    """Play `audio` along with the finished `video`, written by `codec`, which lasts `seconds`.

    The video decides how long: a longer sound is cut, a shorter one ends in silence.
    """
    suffix = path.suffix.lower()
    return [
        *_QUIET,
        *("-i", file_url(video)),
        *_audio_in(audio),
        *("-map", "0:v:0", "-c:v", "copy", "-map", "1:a:0", "-c:a", codec.audio[suffix], "-b:a", "192k"),
        *("-af", f"apad,atrim=end={float(seconds):.6f}"),
        *_container(codec.muxers[suffix]),
        *("-f", codec.muxers[suffix], "-y", file_url(path)),
    ]


def concat_arguments(listing: Path, muxer: str, path: Path) -> list[str]:
    """Join the files in `listing`, a script of ffmpeg's concat demuxer."""
    return [
        *_QUIET,
        *("-copyts", "-f", "concat", "-safe", "0", "-i", file_url(listing), "-map", "0", "-c", "copy"),
        *_container(muxer),
        *("-f", muxer, "-y", file_url(path)),
    ]


def list_arguments(path: Path) -> list[str]:
    """Print a line for each frame of a video, with its times, without decoding it.

    (ffmpeg 7.0 reports no number of frames where it copies them.)
    """
    return [*_QUIET, "-copyts", "-i", file_url(path), "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "pipe:1"]


def audio_check_arguments(audio: Path) -> list[str]:
    """Read the beginning of a sound file; fails if there is no sound."""
    return [*_QUIET, *_audio_in(audio), "-map", "0:a:0", "-t", "0.1", "-f", "null", "-"]
