"""Overlays, masks, backgrounds, keys and joins, against the formulas of compositing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import Still, assert_close, flat, noise, over, shown
from PIL import Image

from panim_core.errors import SettingsError
from panim_pil import composition
from panim_pil.composition import OverlayFrameGenerator

sides = st.integers(1, 16)

# W3C Compositing and Blending Level 1, and Pillow's own definitions where they differ; b: below, s: on top, in 0..1
BLENDS = {
    "multiply": lambda b, s: b * s,
    "screen": lambda b, s: b + s - b * s,
    "overlay": lambda b, s: np.where(b < 0.5, 2 * b * s, 1 - 2 * (1 - b) * (1 - s)),
    "hard_light": lambda b, s: np.where(s < 0.5, 2 * b * s, 1 - 2 * (1 - b) * (1 - s)),
    "soft_light": lambda b, s: (1 - b) * b * s + b * (1 - (1 - b) * (1 - s)),
    "darken": np.minimum,
    "lighten": np.maximum,
    "add": lambda b, s: np.minimum(1, b + s),
    "subtract": lambda b, s: np.maximum(0, b - s),
    "difference": lambda b, s: abs(b - s),
}


def test_every_blend_mode_is_tested():
    assert {"normal", *BLENDS} == set(composition.BLEND_MODES)


@pytest.mark.parametrize("mode", BLENDS)
@pytest.mark.parametrize("opaque", [True, False])
def test_blend_modes(mode, opaque):
    below, above = noise(12, 12, 1, opaque), noise(12, 12, 2, opaque)
    b, s = below / 255.0, above / 255.0
    colour = (1 - b[..., 3:]) * s[..., :3] + b[..., 3:] * BLENDS[mode](b[..., :3], s[..., :3])
    expected = over(np.dstack([colour * 255, above[..., 3]]), below)
    assert_close(shown(OverlayFrameGenerator(Still(below), Still(above), mode=mode)), expected, 3)


@given(width=sides, height=sides, data=st.data())
def test_overlay_is_over_anywhere(width, height, data):
    wide, high = data.draw(st.integers(1, width)), data.draw(st.integers(1, height))
    x, y = data.draw(st.integers(0, width - wide)), data.draw(st.integers(0, height - high))
    below, above = noise(width, height, 1), noise(wide, high, 2)
    expected = below.astype(float)
    expected[y : y + high, x : x + wide] = over(above, below[y : y + high, x : x + wide])
    assert_close(shown(OverlayFrameGenerator(Still(below), Still(above), (x, y))), expected, 1)


@given(alpha=st.floats(0, 1))
def test_overlay_with_an_alpha(alpha):
    below, above = noise(6, 6, 1), noise(6, 6, 2)
    faded = above.astype(float)
    faded[..., 3] = np.rint(faded[..., 3] * alpha)
    assert_close(shown(OverlayFrameGenerator(Still(below), Still(above), alpha=alpha)), over(faded, below), 2)


@pytest.mark.parametrize(
    ("place", "corner"),
    [("top_left", (0, 0)), ("top", (4, 0)), ("center", (4, 3)), ("bottom_right", (8, 6)), ("left", (0, 3))],
)
def test_overlay_by_the_name_of_a_place(place, corner):
    base, small = flat(10, 8, (0, 0, 0, 255)), flat(2, 2, (255, 255, 255, 255))
    by_name, by_corner = (OverlayFrameGenerator(base, small, pos) for pos in (place, corner))
    assert np.array_equal(shown(by_name), shown(by_corner))


@pytest.mark.parametrize("wrong", [{"pos": "middle"}, {"alpha": 2}, {"mode": "burn"}])
def test_overlay_names_what_is_wrong(wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        OverlayFrameGenerator(flat(4, 4, 0), flat(2, 2, 0), **wrong)


@pytest.mark.parametrize("as_image", [True, False])
def test_mask_multiplies_alpha_by_its_light(as_image):
    pixels = noise(8, 5, 1)
    by = np.zeros((5, 8, 4), np.uint8)
    by[..., :3] = noise(8, 5, 2)[..., :1]
    by[..., 3] = noise(8, 5, 3)[..., 0]
    result = shown(composition.mask(Still(pixels), Image.fromarray(by) if as_image else Still(by)))
    assert np.array_equal(result[..., :3], pixels[..., :3])
    expected = pixels[..., 3] * (by[..., 0] / 255) * (by[..., 3] / 255)
    assert np.abs(result[..., 3] - expected).max() <= 2  # Pillow's multiply rounds down, twice


def test_mask_by_a_gray_image():
    source = composition.mask(flat(2, 1, 255), Image.fromarray(np.array([[0, 200]], np.uint8)))
    assert shown(source)[0, :, 3].tolist() == [0, 200]


@given(width=sides, height=sides, alpha=st.sampled_from([255, 90, 0]))
def test_background_colour(width, height, alpha):
    pixels = noise(width, height)
    behind = np.full((height, width, 4), (10, 200, 30, alpha))
    assert_close(shown(composition.background(Still(pixels), (10, 200, 30, alpha))), over(pixels, behind), 1)


def test_background_colour_is_opaque():
    assert (shown(composition.background(Still(noise(30, 30)), "blue"))[..., 3] == 255).all()


@pytest.mark.parametrize("as_image", [True, False])
def test_background_picture(as_image):
    pixels, behind = noise(8, 5, 1), noise(8, 5, 2)
    source = composition.background(Still(pixels), Image.fromarray(behind) if as_image else Still(behind))
    assert_close(shown(source), over(pixels, behind), 1)


@pytest.mark.parametrize("make", [composition.mask, composition.background])
def test_pictures_of_another_size_are_refused(make):
    with pytest.raises(SettingsError, match="equally large"):
        make(flat(4, 3, 0), Image.new("L", (3, 4)))
    with pytest.raises(SettingsError, match=r"last (1000, 800|800, 1000) ms"):
        make(flat(4, 3, 0), flat(4, 3, 0, 800.0))


@pytest.mark.parametrize(("tolerance", "softness"), [(0.25, 0.1), (0, 0), (0.5, 0), (0.1, 1)])
def test_chroma_key_by_distance(tolerance, softness):
    pixels = noise(24, 24)
    pixels[:2] = (0, 255, 0, 255)
    result = shown(composition.chroma_key(Still(pixels), "lime", tolerance, softness))
    assert np.array_equal(result[..., :3], pixels[..., :3])
    distance = np.linalg.norm(pixels[..., :3] - np.array([0, 255.0, 0]), axis=2) / (255 * 3**0.5)
    seen = np.clip((distance - tolerance) / softness, 0, 1) if softness else distance > tolerance
    assert np.abs(result[..., 3] - pixels[..., 3] * seen).max() <= 1.5
    assert (result[:2, :, 3] == 0).all()


@given(widths=st.lists(sides, min_size=1, max_size=4), height=sides, gap=st.integers(0, 5))
def test_side_by_side_and_stacked(widths, height, gap):
    pictures = [noise(width, height, i) for i, width in enumerate(widths)]
    fill = np.full((height, gap, 4), (1, 2, 3, 255))
    parts = [part for picture in pictures for part in (fill, picture)][1:]
    row = composition.side_by_side(*map(Still, pictures), gap=gap, color=(1, 2, 3))
    assert np.array_equal(shown(row), np.hstack(parts))
    column = composition.stacked(*(Still(p.transpose(1, 0, 2)) for p in pictures), gap=gap, color=(1, 2, 3))
    assert np.array_equal(shown(column), np.hstack(parts).transpose(1, 0, 2))


def test_joins_of_other_sizes_and_durations_are_refused():
    with pytest.raises(SettingsError, match="heights 3, 4"):
        composition.side_by_side(flat(2, 3, 0), flat(2, 4, 0))
    with pytest.raises(SettingsError, match="widths 2, 5"):
        composition.stacked(flat(2, 3, 0), flat(5, 3, 0))
    with pytest.raises(SettingsError, match="last 1000, 500 ms"):
        composition.stacked(flat(2, 3, 0), flat(2, 3, 0, 500.0))
