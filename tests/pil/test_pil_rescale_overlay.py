"""The two transforms that pympanim had: rescale and overlay."""

import pickle

import cloudpickle
import numpy as np
import pytest
from pictures import Still
from PIL import Image

from panim_core.errors import SettingsError
from panim_pil.composition import OverlayFrameGenerator
from panim_pil.geometry import RescaleFrameGenerator


def flat(width, height, colour, duration=1000.0):
    return Still(np.full((height, width, 4), colour, np.uint8), duration)


def shown(source, time_ms=0.0):
    image = source.generate_at_pil(time_ms)
    assert image.mode == "RGBA"
    assert image.size == source.frame_size
    return np.asarray(image)


def test_rescale_by_nearest_repeats_pixels():
    pixels = np.arange(16, dtype=np.uint8).reshape(2, 2, 4)
    source = RescaleFrameGenerator(Still(pixels), (4, 6), Image.Resampling.NEAREST)
    assert source.frame_size == (4, 6)
    assert source.duration == 1000
    assert np.array_equal(shown(source), pixels.repeat(3, 0).repeat(2, 1))


def test_rescale_leaves_no_dark_fringe():
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, 4:] = (200, 100, 50, 255)
    for resample in (Image.Resampling.BOX, Image.Resampling.BILINEAR):
        small = shown(RescaleFrameGenerator(Still(pixels), (3, 3), resample)).astype(int)
        assert 100 < small[0, 1, 3] < 160
        assert abs(small[:, 1:, :3] - [200, 100, 50]).max() <= 2


@pytest.mark.parametrize("size", [(0, 4), (4,), (4, 2.5), "ab", None, (4, 40000)])
def test_rescale_refuses_what_is_no_size(size):
    with pytest.raises(SettingsError, match="frame size"):
        RescaleFrameGenerator(flat(2, 2, 0), size)


def test_rescale_refuses_an_unknown_resampling():
    with pytest.raises(SettingsError, match="LANCZOS"):
        RescaleFrameGenerator(flat(2, 2, 0), (2, 2), 99)


def test_overlay_is_alpha_over():
    base, over = (10, 20, 30, 255), (200, 100, 50, 128)
    source = OverlayFrameGenerator(flat(4, 3, base), flat(2, 1, over), (1, 2))
    frame = shown(source)
    mixed = [round(o * 128 / 255 + b * 127 / 255) for o, b in zip(over[:3], base[:3], strict=True)]
    assert abs(frame[2, 1].astype(int) - [*mixed, 255]).max() <= 1
    assert np.array_equal(frame[2, 1], frame[2, 2])
    frame = frame.copy()
    frame[2, 1:3] = base
    assert np.array_equal(frame, np.full((3, 4, 4), base, np.uint8))


def test_overlay_does_not_change_its_base():
    base = flat(4, 3, (10, 20, 30, 255))
    before = base.pixels.copy()
    shown(OverlayFrameGenerator(base, flat(2, 1, 255), (0, 0)))
    assert np.array_equal(base.pixels, before)


@pytest.mark.parametrize("pos", [(3, 0), (0, 3), (-1, 0), (0, -1)])
def test_overlay_that_does_not_fit_is_refused(pos):
    with pytest.raises(SettingsError, match="does not fit into a frame of 4x3"):
        OverlayFrameGenerator(flat(4, 3, 0), flat(2, 1, 255), pos)


def test_overlay_larger_than_its_base_is_refused():
    with pytest.raises(SettingsError, match="does not fit"):
        OverlayFrameGenerator(flat(4, 3, 0), flat(5, 3, 255), (0, 0))


def test_overlay_of_another_duration_is_refused():
    with pytest.raises(SettingsError, match="last 1000, 900 ms"):
        OverlayFrameGenerator(flat(4, 3, 0), flat(2, 1, 255, 900.0), (0, 0))


@pytest.mark.parametrize("pos", ["ab", (1, 0.5), None, 3])
def test_overlay_refuses_what_is_no_position(pos):
    with pytest.raises(SettingsError, match="pos"):
        OverlayFrameGenerator(flat(4, 3, 0), flat(2, 1, 255), pos)


def test_no_generator_is_refused():
    with pytest.raises(SettingsError, match="need a FrameGenerator"):
        RescaleFrameGenerator("x", (2, 2))


@pytest.mark.parametrize("pickler", [pickle, cloudpickle])
def test_both_travel(pickler):
    source = OverlayFrameGenerator(
        RescaleFrameGenerator(flat(2, 2, (9, 8, 7, 255)), (5, 5)), flat(2, 1, (255, 255, 255, 60)), (3, 4)
    )
    again = pickler.loads(pickler.dumps(source))
    assert np.array_equal(shown(again), shown(source))


def test_a_wrapper_passes_everything_on():
    told = []

    class Sequential(Still):
        sequential = True
        fps = 24

        def start(self):
            told.append("start")

        def advance(self, time_ms):
            told.append(time_ms)

        def finish(self):
            told.append("finish")

    source = RescaleFrameGenerator(Sequential(np.zeros((2, 2, 4))), (4, 4))
    assert source.sequential
    assert source.fps == 24
    source.start()
    source.advance(40.0)
    source.finish()
    assert told == ["start", 40.0, "finish"]
