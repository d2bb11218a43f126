"""What is in the files: every bit where nothing may be lost, colours, transparency, timing, sound, joints."""

from __future__ import annotations

import errno
import itertools
import math
import os
import shutil
import struct
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from decode import count_frames, decode, probe, timing
from encoding_tools import ENCODERS, dot, encode, flat, noise, patches
from PIL import Image, ImageSequence

from panim_core.errors import EncodeError, SettingsError
from panim_core.frames import FrameFormat
from panim_core.protocols import EncoderSettings

NTSC = Fraction(24000, 1001)

LOSSLESS = [
    ("h264", "a.mp4", "lossless", "rgb24"),
    ("h264", "a.mkv", "lossless", "rgb24"),
    ("vp9", "a.webm", "lossless", "gbrp"),
    ("ffv1", "a.mkv", None, "bgra"),
    ("ffv1", "a.mkv", "lossless", "bgra"),
    ("png", "%d.png", None, "rgba"),
    ("png", "%04d.png", "lossless", "rgba"),
]


@pytest.mark.parametrize(("name", "file", "quality", "pixel_format"), LOSSLESS)
@pytest.mark.parametrize("depth", [4, 3])
def test_lossless_keeps_every_bit(tmp_path, name, file, quality, pixel_format, depth):
    frames = noise(5, width=50, height=38, depth=depth)
    facts = encode(name, tmp_path / file, frames, settings=EncoderSettings(quality=quality))
    assert (facts.frame_count, facts.pixel_format) == (5, pixel_format)
    assert np.array_equal(decode(tmp_path / file, "rgb24"), np.array(frames)[..., :3])


@pytest.mark.parametrize(("name", "file"), [("png", "%d.png"), ("ffv1", "a.mkv")])
def test_transparency_is_kept_to_the_bit(tmp_path, name, file):
    frames = noise(3)
    for frame in frames:
        frame[..., 3] = frame[..., 0]
    encode(name, tmp_path / file, frames)
    assert np.array_equal(decode(tmp_path / file), np.array(frames))


def test_webm_keeps_transparency_where_its_pixel_format_has_it(tmp_path):
    frame = np.zeros((48, 64, 4), np.uint8)
    frame[:, :32] = (200, 30, 30, 255)
    frame[:, 32:] = (200, 30, 30, 0)
    encode("vp9", tmp_path / "a.webm", [frame] * 3, settings=EncoderSettings(pixel_format="yuva420p", crf=10))
    seen = decode(tmp_path / "a.webm", decoder="libvpx-vp9")[0].astype(int)
    assert np.abs(seen[:, 4:28, 3] - 255).max() <= 2
    assert np.abs(seen[:, 36:60, 3]).max() <= 2


@pytest.mark.parametrize("size", [(64, 48), (480, 320)])
@pytest.mark.parametrize(("name", "file"), [("h264", "a.mp4"), ("vp9", "a.webm"), ("png", "%d.png"), ("ffv1", "a.mkv")])
def test_transparency_that_is_lost_is_told_once(tmp_path, size, name, file):
    frames = flat(4, *size)
    assert encode(name, tmp_path / file, frames).notes == ()
    for frame in frames[2:]:
        frame[..., 3] = 200
    told = encode(name, tmp_path / file, frames).notes
    assert len(told) == (name in ("h264", "vp9"))
    assert all("partly transparent" in text and "background" in text for text in told)


def test_a_gif_of_what_is_nearly_opaque_is_opaque(tmp_path):
    frames = flat(3, 40, 30)
    frames[1][..., 3] = 200
    encode("gif", tmp_path / "a.gif", frames)
    assert np.all(decode(tmp_path / "a.gif")[..., 3] == 255)


@pytest.mark.parametrize("order", [1, -1])
def test_nothing_is_left_of_a_gifs_frames_where_later_ones_are_transparent(tmp_path, order):
    frames = flat(4, 40, 30)
    for number, frame in enumerate(frames[2:]):
        frame[:, : 10 + 10 * number] = 0
    frames[3][20:] = frames[2][20:] = frames[1][20:]
    encode("gif", tmp_path / "a.gif", frames[::order])
    by_ffmpeg = decode(tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as image:
        by_pillow = [np.array(frame.convert("RGBA")) for frame in ImageSequence.Iterator(image)]
    for shown in (by_ffmpeg, by_pillow):
        assert [np.array_equal(a[..., 3], b[..., 3]) for a, b in zip(shown, frames[::order], strict=True)] == [True] * 4
        for a, b in zip(shown, frames[::order], strict=True):
            seen = b[..., 3] > 0
            assert np.abs(a[seen].astype(int) - b[seen]).max() <= 8


def test_h264_shows_the_colour_that_was_transparent(tmp_path):
    frame = np.full((48, 64, 4), (200, 30, 30, 0), np.uint8)
    encode("h264", tmp_path / "a.mp4", [frame])
    assert np.abs(decode(tmp_path / "a.mp4", "rgb24").astype(int) - (200, 30, 30)).max() <= 2


@pytest.mark.parametrize("pixel_format", ["yuv444p", "yuv420p", "yuv422p", "yuv420p10le", "yuv444p10le"])
@pytest.mark.parametrize(("name", "file"), [("h264", "a.mp4"), ("h264", "a.mkv"), ("vp9", "a.webm")])
def test_colours_are_right_for_a_decoder_that_honours_tags(tmp_path, name, file, pixel_format):
    if name == "vp9" and pixel_format == "yuv422p":
        pytest.skip("as good as any other and VP9 is slow")
    frame, colours = patches()
    settings = EncoderSettings(pixel_format=pixel_format, crf=1 if name == "h264" else 0)
    if pixel_format not in ENCODERS[name].codec.pixel_formats:
        pytest.skip("not offered")
    encode(name, tmp_path / file, [frame] * 2, settings=settings)
    seen = decode(tmp_path / file, "rgb24")[0].astype(int)
    centres = seen[8::16, 8::16]
    assert np.abs(centres - colours).max() <= 2, np.abs(centres - colours).max()


@pytest.mark.parametrize(("width", "height"), [(50, 38), (33, 21)])
def test_pixels_are_the_same_however_many_cores_there_are(tmp_path, monkeypatch, width, height):
    seen = []
    for cores in (1, 4, 6):
        monkeypatch.setattr("panim_ffmpeg.encoder._cores", lambda cores=cores: cores)
        settings = EncoderSettings(pixel_format="yuv420p", threads=1)
        encode("ffv1", tmp_path / f"{cores}.mkv", noise(3, width, height), settings=settings)
        seen.append(decode(tmp_path / f"{cores}.mkv", "yuv420p"))
    assert np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[0], seen[2])


@pytest.mark.parametrize(
    ("name", "file", "settings", "expected"),
    [
        ("h264", "a.mp4", {}, "yuv420p(tv, bt709, progressive)"),
        ("h264", "a.mov", {"pixel_format": "yuv444p"}, "yuv444p(tv, bt709, progressive)"),
        ("h264", "a.mkv", {}, "yuv420p(tv, bt709, progressive)"),
        ("h264", "a.mp4", {"quality": "lossless"}, "gbrp(pc, gbr/bt709/bt709, progressive)"),
        ("vp9", "a.webm", {}, "yuv420p(tv, bt709, progressive)"),
        ("ffv1", "a.mkv", {"pixel_format": "yuv444p"}, "yuv444p(tv, bt709, progressive)"),
    ],
)
def test_files_are_tagged(tmp_path, name, file, settings, expected):
    """ffmpeg prints range, matrix, primaries and transfer, once if they are the same."""
    encode(name, tmp_path / file, flat(3), settings=EncoderSettings(**settings))
    assert expected in probe(tmp_path / file).video


def atoms(path: Path) -> list[str]:
    data, position, found = path.read_bytes(), 0, []
    while position < len(data):
        size, kind = struct.unpack(">I4s", data[position : position + 8])
        found.append(kind.decode())
        position += size
    return found


@pytest.mark.parametrize("file", ["a.mp4", "a.m4v", "a.mov"])
def test_mp4_starts_playing_before_it_is_loaded(tmp_path, file):
    encode("h264", tmp_path / file, flat(3))
    order = atoms(tmp_path / file)
    assert order.index("moov") < order.index("mdat")
    assert "h264" in probe(tmp_path / file).video
    assert "avc1" in probe(tmp_path / file).video


@pytest.mark.parametrize(
    "fps", [NTSC, Fraction(60), Fraction(30000, 1001), Fraction(2997, 100), Fraction(1), Fraction(120)]
)
def test_frame_times_are_exact_in_mp4(tmp_path, fps):
    facts = encode("h264", tmp_path / "a.mp4", flat(31), fps)
    starts, durations = timing(tmp_path / "a.mp4")
    assert facts.frame_count == 31
    assert starts == [index / fps for index in range(31)]
    assert set(durations) == {1 / fps}


@pytest.mark.parametrize(("name", "file"), [("h264", "a.mkv"), ("vp9", "a.webm"), ("ffv1", "a.mkv")])
def test_frame_times_are_rounded_to_milliseconds_in_matroska(tmp_path, name, file):
    encode(name, tmp_path / file, flat(31), NTSC)
    starts, _ = timing(tmp_path / file)
    assert len(starts) == 31
    assert max(abs(start - index / NTSC) for index, start in enumerate(starts)) <= Fraction(1, 1000)


@pytest.mark.parametrize("size", [(1, 1), (63, 48), (64, 47), (63, 47)])
def test_odd_sides_repeat_the_edge(tmp_path, size):
    width, height = size
    frame = np.zeros((height, width, 4), np.uint8)
    frame[..., 3] = 255
    frame[...] = (10, 60, 30, 255)
    frame[:, -2:] = (220, 220, 220, 255)
    frame[-2:] = (220, 220, 220, 255)
    settings = EncoderSettings(crf=1)
    with ENCODERS["h264"].open(tmp_path / "a.mp4", FrameFormat(width, height), Fraction(25), settings) as session:
        early = session.notes
        session.write(memoryview(frame))
        facts = session.finish()
    seen = decode(tmp_path / "a.mp4", "rgb24")[0].astype(int)
    padded = np.pad(frame[..., :3], ((0, height % 2), (0, width % 2), (0, 0)), mode="edge").astype(int)
    assert seen.shape == padded.shape
    assert np.abs(seen[:, -1] - padded[:, -1]).max() <= 6
    assert np.abs(seen[-1] - padded[-1]).max() <= 6
    assert facts.notes == early
    assert f"{width}x{height} became {width + width % 2}x{height + height % 2}" in early[0]


@pytest.mark.parametrize(
    ("name", "file", "pixel_format"),
    [("h264", "a.mp4", "yuv444p"), ("vp9", "a.webm", None), ("ffv1", "a.mkv", None), ("gif", "a.gif", None)],
)
def test_odd_sides_stay_where_the_codec_has_them(tmp_path, name, file, pixel_format):
    facts = encode(name, tmp_path / file, flat(2, 63, 47), settings=EncoderSettings(pixel_format=pixel_format))
    assert decode(tmp_path / file).shape == (2, 47, 63, 4)
    assert facts.notes == ()


def test_gif_keeps_flat_colours_transparency_and_loops(tmp_path):
    frames = []
    for index in range(6):
        frame = np.zeros((60, 80, 4), np.uint8)
        frame[:, 20:] = (250, 250, 250, 255)
        frame[20:40, 20 + index * 8 : 40 + index * 8] = (200, 30, 60, 255)
        frames.append(frame)
    facts = encode("gif", tmp_path / "a.gif", frames, 20)
    seen = decode(tmp_path / "a.gif").astype(int)
    assert facts.frame_count == len(seen) == 6
    assert np.array_equal(seen[..., 3], np.array(frames)[..., 3])
    opaque = seen[..., 3] == 255
    assert np.abs(seen[opaque] - np.array(frames)[opaque]).max() <= 1
    assert b"NETSCAPE2.0\x03\x01\x00\x00" in (tmp_path / "a.gif").read_bytes()
    assert timing(tmp_path / "a.gif").starts == [Fraction(index, 20) for index in range(6)]
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


def test_gif_palette_is_made_for_the_whole_clip(tmp_path):
    y, x = np.mgrid[:120, :160]
    ramp = np.stack([x * 255 // 159, y * 255 // 119, 255 - x * 255 // 159, np.full_like(x, 255)], -1).astype(np.uint8)
    encode("gif", tmp_path / "a.gif", [ramp, np.roll(ramp, 7, 1)], 10)
    seen = decode(tmp_path / "a.gif", "rgb24").astype(float)
    error = seen - np.array([ramp, np.roll(ramp, 7, 1)])[..., :3]
    assert np.abs(error).mean() < 8
    assert np.abs(error.mean(axis=(1, 2))).max() < 1, "dithering keeps the mean"


def test_gif_of_more_frames_a_second_than_viewers_show_is_told(tmp_path):
    assert "fps 50 or less" in encode("gif", tmp_path / "a.gif", flat(6), 60).notes[0]
    assert count_frames(tmp_path / "a.gif") == 6


def test_png_without_a_number_is_one_image(tmp_path):
    path = tmp_path / "still.png"
    encode("png", path, noise(1))
    assert np.array_equal(decode(path)[0], noise(1)[0])
    with pytest.raises(EncodeError, match="%04d"):
        encode("png", tmp_path / "two.png", noise(2))


def test_png_numbers_start_at_zero(tmp_path):
    folder = tmp_path / "50% done %d"
    folder.mkdir()
    encode("png", folder / "100% a%03d.png", noise(3))
    assert sorted(path.name for path in folder.iterdir()) == [f"100% a{index:03d}.png" for index in range(3)]


NAMES = [
    "-x.mp4",
    "a%03d.mp4",
    "http:x.mp4",
    "concat:a.mp4",
    "file:x.mp4",
    "pipe:1.mp4",
    "new\nline.mp4",
    "söme ünïcode ☃.mp4",
    "two  spaces .mp4",
    'it\'s "quoted".mp4',
    "back\\slash.mp4",
    "[v];&|$(x)*?#.mp4",
    "tee:a|b.mp4",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_that_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    encode("h264", Path(name), flat(3))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert atoms(tmp_path / name)[0] == "ftyp"


@pytest.mark.parametrize("name", [name.replace(".mp4", ".gif") for name in NAMES])
def test_any_name_is_that_gif(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    encode("gif", Path(name), flat(2))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", [n.replace(".mp4", ".png") for n in NAMES if "%" not in n] + ["100%.png", "a%%.png"])
def test_any_name_is_that_image(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    encode("png", Path(name), flat(1))
    assert [path.name for path in tmp_path.iterdir()] == [name]


def tone(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        samples = np.sin(np.arange(int(48000 * seconds)) * 0.05) * 20000
        file.writeframes(samples.astype("<i2").tobytes())
    return path


@pytest.mark.parametrize("seconds", [0.3, 5.0])
@pytest.mark.parametrize(
    ("name", "file", "codec"),
    [("h264", "a.mp4", "aac"), ("h264", "a.mkv", "aac"), ("vp9", "a.webm", "opus"), ("ffv1", "a.mkv", "flac")],
)
def test_sound_lasts_as_long_as_the_video(tmp_path, name, file, codec, seconds):
    settings = EncoderSettings(audio=tone(tmp_path / "- it's a tone.wav", seconds))
    facts = encode(name, tmp_path / file, flat(50), settings=settings)
    assert facts.frame_count == count_frames(tmp_path / file) == 50
    assert codec in probe(tmp_path / file).audio
    sound = timing(tmp_path / file, "a:0")
    assert abs(sound.starts[-1] + sound.durations[-1] - 2) < Fraction(5, 100)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["- it's a tone.wav", file]


def test_a_file_without_sound_is_refused(tmp_path):
    path = tmp_path / "not.wav"
    path.write_text("#EXTM3U\nhttp://127.0.0.1:1/x.ts\n")
    with pytest.raises(SettingsError, match="no sound"):
        encode("h264", tmp_path / "a.mp4", flat(1), settings=EncoderSettings(audio=path))


@pytest.mark.parametrize(
    ("name", "suffix", "fps"),
    [
        *itertools.product(["h264"], [".mp4", ".mov", ".mkv"], [NTSC, Fraction(60)]),
        ("vp9", ".webm", Fraction(30)),
        ("ffv1", ".mkv", Fraction(25)),
    ],
)
def test_joined_segments_play_as_one(tmp_path, name, suffix, fps):
    frames = noise(40)
    cuts = [0, 17, *range(18, 41)]
    segments = []
    for number, (start, stop) in enumerate(itertools.pairwise(cuts)):
        segments.append(tmp_path / f"it's\n segment {number}{suffix}")
        encode(name, segments[-1], frames[start:stop], fps)
    joined = tmp_path / f"joined{suffix}"
    ENCODERS[name].concat(segments, joined)
    assert np.array_equal(decode(joined), np.concatenate([decode(segment) for segment in segments]))
    starts, _ = timing(joined)
    if suffix in (".mp4", ".mov"):
        assert starts == [index / fps for index in range(40)]
        assert atoms(joined).index("moov") < atoms(joined).index("mdat")
    else:
        assert max(abs(start - index / fps) for index, start in enumerate(starts)) <= Fraction(1, 1000)
    assert probe(joined).video.split(",")[1:3] == probe(segments[0]).video.split(",")[1:3]


@pytest.mark.parametrize("fps", [NTSC, 24, 30, 60])
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_joined_segments_of_no_whole_milliseconds(tmp_path, suffix, fps):
    """With B frames, as for things in motion, ffmpeg takes the file's own length, in milliseconds, for that of MP4."""
    frames = [dot(math.tau * index / 60) for index in range(40)]
    segments = [tmp_path / f"{number}{suffix}" for number in range(4)]
    for number, segment in enumerate(segments):
        encode("h264", segment, frames[10 * number : 10 * number + 10], fps)
    joined = tmp_path / f"joined{suffix}"
    ENCODERS["h264"].concat(segments, joined)
    tolerance = Fraction(1, 1000) if suffix == ".mkv" else 0
    assert max(abs(start - index / Fraction(fps)) for index, start in enumerate(timing(joined).starts)) <= tolerance


def test_segments_are_joined_where_there_are_no_links(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    segments = [tmp_path / f"{number}.mp4" for number in range(2)]
    for segment in segments:
        encode("h264", segment, flat(3))
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "symlink", refuse)
    ENCODERS["h264"].concat(segments, tmp_path / "joined.mp4")
    assert count_frames(tmp_path / "joined.mp4") == 6
    monkeypatch.setattr(shutil, "copyfile", refuse)
    with pytest.raises(EncodeError, match="could not be copied"):
        ENCODERS["h264"].concat(segments, tmp_path / "joined.mp4")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "suffix"), [("h264", ".mp4"), ("h264", ".mkv"), ("vp9", ".webm")])
def test_joined_segments_get_their_sound(tmp_path, name, suffix, count):
    segments = [tmp_path / f"{number}{suffix}" for number in range(count)]
    for segment in segments:
        encode(name, segment, flat(25), NTSC)
    out = tmp_path / "out"
    out.mkdir()
    ENCODERS[name].concat(segments, out / f"a{suffix}", audio=tone(tmp_path / "tone.wav", 9))
    assert [path.name for path in out.iterdir()] == [f"a{suffix}"]
    starts, _ = timing(out / f"a{suffix}")
    assert max(abs(start - index / NTSC) for index, start in enumerate(starts)) <= Fraction(1, 1000)
    sound = timing(out / f"a{suffix}", "a:0")
    assert abs(sound.starts[-1] + sound.durations[-1] - count * 25 / NTSC) < Fraction(5, 100)


def test_segments_of_another_rate_are_not_joined(tmp_path):
    for number, fps in enumerate([25, 20]):
        encode("h264", tmp_path / f"{number}.mp4", flat(20), fps)
    with pytest.raises(EncodeError, match="a jump in time at frame"):
        ENCODERS["h264"].concat([tmp_path / "0.mp4", tmp_path / "1.mp4"], tmp_path / "joined.mp4")


def test_joined_images_are_numbered_through(tmp_path):
    frames = noise(5)
    segments = [tmp_path / "a%d.png", tmp_path / "b%04d.png", tmp_path / "c.png"]
    for segment, part in zip(segments, (frames[:3], frames[3:4], frames[4:]), strict=True):
        encode("png", segment, part)
    out = tmp_path / "out"
    out.mkdir()
    ENCODERS["png"].concat(segments, out / "%03d.png")
    assert sorted(path.name for path in out.iterdir()) == [f"{index:03d}.png" for index in range(5)]
    assert np.array_equal(decode(out / "%03d.png"), np.array(frames))


def test_a_damaged_segment_is_not_joined(tmp_path):
    encode("h264", tmp_path / "a.mp4", flat(5))
    (tmp_path / "b.mp4").write_bytes((tmp_path / "a.mp4").read_bytes()[:200])
    with pytest.raises(EncodeError):
        ENCODERS["h264"].concat([tmp_path / "a.mp4", tmp_path / "b.mp4"], tmp_path / "c.mp4")
    with pytest.raises(EncodeError, match="no segments"):
        ENCODERS["h264"].concat([], tmp_path / "c.mp4")
