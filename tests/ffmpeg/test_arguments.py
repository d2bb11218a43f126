"""Settings become a command line, or a `SettingsError` that says what is possible; no process is needed."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from encoding_tools import ENCODERS
from hypothesis import given
from hypothesis import strategies as st

from panim_core.errors import SettingsError
from panim_core.frames import FrameFormat, PixelFormat
from panim_core.protocols import Encoder, EncoderSettings
from panim_ffmpeg import arguments
from panim_ffmpeg.codecs import CODECS, FFV1, GIF, H264, PNG, VP9, Codec
from panim_ffmpeg.encoding import Encoding, decide

HD = FrameFormat(1920, 1080)
FPS = Fraction(60)


def chosen(codec: Codec, suffix: str | None = None, format: FrameFormat = HD, **settings) -> Encoding:
    return decide(codec, suffix or next(iter(codec.muxers)), format, FPS, EncoderSettings(**settings))


def line(codec: Codec, suffix: str | None = None, format: FrameFormat = HD, **settings) -> str:
    encoding = chosen(codec, suffix, format, **settings)
    return " ".join(arguments.video_arguments(encoding, Path(f"/out/a{suffix or ''}"), cores=8))


def test_the_usual_command_line():
    assert line(H264, ".mp4").split() == [
        *("-hide_banner", "-nostdin", "-v", "error", "-nostats", "-progress", "pipe:1"),
        *("-f", "rawvideo", "-pixel_format", "rgb0", "-video_size", "1920x1080", "-framerate", "60", "-i", "pipe:0"),
        *("-filter_threads", "4", "-map", "0:v:0", "-vf"),
        ",".join(
            [
                "scale=out_color_matrix=bt709:out_range=tv:flags=area+full_chroma_inp",
                "format=yuv420p",
                "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
            ]
        ),
        *("-c:v", "libx264", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
        *("-color_range", "tv", "-preset", "medium", "-crf", "23", "-movflags", "+faststart"),
        *("-f", "mp4", "-y", "file:/out/a.mp4"),
    ]


@pytest.mark.parametrize(
    ("codec", "suffix", "settings", "expected"),
    [
        (H264, ".mp4", {"crf": 17.5}, "-preset medium -crf 17.5"),
        (H264, ".mp4", {"crf": 0}, "-crf 0"),
        (H264, ".mp4", {"preset": "slow"}, "-preset slow -crf 23"),
        (H264, ".mp4", {"bitrate": "4M"}, "-preset medium -b:v 4M -movflags"),
        (H264, ".mp4", {"quality": "draft"}, "-preset veryfast -crf 28"),
        (H264, ".mp4", {"quality": "high", "preset": "fast"}, "-preset fast -crf 18"),
        (H264, ".mp4", {"quality": "high", "bitrate": "900k"}, "-preset slow -b:v 900k -mov"),
        (H264, ".mp4", {"quality": "lossless"}, "-c:v libx264rgb"),
        (H264, ".mp4", {"quality": "lossless"}, "-preset medium -qp 0"),
        (H264, ".mp4", {"quality": "lossless", "pixel_format": "yuv444p"}, "-c:v libx264 "),
        (H264, ".mp4", {"threads": 3}, "-threads 3"),
        (H264, ".MP4", {}, "-f mp4"),
        (H264, ".mov", {}, "-movflags +faststart -f mov"),
        (H264, ".mkv", {}, "-crf 23 -f matroska"),
        (H264, ".mp4", {"pixel_format": "yuv420p10le"}, "format=yuv420p10le"),
        (VP9, ".webm", {}, "-deadline good -cpu-used 4 -crf 31 -b:v 0 -f webm"),
        (VP9, ".webm", {"crf": 20.0}, "-crf 20 -b:v 0"),
        (VP9, ".webm", {"bitrate": "2M"}, "-cpu-used 4 -b:v 2M"),
        (VP9, ".webm", {"preset": "best"}, "-deadline best"),
        (VP9, ".webm", {"quality": "lossless"}, "-lossless 1"),
        (VP9, ".webm", {"pixel_format": "yuva420p"}, "-pixel_format rgba"),
        (FFV1, ".mkv", {}, "format=bgra"),
        (FFV1, ".mkv", {"pixel_format": "bgr0"}, "-pixel_format rgb0"),
    ],
)
def test_settings_in_the_command_line(codec, suffix, settings, expected):
    assert expected in line(codec, suffix, **settings)


@pytest.mark.parametrize(
    ("codec", "settings", "message"),
    [
        (H264, {"preset": "turbo"}, "no preset 'turbo'; it has ultrafast, .*, placebo"),
        (H264, {"pixel_format": "yuv999p"}, "no pixel format 'yuv999p'; it has yuv420p, .*rgb24"),
        (H264, {"quality": "superb"}, "no quality 'superb'; it has draft, standard, high, lossless"),
        (H264, {"crf": 52}, "crf 52: for H.264 it is a number from 0 .* to 51"),
        (H264, {"crf": -1}, "from 0"),
        (H264, {"crf": 20, "bitrate": "4M"}, "crf and bitrate exclude each other"),
        (H264, {"crf": 20, "quality": "lossless"}, "crf and quality lossless exclude"),
        (H264, {"bitrate": "4M", "quality": "lossless"}, "bitrate and quality lossless exclude"),
        (H264, {"bitrate": "fast"}, "bitrate 'fast'"),
        (H264, {"bitrate": "0"}, "bitrate '0'"),
        (H264, {"bitrate": "-4M"}, "bitrate '-4M'"),
        (H264, {"threads": 0}, "threads 0"),
        (VP9, {"crf": 30.5}, "a whole number from 0 .* to 63"),
        (VP9, {"preset": "medium"}, "it has realtime, good, best"),
        (FFV1, {"crf": 3}, "takes no crf; it takes pixel-format, quality, threads, audio"),
        (FFV1, {"quality": "draft"}, "it has lossless"),
        (GIF, {"crf": 3, "preset": "slow"}, "takes no crf, preset; it takes threads"),
        (GIF, {"pixel_format": "pal8"}, "takes no pixel-format"),
        (GIF, {"audio": Path("a.wav")}, "takes no audio"),
        (PNG, {"bitrate": "4M"}, "takes no bitrate; it takes pixel-format, quality, threads"),
        (PNG, {"audio": Path("a.wav")}, "takes no audio"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(codec, settings, message):
    with pytest.raises(SettingsError, match=message):
        chosen(codec, **settings)


def test_other_files_are_refused():
    with pytest.raises(SettingsError, match=r"encoder h264 cannot write .avi files; it writes .mp4, .m4v, .mov, .mkv"):
        chosen(H264, ".avi")
    with pytest.raises(SettingsError, match="files without an extension"):
        decide(H264, "", HD, FPS, EncoderSettings())


def test_too_large_for_the_codec():
    with pytest.raises(SettingsError, match="16384 pixels a side"):
        chosen(H264, format=FrameFormat(16386, 2))


@pytest.mark.parametrize("size", [(3, 64), (64, 3)])
def test_too_small_for_the_codec(size):
    with pytest.raises(SettingsError, match="FFV1 needs at least 4 pixels a side"):
        chosen(FFV1, ".mkv", format=FrameFormat(*size))


def test_lossless_video_that_browsers_cannot_play_is_told():
    assert "not in web browsers" in chosen(H264, quality="lossless").notes[0]
    assert chosen(H264).notes == ()


def test_gif_times():
    with pytest.raises(SettingsError, match="fps 50 or less"):
        decide(GIF, ".gif", HD, Fraction(101), EncoderSettings())
    assert decide(GIF, ".gif", HD, Fraction(50), EncoderSettings()).notes == ()
    assert "fps 50 or less" in decide(GIF, ".gif", HD, Fraction(60), EncoderSettings()).notes[0]


@pytest.mark.parametrize(
    ("size", "pixel_format", "padded"),
    [
        ((7, 5), "yuv420p", (8, 6)),
        ((8, 5), "yuv420p10le", (8, 6)),
        ((7, 5), "yuv422p", (8, 5)),
        ((7, 5), "yuv444p", (7, 5)),
        ((7, 5), "rgb24", (7, 5)),
        ((8, 6), "yuv420p", (8, 6)),
    ],
)
def test_odd_sizes(size, pixel_format, padded):
    encoding = chosen(H264, format=FrameFormat(*size), pixel_format=pixel_format)
    assert encoding.size == padded
    assert ("last" in " ".join(encoding.notes)) == (padded != size) == ("fillborders" in arguments.filters(encoding))


@pytest.mark.parametrize(
    ("name", "pattern", "many"),
    [
        ("a%04d.png", "a%04d.png", True),
        ("%d.png", "%d.png", True),
        ("100%-%03d%%.png", "100%%-%03d%%%%.png", True),
        ("a.png", "a.png", False),
        ("100%.png", "100%.png", False),
        ("%s%x.png", "%s%x.png", False),
    ],
)
def test_numbered_images(name, pattern, many):
    words, numbered = arguments.image_output(Path("/out/5%d") / name)
    assert numbered == many
    assert words[-1] == ("file:/out/5%%d/" if many else "file:/out/5%d/") + pattern
    assert ("-update" in words) != many
    assert arguments.image_file(Path("/o") / name, 7).name == re.sub(r"%0?\d*d", lambda m: m[0] % 7, name)


def test_one_number_only():
    with pytest.raises(SettingsError, match="2 frame numbers"):
        arguments.image_output(Path("a%d-%03d.png"))


SETTINGS = st.builds(
    EncoderSettings,
    crf=st.none() | st.floats(0, 63),
    preset=st.none() | st.sampled_from(["medium", "slow", "good", "realtime", "-y", ""]),
    bitrate=st.none() | st.sampled_from(["4M", "900k", "1.5M", "x", "-1"]),
    pixel_format=st.none()
    | st.sampled_from(sorted({name for codec in CODECS for name in codec.pixel_formats} | {"x"})),
    quality=st.none() | st.sampled_from(["draft", "standard", "high", "lossless", "best"]),
    threads=st.none() | st.integers(-1, 2000),
)


@given(
    codec=st.sampled_from([codec for codec in CODECS if codec not in (GIF, PNG)]),
    size=st.tuples(st.integers(1, 20_000), st.integers(1, 20_000)),
    pixel_format=st.sampled_from([PixelFormat.RGBA, PixelFormat.RGB24]),
    fps=st.fractions(Fraction(1, 1000), 1000, max_denominator=1_001_000).filter(lambda fps: fps > 0),
    name=st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1),
    settings=SETTINGS,
    data=st.data(),
)
def test_any_settings_give_one_output_or_an_error(codec, size, pixel_format, fps, name, settings, data):
    suffix = data.draw(st.sampled_from([*codec.muxers, ".avi", ""]))
    format = FrameFormat(*size, pixel_format)
    try:
        encoding = decide(codec, suffix, format, fps, settings)
    except SettingsError:
        return
    path = Path("/out") / (name + suffix)
    words = arguments.video_arguments(encoding, path, cores=2)
    assert all(isinstance(word, str) and word for word in words)
    assert words[-1] == f"file:{path}"
    assert words[-4:-1] == ["-f", codec.muxers[suffix], "-y"]
    assert [words[i + 1] for i, word in enumerate(words) if word == "-i"] == ["pipe:0"]
    assert Fraction(words[words.index("-framerate") + 1]) == fps
    assert ("-crf" in words) + (settings.quality == "lossless") + (settings.bitrate is not None) <= 1
    across, down = {"420": (2, 2), "422": (2, 1)}.get(encoding.pixel_format[3:6], (1, 1))
    width, height = encoding.size
    assert 0 <= width - size[0] <= 1
    assert 0 <= height - size[1] <= 1
    if codec is H264:
        assert width % across == 0
        assert height % down == 0
    assert ("setparams=range=tv" in " ".join(words)) == encoding.pixel_format.startswith("yuv")


def test_descriptors():
    assert [encoder.name for encoder in ENCODERS.values()] == ["h264", "vp9", "ffv1", "gif", "png"]
    for encoder in ENCODERS.values():
        assert isinstance(encoder, Encoder)
        assert encoder.pixel_formats == ("rgba", "rgb24")
    extensions = [extension for encoder in ENCODERS.values() for extension in encoder.extensions]
    assert sorted(extensions) == [".gif", ".m4v", ".mkv", ".mov", ".mp4", ".png", ".webm"]
    assert [encoder.name for encoder in ENCODERS.values() if encoder.multiple_files] == ["png"]
    assert [encoder.name for encoder in ENCODERS.values() if not encoder.joinable] == ["gif"]
    assert [encoder.keyframe_interval for encoder in ENCODERS.values()] == [250, 128, 1, 1, 1]
    assert ENCODERS["h264"].describe().startswith("libx264 of ffmpeg ")


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_the_table_is_consistent(codec):
    assert set(codec.extensions) <= set(codec.muxers)
    assert set(codec.audio) <= set(codec.muxers)
    assert not codec.qualities or codec.lossless_pixel_format in codec.pixel_formats
    for quality in codec.qualities:
        chosen(codec, quality=quality)
    for pixel_format in codec.pixel_formats[1:]:
        chosen(codec, pixel_format=pixel_format)
