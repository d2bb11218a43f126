"""Filters, against sums over neighbours, and motion blur."""

import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import Moving, Still, assert_close, flat, noise, over, premultiply, shown, straight
from PIL import Image, ImageFilter

from panim_core.errors import SettingsError
from panim_pil import filters
from panim_pil.time import SupersampleFrameGenerator, mean

sides = st.integers(1, 20)


def half_transparent(width=24, height=16):
    """Orange on the left; on the right transparent, with a colour that must not be seen."""
    pixels = np.full((height, width, 4), (200, 100, 50, 255), np.uint8)
    pixels[:, width // 2 :] = (0, 255, 255, 0)
    return pixels


def assert_orange_where_seen(result):
    seen = result[..., 3] > 24
    assert ((result[..., 3] > 24) & (result[..., 3] < 230)).any()
    assert np.abs(result[seen][:, :3] - [200, 100, 50]).max() <= 10


@pytest.mark.parametrize("radius", [0.5, 2, 5])
def test_blur_is_a_gaussian(radius):
    pixels = noise(41, 41)
    middle = np.zeros((41, 41), float)
    middle[20, 20] = 1
    distances = np.arange(41) - 20
    kernel = np.exp(-(distances**2) / (2 * radius**2))
    kernel /= kernel.sum()
    point = np.zeros_like(pixels)
    point[..., 3] = 255
    point[20, 20, :3] = 255
    result = shown(filters.blur(Still(point), radius))[..., 0]
    assert np.abs(result - 255 * np.outer(kernel, kernel)).max() <= 0.08 * result.max() + 2
    assert abs(result.sum() - 255) <= 60


@given(width=sides, height=sides, radius=st.floats(0, 30))
def test_blur_of_one_colour_is_that_colour(width, height, radius):
    for colour in ((200, 100, 50, 255), (255, 255, 255, 60), (0, 0, 0, 0)):
        assert_close(shown(filters.blur(flat(width, height, colour), radius)), np.full((height, width, 4), colour), 2)


def test_blur_of_an_opaque_picture_is_pillows():
    pixels = noise(17, 11, opaque=True)
    expected = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(3))
    assert np.array_equal(shown(filters.blur(Still(pixels), 3)), np.asarray(expected))


def test_blur_by_nothing_changes_nothing():
    pixels = noise(9, 9)
    assert np.array_equal(shown(filters.blur(Still(pixels), 0)), pixels)


@pytest.mark.parametrize("make", [filters.blur, filters.sharpen, filters.pixelate], ids=lambda f: f.__name__)
def test_what_is_invisible_does_not_bleed(make):
    pixels = half_transparent(22)
    if make is filters.sharpen:
        pixels[:, 8:14, 3] = (220, 180, 140, 100, 60, 30)
        pixels[:, 8:14, :3] = (200, 100, 50)
    assert_orange_where_seen(shown(make(Still(pixels))))


def test_sharpen_of_an_opaque_picture_is_pillows():
    pixels = noise(17, 11, opaque=True)
    expected = Image.fromarray(pixels).filter(ImageFilter.UnsharpMask(2, 150, 3))
    assert np.array_equal(shown(filters.sharpen(Still(pixels))), np.asarray(expected))


def test_sharpen_keeps_alpha():
    pixels = noise(17, 11)
    assert np.array_equal(shown(filters.sharpen(Still(pixels)))[..., 3], pixels[..., 3])


def test_sharpen_of_a_translucent_picture_sharpens_its_colours():
    pixels = noise(17, 11, opaque=True)
    opaque = shown(filters.sharpen(Still(pixels)))
    pixels[..., 3] = 200
    translucent = shown(filters.sharpen(Still(pixels)))
    assert np.abs(opaque - translucent)[..., :3].max() <= 8  # premultiplied by 200, the blur has lost bits
    assert np.abs(opaque - pixels)[..., :3].max() > 60


def test_glow_screens_with_its_blur():
    pixels = noise(15, 15, opaque=True)
    soft = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(3))) / 255 * 0.5
    expected = 255 * (1 - (1 - pixels / 255) * (1 - soft))
    result = shown(filters.glow(Still(pixels), 3, 0.5))
    assert np.abs(result - expected)[..., :3].max() <= 1.5
    assert (result[..., 3] == 255).all()


def test_glow_shines_over_what_is_transparent():
    result = shown(filters.glow(Still(half_transparent()), 4, 1.0))
    assert 24 < result[8, 13, 3] < 200
    assert_orange_where_seen(result[:, 12:])


@given(width=sides, height=sides, size=st.integers(1, 9))
def test_pixelate_shows_means_of_blocks(width, height, size):
    pixels = noise(width, height)
    weighted = premultiply(pixels)
    expected = np.empty_like(weighted)
    for y in range(0, height, size):
        for x in range(0, width, size):
            block = np.s_[y : y + size, x : x + size]
            expected[block] = weighted[block].mean(axis=(0, 1))
    assert_close(shown(filters.pixelate(Still(pixels), size)), straight(expected), 3)


def test_shadow_lies_behind_and_aside():
    pixels = np.zeros((30, 30, 4), np.uint8)
    pixels[5:10, 5:10] = (200, 100, 50, 255)
    result = shown(filters.drop_shadow(Still(pixels), (10, 12), 0, "blue", 0.5))
    expected = np.zeros((30, 30, 4))
    expected[17:22, 15:20] = (0, 0, 255, 128)
    expected[5:10, 5:10] = (200, 100, 50, 255)
    assert np.abs(premultiply(result) - premultiply(expected)).max() <= 1


def test_shadow_is_blurred_without_the_frames_edge():
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:, :8] = 255
    result = shown(filters.drop_shadow(Still(pixels), (0, 0), 4, "black", 1.0))
    alpha = np.zeros((80, 80), np.uint8)
    alpha[20:60, 20:28] = 255
    shade = np.asarray(Image.fromarray(alpha).filter(ImageFilter.GaussianBlur(4)))[20:60, 20:60]
    expected = over(pixels, np.dstack([np.zeros((40, 40, 3)), shade]))
    assert np.abs(premultiply(result) - premultiply(expected)).max() <= 2


@pytest.mark.parametrize("size", [(21, 13), (2, 2), (1, 1), (40, 9)])
def test_vignette_darkens_by_its_formula(size):
    pixels = noise(*size)
    x, y = (np.abs((np.arange(n) + 0.5) / n * 2 - 1) for n in size)
    distance = np.sqrt((x[None, :] ** 2 + y[:, None] ** 2) / 2)
    s = np.clip((distance - 0.3) / 0.7, 0, 1)
    light = 1 - 0.8 * (3 * s**2 - 2 * s**3)
    result = shown(filters.vignette(Still(pixels), 0.8, 0.3))
    assert np.abs(result[..., :3] - pixels[..., :3] * light[..., None]).max() <= 1.5
    assert np.array_equal(result[..., 3], pixels[..., 3])


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda s: filters.blur(s, -1), "blur radius"),
        (lambda s: filters.sharpen(s, percent=1.5), "percent"),
        (lambda s: filters.glow(s, strength=2), "strength"),
        (lambda s: filters.drop_shadow(s, 5), "offset"),
        (lambda s: filters.drop_shadow(s, (1, 2.5)), "offset"),
        (lambda s: filters.pixelate(s, 0), "size"),
        (lambda s: filters.vignette(s, radius=1), "radius"),
        (lambda s: SupersampleFrameGenerator(s, 0), "exposure"),
        (lambda s: SupersampleFrameGenerator(s, 10, 1), "samples"),
    ],
)
def test_wrong_parameters_are_named(make, what):
    with pytest.raises(SettingsError, match=what):
        make(flat(2, 2, 0))


@given(count=st.integers(2, 9), width=sides, height=sides, opaque=st.booleans())
def test_mean_is_weighted_by_alpha(count, width, height, opaque):
    pictures = [noise(width, height, seed, opaque) for seed in range(count)]
    expected = straight(np.mean([premultiply(p) for p in pictures], axis=0))
    assert_close(np.asarray(mean([Image.fromarray(p) for p in pictures], len(pictures))), expected, 1)


def test_mean_of_256_does_not_overflow():
    assert np.asarray(mean([Image.new("RGBA", (1, 1), "white")] * 256, 256))[0, 0].tolist() == [255] * 4


def test_supersample_draws_the_moments_of_its_exposure():
    child = Moving()
    source = SupersampleFrameGenerator(child, 40, 4)
    assert source.moments(100.0) == [100.0, 110.0, 120.0, 130.0]
    expected = straight(np.mean([premultiply(shown(child, t)) for t in (100, 110, 120, 130)], axis=0))
    assert_close(shown(source, 100.0), expected, 1)


def test_supersample_keeps_no_sample_longer_than_it_needs_it():
    class Counting(Moving):
        def __init__(self):
            super().__init__()
            self.drawn, self.alive = [], []

        def generate_at_pil(self, time_ms):
            image = super().generate_at_pil(time_ms)
            self.drawn.append(weakref.ref(image))
            self.alive.append(sum(drawn() is not None for drawn in self.drawn))
            return image

    clip = Counting()
    SupersampleFrameGenerator(clip, 100, 32).generate_at_pil(0.0)
    assert len(clip.alive) == 32
    assert max(clip.alive) <= 2


def test_supersample_holds_the_last_instant():
    source = SupersampleFrameGenerator(Moving(), 40, 4)
    assert max(source.moments(999.0)) < 1000
    shown(source, 999.9)


def test_supersample_keeps_the_order_of_a_sequential_child():
    seen = []

    class Sequential(Moving):
        sequential = True

        def advance(self, time_ms):
            seen.append(time_ms)

        def generate_at_pil(self, time_ms):
            seen.append(time_ms)
            return super().generate_at_pil(time_ms)

    source = SupersampleFrameGenerator(Sequential(), 20, 2)
    source.generate_at_pil(0.0)
    source.advance(20.0)
    source.generate_at_pil(40.0)
    assert seen == [0, 10, 20, 30, 40, 50]
