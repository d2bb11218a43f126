"""What panim writes with ffmpeg, as data: a row for each kind of video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Codec:
    """One kind of video."""

    name: str
    """Of panim's encoder."""
    title: str
    """For people."""
    encoder: str
    """Of ffmpeg's encoder, as in ``ffmpeg -encoders``."""
    muxers: Mapping[str, str]
    """Extension of the file -> ffmpeg's muxer."""
    pixel_formats: tuple[str, ...]
    """That the file may have, by ffmpeg's names, the default first."""
    extensions: tuple[str, ...] = ()
    """For which it is the default."""
    rgb_encoder: str = ""
    """ffmpeg's encoder for RGB in the file, where it is another one."""
    even_sides: bool = False
    """Whether sides must be even where chroma is subsampled."""
    min_side: int = 1
    """In pixels, as is the next."""
    max_side: int = 65_535
    crf_max: int | None = None
    """The worst value where there is constant quality; the best is 0."""
    whole_crf: bool = False
    presets: tuple[str, ...] = ()
    preset_option: str = "preset"
    bitrate: bool = False
    """Whether it can aim at a bit rate."""
    keyframe_interval: int = 1
    """Frames between keyframes, at most."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Always given to ffmpeg."""
    qualities: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Named quality -> ffmpeg's options; ``"standard"`` is the default."""
    lossless_pixel_format: str = ""
    """In which the quality ``"lossless"`` keeps every bit of RGB."""
    audio: Mapping[str, str] = field(default_factory=dict)
    """Extension of the file -> ffmpeg's encoder for sound."""

    @property
    def multiple_files(self) -> bool:
        """Whether the output is numbered files."""
        return "image2" in self.muxers.values()

    @property
    def has_palette(self) -> bool:
        """Whether a file's colours are chosen from all of its frames, before the first is written."""
        return "pal8" in self.pixel_formats


H264 = Codec(
    name="h264",
    title="H.264",
    encoder="libx264",
    rgb_encoder="libx264rgb",
    extensions=(".mp4", ".m4v", ".mov", ".mkv"),
    muxers={".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"},
    pixel_formats=("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le", "rgb24"),
    even_sides=True,
    max_side=16_384,
    crf_max=51,
    presets=(
        *("ultrafast", "superfast", "veryfast", "faster", "fast"),
        *("medium", "slow", "slower", "veryslow", "placebo"),
    ),
    bitrate=True,
    keyframe_interval=250,
    qualities={
        "draft": {"preset": "veryfast", "crf": "28"},
        "standard": {"preset": "medium", "crf": "23"},
        "high": {"preset": "slow", "crf": "18"},
        "lossless": {"preset": "medium", "qp": "0"},
    },
    lossless_pixel_format="rgb24",
    audio={".mp4": "aac", ".m4v": "aac", ".mov": "aac", ".mkv": "aac"},
)

VP9 = Codec(
    name="vp9",
    title="VP9",
    encoder="libvpx-vp9",
    extensions=(".webm",),
    muxers={".webm": "webm", ".mkv": "matroska"},
    pixel_formats=("yuv420p", "yuva420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv444p10le", "gbrp"),
    crf_max=63,
    whole_crf=True,
    presets=("realtime", "good", "best"),
    preset_option="deadline",
    bitrate=True,
    keyframe_interval=128,
    options={"row-mt": "1"},
    qualities={
        "draft": {"deadline": "realtime", "cpu-used": "8", "crf": "40", "b:v": "0"},
        "standard": {"deadline": "good", "cpu-used": "4", "crf": "31", "b:v": "0"},
        "high": {"deadline": "good", "cpu-used": "2", "crf": "20", "b:v": "0"},
        "lossless": {"deadline": "good", "cpu-used": "4", "lossless": "1"},
    },
    lossless_pixel_format="gbrp",
    audio={".webm": "libopus", ".mkv": "libopus"},
)

FFV1 = Codec(
    name="ffv1",
    title="FFV1",
    encoder="ffv1",
    muxers={".mkv": "matroska"},
    pixel_formats=("bgra", "bgr0", "yuv444p", "yuv422p", "yuv420p"),
    min_side=4,  # ffmpeg cuts frames in slices; it gives other pixels, or none, where they are empty
    options={"level": "3", "g": "1", "slicecrc": "1"},
    qualities={"lossless": {}},
    lossless_pixel_format="bgra",
    audio={".mkv": "flac"},
)

GIF = Codec(
    name="gif",
    title="GIF",
    encoder="gif",
    extensions=(".gif",),
    muxers={".gif": "gif"},
    pixel_formats=("pal8",),
)

PNG = Codec(
    name="png",
    title="PNG",
    encoder="png",
    extensions=(".png",),
    muxers={".png": "image2"},
    pixel_formats=("rgba", "rgb24"),
    qualities={"lossless": {}},
    lossless_pixel_format="rgba",
)

CODECS = (H264, VP9, FFV1, GIF, PNG)
