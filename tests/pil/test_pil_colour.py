"""Colour and opacity, against formulas."""

import colorsys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pictures import Still, assert_close, flat, mix, noise, shown

from panim_core.errors import SettingsError
from panim_pil import colour

RAMP = np.dstack([np.arange(256).reshape(16, 16)] * 3 + [np.arange(255, -1, -1).reshape(16, 16)]).astype(np.uint8)


def check(source, formula):
    """`formula` maps float colours to float colours; alpha stays."""
    for pixels in (RAMP, noise(13, 7)):
        result = shown(source(Still(pixels)))
        expected = np.clip(formula(pixels[..., :3].astype(float)), 0, 255)
        assert np.abs(result[..., :3] - expected).max() <= 0.5 + 1e-9
        assert np.array_equal(result[..., 3], pixels[..., 3])


def test_invert():
    check(colour.invert, lambda c: 255 - c)


@pytest.mark.parametrize("gamma", [0.3, 1.0, 2.2])
def test_gamma(gamma):
    check(lambda s: colour.gamma(s, gamma), lambda c: 255 * (c / 255) ** (1 / gamma))


@pytest.mark.parametrize("factor", [0, 0.5, 1, 3.7])
def test_brightness(factor):
    check(lambda s: colour.brightness(s, factor), lambda c: c * factor)


@pytest.mark.parametrize("factor", [0, 0.5, 1, 3.7])
def test_contrast(factor):
    check(lambda s: colour.contrast(s, factor), lambda c: 127.5 + (c - 127.5) * factor)


@pytest.mark.parametrize("bits", range(1, 9))
def test_posterise(bits):
    step = 2 ** (8 - bits)
    check(lambda s: colour.posterise(s, bits), lambda c: np.floor(c / step) * step)


@pytest.mark.parametrize("threshold", [0, 100, 256])
def test_solarise(threshold):
    check(lambda s: colour.solarise(s, threshold), lambda c: np.where(c < threshold, c, 255 - c))


def luminance(pixels):
    return pixels[..., :3].astype(float) @ [0.299, 0.587, 0.114]


def test_grayscale():
    pixels = noise(20, 20)
    result = shown(colour.grayscale(Still(pixels)))
    assert np.abs(result[..., 0] - luminance(pixels)).max() <= 1
    assert (result[..., 0] == result[..., 1]).all()
    assert (result[..., 0] == result[..., 2]).all()
    assert np.array_equal(result[..., 3], pixels[..., 3])


def test_threshold():
    pixels = noise(20, 20)
    gray = shown(colour.grayscale(Still(pixels)))[..., 0]
    result = shown(colour.threshold(Still(pixels), 90))
    assert np.array_equal(result[..., 1], np.where(gray >= 90, 255, 0))
    assert np.array_equal(result[..., 3], pixels[..., 3])


@pytest.mark.parametrize("factor", [0, 0.4, 1, 2.5])
def test_saturation(factor):
    pixels = noise(20, 20)
    gray = luminance(pixels)[..., None]
    result = shown(colour.saturation(Still(pixels), factor))
    expected = np.clip(gray + (pixels[..., :3] - gray) * factor, 0, 255)
    assert np.abs(result[..., :3] - expected).max() <= 1 + factor
    assert np.array_equal(result[..., 3], pixels[..., 3])


@given(pixel=st.tuples(*[st.integers(0, 255)] * 3), alpha=st.integers(0, 255), degrees=st.sampled_from([0, 120, 240]))
@example(pixel=(254, 2, 8), alpha=0, degrees=120)
def test_hue_turns_the_wheel(pixel, alpha, degrees):
    result = shown(colour.hue(flat(1, 1, (*pixel, alpha)), degrees))[0, 0]
    h, s, v = colorsys.rgb_to_hsv(*(c / 255 for c in pixel))
    expected = np.array(colorsys.hsv_to_rgb((h + degrees / 360) % 1, s, v)) * 255
    # Pillow's HSV has 256 hues, cut off and not rounded: over a million colours, 13 is the most that this costs.
    assert np.abs(result[:3] - expected).max() <= 13.001
    assert result[3] == alpha


def test_multiply_is_a_glass_and_an_opacity():
    pixels = noise(20, 20)
    result = shown(colour.multiply(Still(pixels), (255, 128, 0, 51)))
    assert np.abs(result - pixels * (np.array([255, 128, 0, 51]) / 255)).max() <= 0.5


def test_tint_goes_from_black_by_the_colour_to_white():
    gray = np.full((1, 3, 4), 255, np.uint8)
    gray[0, :, :3] = np.array([0, 127, 255])[:, None]
    gray[0, :, 3] = (255, 90, 0)
    result = shown(colour.tint(Still(gray), "#b08050"))[0]
    assert result[0].tolist() == [0, 0, 0, 255]
    assert np.abs(result[1] - [176, 128, 80, 90]).max() <= 1
    assert result[2].tolist() == [255, 255, 255, 0]


def test_tint_by_a_share():
    pixels = noise(9, 9)
    whole, half = (shown(colour.tint(Still(pixels), "red", amount)) for amount in (1.0, 0.5))
    assert np.abs(half - (whole + pixels) / 2).max() <= 1
    assert np.array_equal(shown(colour.tint(Still(pixels), "red", 0)), pixels)


@given(amount=st.floats(0, 1))
def test_opacity(amount):
    pixels = noise(5, 5)
    result = shown(colour.opacity(Still(pixels), amount))
    assert np.array_equal(result[..., :3], pixels[..., :3])
    assert np.abs(result[..., 3] - pixels[..., 3] * amount).max() <= 0.5


@pytest.mark.parametrize("plate", [(0, 0, 0, 0), (255, 0, 0, 255), (0, 0, 255, 128)])
def test_fades(plate):
    pixels = noise(9, 9)
    pixels[..., 3] |= 128
    target = np.full((9, 9, 4), plate, np.uint8)
    entering = colour.fade_in(Still(pixels), 400, plate)
    leaving = colour.fade_out(Still(pixels), 400, plate)
    for time, share in ((0, 0.0), (100, 0.25), (300, 0.75), (400, 1.0), (900, 1.0)):
        expected = mix(target, pixels, share)
        assert_close(shown(entering, time), expected, 2)
        if time:
            assert_close(shown(leaving, 1000 - time), expected, 2)
    assert np.array_equal(shown(entering, 400.0), pixels)
    assert np.array_equal(shown(leaving, 600.0), pixels)


@pytest.mark.parametrize("shape", [(9, 9, 3), (9, 9, 4)])
def test_what_is_opaque_fades_to_black_by_default(shape):
    pixels = np.full(shape, 255, np.uint8)
    pixels[..., :3] = 200, 100, 40
    for fading, time in ((colour.fade_in, 100), (colour.fade_out, 900)):
        assert_close(shown(fading(Still(pixels), 400), time), np.full((9, 9, 4), (50, 25, 10, 255)), 1)


def test_what_is_not_opaque_fades_away_by_default():
    pixels = noise(9, 9)
    pixels[0, 0, 3] = 77
    result = shown(colour.fade_out(Still(pixels), 400), 900)
    assert np.array_equal(result[..., :3], pixels[..., :3])
    assert np.abs(result[..., 3] - pixels[..., 3] * 0.25).max() <= 1


def test_a_fade_longer_than_its_clip_is_refused():
    with pytest.raises(SettingsError, match="1500 ms is longer than the clip, which lasts 1000 ms"):
        colour.fade_in(flat(2, 2, 0), 1500)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda s: colour.gamma(s, 0), "gamma"),
        (lambda s: colour.gamma(s, float("nan")), "gamma"),
        (lambda s: colour.brightness(s, -1), "brightness"),
        (lambda s: colour.posterise(s, 9), "bits"),
        (lambda s: colour.posterise(s, 2.5), "bits"),
        (lambda s: colour.multiply(s, "no-colour"), "colour"),
        (lambda s: colour.multiply(s, (1, 2)), "color"),
        (lambda s: colour.multiply(s, (1, 2, 256)), "color"),
        (lambda s: colour.multiply(s, None), "color"),
        (lambda s: colour.opacity(s, 1.1), "opacity"),
        (lambda s: colour.tint(s, "red", "much"), "amount"),
        (lambda s: colour.fade_in(s, 0), "fade"),
    ],
)
def test_wrong_parameters_are_named(make, what):
    with pytest.raises(SettingsError, match=what):
        make(flat(2, 2, 0))
