"""From what was asked to what ffmpeg will be told: pure checks and decisions, no process, no file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from panim_core.errors import EncodeError, SettingsError
from panim_core.frames import FrameFormat, PixelFormat
from panim_core.protocols import EncoderSettings
from panim_ffmpeg.codecs import Codec

_GIF_MAX_FPS = 100
_GIF_STEADY_FPS = 50


@dataclass(frozen=True)
class Encoding:
    """How frames of one format become one kind of video."""

    codec: Codec
    encoder: str
    """ffmpeg's."""
    muxer: str
    """ffmpeg's."""
    format: FrameFormat
    """Of the frames that come in."""
    fps: Fraction
    size: tuple[int, int]
    """(width, height) in the file."""
    pixel_format: str
    """In the file."""
    options: Mapping[str, str]
    """ffmpeg's options for the video, without the dash."""
    audio: Path | None = None
    audio_encoder: str = ""
    notes: tuple[str, ...] = ()
    """What a user should be told."""

    @property
    def keeps_alpha(self) -> bool:
        """Whether the file has transparency."""
        return has_alpha(self.pixel_format)

    @property
    def loses_alpha(self) -> bool:
        """Whether frames may have transparency and the file has none."""
        return self.format.pixel_format is PixelFormat.RGBA and not self.keeps_alpha

    @property
    def is_rgb(self) -> bool:
        """Whether the file keeps RGB, so that nothing is converted."""
        return is_rgb(self.pixel_format)


def has_alpha(pixel_format: str) -> bool:
    """Whether ffmpeg's pixel format of that name has transparency."""
    return pixel_format.startswith("yuva") or pixel_format in ("rgba", "bgra", "pal8")


def is_rgb(pixel_format: str) -> bool:
    """Whether ffmpeg's pixel format of that name is no YUV."""
    return not pixel_format.startswith("yuv")


def subsampling(pixel_format: str) -> tuple[int, int]:
    """How many pixels across and down share one chroma sample."""
    if "420p" in pixel_format:
        return 2, 2
    return (2, 1) if "422p" in pixel_format else (1, 1)


def decide(codec: Codec, suffix: str, format: FrameFormat, fps: Fraction, settings: EncoderSettings) -> Encoding:
    """What will be written for `settings` into a file whose name ends in `suffix`.

    Raises:
        SettingsError: `codec` cannot do that; says what it can.
    """
    suffix = suffix.lower()
    if suffix not in codec.muxers:
        what = f"{suffix} files" if suffix else "files without an extension"
        raise SettingsError(f"encoder {codec.name} cannot write {what}; it writes {', '.join(codec.muxers)}")
    _refuse_unknown(codec, suffix, settings)
    pixel_format = _pixel_format(codec, settings)
    size, notes = _size(codec, pixel_format, format)
    if codec.muxers[suffix] == "gif":
        notes += _gif_timing(fps)
    if codec.rgb_encoder and is_rgb(pixel_format):
        notes += (f"{codec.title} that keeps RGB plays in ffmpeg, mpv and VLC, but not in web browsers",)
    return Encoding(
        codec=codec,
        encoder=(is_rgb(pixel_format) and codec.rgb_encoder) or codec.encoder,
        muxer=codec.muxers[suffix],
        format=format,
        fps=fps,
        size=size,
        pixel_format=pixel_format,
        options=_options(codec, settings),
        audio=settings.audio,
        audio_encoder=codec.audio[suffix] if settings.audio is not None else "",
        notes=notes,
    )


def _refuse_unknown(codec: Codec, suffix: str, settings: EncoderSettings) -> None:
    takes = {
        "crf": codec.crf_max is not None,
        "preset": bool(codec.presets),
        "bitrate": codec.bitrate,
        "pixel_format": len(codec.pixel_formats) > 1,
        "quality": bool(codec.qualities),
        "threads": True,
        "audio": suffix in codec.audio,
    }
    asked = [name for name in takes if getattr(settings, name) is not None]
    if refused := [name for name in asked if not takes[name]]:
        raise SettingsError(
            f"encoder {codec.name} takes no {_words(refused)}; it takes {_words([n for n in takes if takes[n]])}"
        )
    _refuse_unlisted(codec, "preset", settings.preset, codec.presets)
    _refuse_unlisted(codec, "pixel format", settings.pixel_format, codec.pixel_formats)
    _refuse_unlisted(codec, "quality", settings.quality, tuple(codec.qualities))
    if (crf := settings.crf) is not None:
        whole = not codec.whole_crf or crf == int(crf)
        if not 0 <= crf <= (codec.crf_max or 0) or not whole:
            number = "a whole number" if codec.whole_crf else "a number"
            raise SettingsError(
                f"crf {crf:g}: for {codec.title} it is {number} from 0 (best) to {codec.crf_max} (smallest file)"
            )
    if (bitrate := settings.bitrate) is not None:
        written = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)[kKMG]?", bitrate)
        if written is None or float(written[1]) == 0:
            raise SettingsError(f"bitrate {bitrate!r}: write bits per second, such as 4M, 900k or 2500000")
    if settings.threads is not None and not 1 <= settings.threads <= 1024:
        raise SettingsError(f"encoder threads {settings.threads}: need a whole number from 1 to 1024")
    aims = [name for name in asked if name in ("crf", "bitrate")]
    if settings.quality == "lossless":
        aims.append("quality lossless")
    if len(aims) > 1:
        raise SettingsError(f"{' and '.join(aims)} exclude each other; give one of them")


def _words(names: list[str]) -> str:
    return ", ".join(name.replace("_", "-") for name in names)


def _refuse_unlisted(codec: Codec, what: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise SettingsError(f"encoder {codec.name} has no {what} {value!r}; it has {', '.join(known)}")


def _pixel_format(codec: Codec, settings: EncoderSettings) -> str:
    if settings.pixel_format is not None:
        return settings.pixel_format
    if settings.quality == "lossless":
        return codec.lossless_pixel_format
    return codec.pixel_formats[0]


def _options(codec: Codec, settings: EncoderSettings) -> dict[str, str]:
    options = {**codec.options, **codec.qualities.get(settings.quality or "standard", {})}
    if settings.preset is not None:
        options[codec.preset_option] = settings.preset
    if settings.crf is not None:
        options["crf"] = f"{settings.crf:g}"
    if settings.bitrate is not None:
        options.pop("crf", None)
        options["b:v"] = settings.bitrate
    if settings.threads is not None:
        options["threads"] = str(settings.threads)
    return options


def _size(codec: Codec, pixel_format: str, format: FrameFormat) -> tuple[tuple[int, int], tuple[str, ...]]:
    """(width, height) in the file, and what to tell about it."""
    size = format.width, format.height
    if min(size) < codec.min_side:
        raise SettingsError(f"{size[0]}x{size[1]}: {codec.title} needs at least {codec.min_side} pixels a side")
    if max(size) > codec.max_side:
        raise SettingsError(f"{size[0]}x{size[1]}: {codec.title} goes up to {codec.max_side} pixels a side")
    if not codec.even_sides:
        return size, ()
    across, down = subsampling(pixel_format)
    padded = -(-size[0] // across) * across, -(-size[1] // down) * down
    if padded == size:
        return size, ()
    repeated = [name for name, grown in (("column", padded[0] > size[0]), ("row", padded[1] > size[1])) if grown]
    note = (
        f"{size[0]}x{size[1]} became {padded[0]}x{padded[1]}: {codec.title} in {pixel_format} needs even sides, so "
        f"it repeats the last {' and '.join(repeated)}; choose an even size, or pixel format yuv444p, to avoid it"
    )
    return padded, (note,)


def _gif_timing(fps: Fraction) -> tuple[str, ...]:
    if fps > _GIF_MAX_FPS:
        raise SettingsError(
            f"a GIF cannot show {float(fps):g} frames a second; its times are hundredths of a second. "
            f"Use fps {_GIF_STEADY_FPS} or less"
        )
    if fps <= _GIF_STEADY_FPS:
        return ()
    note = (
        f"at {float(fps):g} fps some frames of the GIF last a hundredth of a second, which most viewers slow down; "
        f"fps {_GIF_STEADY_FPS} or less plays right everywhere"
    )
    return (note,)


def raw_pixel_format(encoding: Encoding) -> str:
    """How ffmpeg is to read the frames: where the file has no alpha, that of the frames is not looked at."""
    incoming = encoding.format.pixel_format
    if incoming is PixelFormat.RGBA and not encoding.keeps_alpha:
        return "rgb0"
    return incoming.value


def frame_bytes(buffer: memoryview, encoding: Encoding, number: int) -> memoryview:
    """The bytes of frame `number` for `encoding`.

    Raises:
        EncodeError: there are more or fewer than such a frame has.
    """
    view = memoryview(buffer).cast("B")
    if view.nbytes != encoding.format.nbytes:
        raise EncodeError(f"frame {number} has {view.nbytes} bytes; {encoding.format} takes {encoding.format.nbytes}")
    return view
