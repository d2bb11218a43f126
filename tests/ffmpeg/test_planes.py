"""Frames given as planes, computed from what changed: the very ones that ffmpeg makes of all of it."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
import weakref
from fractions import Fraction

import numpy as np
import psutil
import pytest
from decode import count_frames, decode
from encoding_tools import ENCODERS, encode, flat, noise

from panim_core.errors import EncodeError
from panim_core.frames import FrameFormat, PixelFormat
from panim_core.protocols import EncoderSettings
from panim_ffmpeg import binary
from panim_ffmpeg.choosing import has_choice
from panim_ffmpeg.encoding import decide
from panim_ffmpeg.planes import Planes

STEPS_APART = 0 if platform.machine() in ("x86_64", "AMD64") else 1


def by_ffmpeg(frames: list[np.ndarray]) -> np.ndarray:
    height, width, _ = frames[0].shape
    scale = "scale=out_color_matrix=bt709:out_range=tv:flags=area+full_chroma_inp,format=yuv420p"
    raw = ["-f", "rawvideo", "-pixel_format", "rgb0", "-video_size", f"{width}x{height}", "-i", "-"]
    done = subprocess.run(
        [binary.find_binary(), "-v", "error", *raw, "-vf", scale, "-f", "rawvideo", "-"],
        input=b"".join(frame.tobytes() for frame in frames),
        stdout=subprocess.PIPE,
        check=True,
    )
    return np.frombuffer(done.stdout, np.uint8).reshape(len(frames), -1)


def growing(count: int, width: int, height: int, noisy: bool = True) -> list[np.ndarray]:
    """Frames of which little changes from one to the next, in other places and other ways."""
    random = np.random.default_rng(width)
    frame = noise(1, width, height)[0] if noisy else flat(1, width, height)[0]
    frames = [frame]
    for _ in range(count - 1):
        frame = frame.copy()
        for _ in range(3):
            x, y = random.integers(0, width), random.integers(0, height)
            w, h = random.integers(1, 24, 2)
            frame[y : y + h, x : x + w, :3] = random.integers(0, 256, 3)
        frame[random.integers(0, height), random.integers(0, width), random.integers(0, 3)] += 1
        frames.append(frame)
    return frames


@pytest.mark.parametrize("size", [(64, 48), (642, 358), (1000, 6), (46, 1000), (1280, 720)])
def test_they_are_what_ffmpeg_makes_of_the_frames(size):
    levels = np.array([0, 255], np.uint8)[np.random.default_rng(2).integers(0, 2, (size[1], size[0], 4))]
    frames = [*growing(6, *size), *noise(2, *size, seed=3), levels, *flat(2, *size), *growing(3, *size, noisy=False)]
    planes = Planes(*size)
    mine = np.array([np.array(planes.of(frame.data.cast("B"))) for frame in frames])
    assert np.abs(mine.astype(int) - by_ffmpeg(frames)).max() <= STEPS_APART


def test_alpha_is_not_looked_at():
    frame = noise(1)[0]
    frame[..., 3] = frame[..., 0]
    opaque = frame.copy()
    opaque[..., 3] = 255
    assert bytes(Planes(64, 48).of(frame.data.cast("B"))) == bytes(Planes(64, 48).of(opaque.data.cast("B")))


@pytest.mark.parametrize(("name", "file"), [("h264", "a.mp4"), ("vp9", "a.webm")])
def test_the_video_is_the_same_either_way(tmp_path, monkeypatch, name, file):
    frames = growing(8, 480, 320, noisy=False) + noise(2, 480, 320) + growing(3, 480, 320)
    settings = EncoderSettings(threads=1)
    seen = []
    for most, read in ((0.1, "yuv420p"), (-1.0, "rgb0")):
        monkeypatch.setattr("panim_ffmpeg.choosing._MOST_CHANGED", most)
        facts = encode(name, tmp_path / file, frames, settings=settings)
        assert facts.command[facts.command.index("-pixel_format") + 1] == read
        assert (facts.frame_count, facts.pixel_format) == (len(frames), "yuv420p")
        seen.append(decode(tmp_path / file, "yuv420p"))
    assert np.abs(seen[0].astype(int) - seen[1]).max() <= 8 * STEPS_APART


def test_where_much_changes_ffmpeg_gets_the_frames_as_they_are(tmp_path):
    facts = encode("h264", tmp_path / "a.mp4", noise(3, 480, 320))
    assert facts.command[facts.command.index("-pixel_format") + 1] == "rgb0"


def test_one_frame(tmp_path):
    (frame,) = flat(1, 480, 320)
    assert encode("h264", tmp_path / "a.mp4", [frame]).frame_count == 1
    assert np.abs(decode(tmp_path / "a.mp4", "rgb24")[0].astype(int) - frame[..., :3]).max() <= 2


@pytest.mark.parametrize(
    ("name", "size", "depth", "settings", "chosen"),
    [
        ("h264", (640, 360), PixelFormat.RGBA, {}, True),
        ("h264", (640, 360), PixelFormat.RGB24, {}, False),
        ("h264", (64, 48), PixelFormat.RGBA, {}, False),
        ("h264", (641, 360), PixelFormat.RGBA, {}, False),
        ("h264", (640, 361), PixelFormat.RGBA, {}, False),
        ("h264", (640, 360), PixelFormat.RGBA, {"pixel_format": "yuv444p"}, False),
        ("h264", (640, 360), PixelFormat.RGBA, {"pixel_format": "yuv420p10le"}, False),
        ("h264", (640, 360), PixelFormat.RGBA, {"quality": "lossless"}, False),
        ("vp9", (640, 360), PixelFormat.RGBA, {"pixel_format": "yuva420p"}, False),
        ("vp9", (640, 360), PixelFormat.RGBA, {}, True),
        ("vp9", (641, 360), PixelFormat.RGBA, {}, False),
        ("vp9", (640, 361), PixelFormat.RGBA, {}, False),
        ("ffv1", (640, 360), PixelFormat.RGBA, {}, False),
    ],
)
def test_there_is_a_choice_only_where_planes_are_the_same(name, size, depth, settings, chosen):
    codec = ENCODERS[name].codec
    suffix = codec.extensions[0] if codec.extensions else next(iter(codec.muxers))
    encoding = decide(codec, suffix, FrameFormat(*size, depth), Fraction(25), EncoderSettings(**settings))
    assert has_choice(encoding) is chosen


def test_numpy_is_not_imported_for_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "numpy")
    encoding = decide(ENCODERS["h264"].codec, ".mp4", FrameFormat(640, 360), Fraction(25), EncoderSettings())
    assert not has_choice(encoding)


def feed(session, frames):
    for frame in frames:
        session.write(memoryview(frame))


def opened(path):
    return ENCODERS["h264"].open(path, FrameFormat(480, 320), Fraction(25), EncoderSettings())


@pytest.mark.parametrize("frames_before", [0, 1, 2])
def test_a_frame_of_another_size_is_refused(tmp_path, frames_before):
    with opened(tmp_path / "a.mp4") as session:
        feed(session, growing(2, 480, 320)[:frames_before])
        with pytest.raises(EncodeError, match=rf"frame {frames_before} has 9216 bytes; .* takes 614400"):
            session.write(memoryview(noise(1, 48, 48)[0]))


@pytest.mark.parametrize("frames_before", [0, 1, 2])
def test_stopped_at_any_time(tmp_path, frames_before):
    session = opened(tmp_path / "a.mp4")
    frames = growing(4, 480, 320)
    feed(session, frames[:frames_before])
    assert len(psutil.Process().children()) == (frames_before > 1)
    session.abort()
    session.abort()
    assert psutil.Process().children() == []
    with pytest.raises(EncodeError, match="stopped"):
        session.write(memoryview(frames[2]))
    with pytest.raises(EncodeError, match="stopped"):
        session.finish()
    with pytest.raises(EncodeError, match="stopped"):
        session.write(memoryview(frames[3]))


@pytest.mark.parametrize("ends", ["finish", "abort"])
def test_nothing_is_kept_at_the_end(tmp_path, ends):
    made = weakref.WeakSet()

    class Watched(Planes):
        def __init__(self, *args):
            super().__init__(*args)
            made.add(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("panim_ffmpeg.planes.Planes", Watched)
        session = opened(tmp_path / "a.mp4")
        feed(session, growing(3, 480, 320))
        assert len(made) == 1
        getattr(session, ends)()
    gc.collect()
    assert not made


def test_frames_are_counted(tmp_path):
    encode("h264", tmp_path / "a.mp4", growing(30, 480, 320))
    assert count_frames(tmp_path / "a.mp4") == 30
