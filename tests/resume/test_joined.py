"""A video of segments plays as one: as many frames, at the same times, as good, as large as one in one piece."""

from fractions import Fraction

import numpy as np
import pytest
from decode import decode, probe, timing

from panim_core import FrameGenerator, produce
from panim_core.frames import frame_time_ms

NTSC = Fraction(30000, 1001)


class Texture(FrameGenerator):
    """A pattern that wanders, with edges and gradients."""

    frame_size = (256, 144)

    def __init__(self, frames=600, fps=30):
        self.fps = fps
        self.frames = frames

    @property
    def duration(self):
        return frame_time_ms(self.frames, Fraction(self.fps))

    def start(self):
        self.y, self.x = np.mgrid[0:144, 0:256].astype(np.float32)

    def generate_at(self, time_ms):
        t = time_ms / 1000
        waves = np.sin(self.x / 9 + 3 * t) + np.sin((self.x + 2 * self.y) / 17 - 2 * t) + np.cos(self.y / 7 + t)
        frame = np.repeat((127 + 40 * waves).astype(np.uint8)[..., None], 3, axis=2)
        left = int(20 + 90 * (1 + np.sin(t)))
        frame[50:90, left : left + 40] = (200, 40, 30)
        return frame


def psnr(a, b):
    """In dB, of each frame."""
    errors = (a.astype(np.float32) - b.astype(np.float32)) ** 2
    return 10 * np.log10(255**2 / np.maximum(errors.mean(axis=(1, 2, 3)), 1e-9))


def test_joined_segments_are_as_good_and_as_large_as_one_piece(tmp_path, record_property):
    source = Texture()
    whole, joined = tmp_path / "whole.mp4", tmp_path / "joined.mp4"
    produce(source, whole)
    produce(source, joined, resume=True)

    source.start()
    drawn = np.array([source.generate_at(frame_time_ms(i, Fraction(30))) for i in range(source.frames)])
    in_one, in_three = decode(whole, "rgb24"), decode(joined, "rgb24")
    assert in_one.shape == in_three.shape == drawn.shape

    good, as_good = psnr(drawn, in_one), psnr(drawn, in_three)
    figures = {
        "PSNR in one piece": float(good.mean()),
        "PSNR joined": float(as_good.mean()),
        "lowest in one piece": float(good.min()),
        "lowest joined": float(as_good.min()),
        "one against the other": float(psnr(in_one, in_three).mean()),
        "lowest of one against the other": float(psnr(in_one, in_three).min()),
        "size": joined.stat().st_size / whole.stat().st_size,
    }
    for name, figure in figures.items():
        record_property(name, figure)
        print(f"{name}: {figure:.3f}")
    assert abs(good.mean() - as_good.mean()) < 0.2
    assert as_good.min() > good.min() - 1
    # What remains is coding noise: they are nearer to each other than either to what was drawn.
    assert psnr(in_one, in_three).mean() > good.mean()
    assert figures["size"] == pytest.approx(1, abs=0.03)

    assert timing(joined) == timing(whole)
    assert probe(joined) == probe(whole)


@pytest.mark.parametrize(
    ("output", "fps"),
    [("a.mp4", NTSC), ("a.mp4", Fraction(2997, 100)), ("a.mp4", 50), ("a.mov", 24), ("a.mkv", 30), ("a.webm", NTSC)],
)
def test_no_time_is_lost_at_a_seam(tmp_path, monkeypatch, output, fps):
    from panim_core import segments

    monkeypatch.setattr(segments, "segment_length", lambda fps, keyframe_interval: 17)
    source = Texture(120, fps)
    produce(source, tmp_path / output, resume=True, quality="draft")
    starts, _ = timing(tmp_path / output)
    expected = [index / Fraction(fps) for index in range(120)]
    if output.endswith((".mp4", ".mov")):
        assert starts == expected
    else:
        assert max(abs(start - time) for start, time in zip(starts, expected, strict=True)) <= Fraction(1, 1000)
