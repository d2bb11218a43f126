"""Geometry and moving views, against slices and sums of small arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import Still, assert_close, flat, noise, premultiply, shown, straight
from PIL import Image, ImageFilter, ImageOps

from panim_core.errors import SettingsError
from panim_pil import geometry, views

sides = st.integers(1, 24)


@given(width=sides, height=sides)
def test_mirrors(width, height):
    pixels = noise(width, height)
    assert np.array_equal(shown(geometry.mirror_x(Still(pixels))), pixels[:, ::-1])
    assert np.array_equal(shown(geometry.mirror_y(Still(pixels))), pixels[::-1])


@given(data=st.data(), width=sides, height=sides)
def test_crop_is_a_slice(data, width, height):
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right, bottom = data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))
    pixels = noise(width, height)
    source = geometry.crop_pixels(Still(pixels), left, top, right, bottom)
    assert np.array_equal(shown(source), pixels[top:bottom, left:right])


@pytest.mark.parametrize("box", [(0, 0, 0, 4), (2, 0, 1, 4), (0, 0, 6, 4), (-1, 0, 2, 2), (0, 0, 2, 5), (0, 0.5, 2, 2)])
def test_crop_outside_the_frame_is_refused(box):
    with pytest.raises(SettingsError, match="crop_pixels"):
        geometry.crop_pixels(flat(5, 4, 0), *box)


@given(width=sides, height=sides, margins=st.tuples(*[st.integers(0, 9)] * 4))
def test_margin_surrounds(width, height, margins):
    left, top, right, bottom = margins
    pixels = noise(width, height)
    source = geometry.margin(Still(pixels), left=left, top=top, right=right, bottom=bottom, color=(1, 2, 3, 4))
    expected = np.full((height + top + bottom, width + left + right, 4), (1, 2, 3, 4))
    expected[top : top + height, left : left + width] = pixels
    assert np.array_equal(shown(source), expected)


def test_margin_on_all_sides_but_one():
    assert geometry.margin(flat(3, 2, 0), 5, top=1).frame_size == (13, 8)


@given(width=sides, height=sides)
def test_pad_even(width, height):
    pixels = noise(width, height)
    result = shown(geometry.pad_even(Still(pixels), color=(9, 8, 7)))
    assert result.shape[0] % 2 == result.shape[1] % 2 == 0
    assert (result.shape[0] - height, result.shape[1] - width) in {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert np.array_equal(result[:height, :width], pixels)
    assert (result[height:] == [9, 8, 7, 255]).all()
    assert (result[:, width:] == [9, 8, 7, 255]).all()


@given(width=sides, height=sides, quarters=st.integers(-4, 4))
def test_rotate_by_quarters_is_exact(width, height, quarters):
    pixels = noise(width, height)
    source = geometry.rotate(Still(pixels), 90 * quarters, expand=True)
    assert np.array_equal(shown(source), np.rot90(pixels, quarters))


def test_rotate_cuts_off_corners_and_leaves_nothing_there():
    turned = shown(geometry.rotate(flat(21, 21, (200, 100, 50, 255)), 45))
    assert turned[0, 0, 3] == 0
    assert turned[10, 10].tolist() == [200, 100, 50, 255]


@pytest.mark.parametrize("degrees", [17, 90, 133, 271.5])
@pytest.mark.parametrize("size", [(34, 23), (19, 30)])
def test_rotate_turns_as_pillow_does(size, degrees):
    """Away from the edges, which Pillow leaves jagged."""
    pixels = Image.fromarray(noise(6, 4)).resize(size, Image.Resampling.BICUBIC)
    pixels.putalpha(255)
    for expand in (False, True):
        result = shown(geometry.rotate(Still(np.asarray(pixels)), degrees, expand))
        pillows = np.asarray(pixels.rotate(degrees, Image.Resampling.BICUBIC, expand)).astype(int)
        covered = ImageOps.expand(Image.fromarray(pillows[..., 3].astype(np.uint8)), 3)
        inside = np.asarray(covered.filter(ImageFilter.MinFilter(7)))[3:-3, 3:-3] == 255
        assert inside.any()
        assert np.abs(result - pillows)[inside].max() <= 1


def test_rotate_leaves_no_dark_fringe():
    turned = shown(geometry.rotate(flat(31, 31, (200, 100, 50, 255)), 30, expand=True))
    assert_close(turned, np.dstack([np.full((*turned.shape[:2], 3), (200, 100, 50)), turned[..., 3]]))
    assert ((turned[..., 3] > 60) & (turned[..., 3] < 200)).any()


@given(width=sides, height=sides, degrees=st.floats(-720, 720))
def test_rotate_promises_the_size_it_gives(width, height, degrees):
    for expand in (False, True):
        shown(geometry.rotate(Still(noise(width, height)), degrees, expand))


def test_rotate_refuses_resamplings_it_does_not_have():
    with pytest.raises(SettingsError, match="BICUBIC"):
        geometry.rotate(flat(3, 3, 0), 5, resample=Image.Resampling.LANCZOS)


@pytest.mark.parametrize(("size", "inner"), [((8, 8), (0, 2, 8, 6)), ((8, 4), (0, 0, 8, 4)), ((9, 2), (2, 0, 6, 2))])
def test_fit_keeps_proportions(size, inner):
    result = shown(geometry.fit(flat(4, 2, (200, 100, 50, 255)), size, color="lime"))
    left, top, right, bottom = inner
    assert (result[top:bottom, left:right] == [200, 100, 50, 255]).all()
    outside = result.copy()
    outside[top:bottom, left:right] = (0, 255, 0, 255)
    assert (outside == [0, 255, 0, 255]).all()


@given(width=sides, height=sides, wide=sides, high=sides)
def test_rescale_by_box_is_the_weighted_mean(width, height, wide, high):
    pixels = noise(width, height)

    def weights(old, new):
        edges = np.arange(new + 1) * old / new
        lows, highs = np.maximum(edges[:-1, None], np.arange(old)), np.minimum(edges[1:, None], np.arange(old) + 1)
        share = np.maximum(highs - lows, 0)
        return share / share.sum(axis=1, keepdims=True)

    # Pillow's box counts whole pixels, by their centres: compare only where they are whole
    if width % wide or height % high:
        return
    expected = np.einsum("yh,xw,hwc->yxc", weights(height, high), weights(width, wide), premultiply(pixels))
    result = shown(geometry.RescaleFrameGenerator(Still(pixels), (wide, high), Image.Resampling.BOX))
    assert np.abs(premultiply(result) - expected).max() <= 3
    assert_close(result, straight(expected), tolerance=3, faint=100)


def test_rescale_of_an_opaque_picture_is_pillows():
    pixels = noise(17, 11, opaque=True)
    source = geometry.RescaleFrameGenerator(Still(pixels), (30, 5))
    assert np.array_equal(shown(source), np.asarray(Image.fromarray(pixels).resize((30, 5), Image.Resampling.LANCZOS)))


@given(width=sides, height=sides, x=st.integers(-60, 60), y=st.integers(-60, 60))
def test_scroll_rolls(width, height, x, y):
    pixels = noise(width, height)
    source = views.scroll(Still(pixels), x, y)
    assert np.array_equal(shown(source, 0.0), pixels)
    assert np.array_equal(shown(source, 500.0), np.roll(pixels, (round(y / 2), round(x / 2)), (0, 1)))


def test_zoom_begins_with_all_and_keeps_its_centre():
    pixels = noise(40, 40, opaque=True)
    pixels[18:22, 18:22] = (255, 0, 0, 255)
    source = views.zoom(Still(pixels), 1, 9)
    assert np.array_equal(shown(source, 0.0), pixels)
    late = shown(source, 999.0)
    assert (late[10:30, 10:30] == [255, 0, 0, 255]).all()


def test_zoom_into_a_corner():
    pixels = np.zeros((10, 10, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:5, 5:] = (0, 0, 255, 255)
    source = views.zoom(Still(pixels), 4, 4, center=(1.0, 0.0))
    assert (shown(source, 0.0) == [0, 0, 255, 255]).all()


def test_zoom_eases():
    pixels = noise(16, 16)
    eased = views.zoom(Still(pixels), 1, 3, easing=lambda n: n * n)
    plain = views.zoom(Still(pixels), 1, 3)
    assert np.array_equal(shown(eased, 500.0), shown(plain, 250.0))


@pytest.mark.parametrize("overshoot", [-2.0, 3.0])
def test_views_stay_in_the_picture_when_an_easing_overshoots(overshoot):
    for source in (
        views.zoom(Still(noise(16, 9)), 1, 3, easing=lambda n: overshoot),
        views.ken_burns(Still(noise(16, 9)), (0, 0, 8, 4), (8, 5, 16, 9), easing=lambda n: overshoot),
        views.pan(Still(noise(16, 9)), (5, 5), easing=lambda n: overshoot),
    ):
        shown(source, 100.0)


def test_zoom_goes_all_the_way():
    pixels = noise(40, 40, opaque=True)
    ending = views.zoom(Still(pixels), 1, 2, easing=lambda n: 1.0)
    assert np.array_equal(shown(ending, 100.0), shown(views.zoom(Still(pixels), 2, 2)))
    halfway = views.zoom(Still(pixels), 1, 3, easing=lambda n: 0.5)
    assert np.array_equal(shown(halfway, 100.0), shown(views.zoom(Still(pixels), 2, 2)))


def test_zoom_out_of_the_picture_is_refused():
    with pytest.raises(SettingsError, match="zoom start"):
        views.zoom(flat(4, 4, 0), 0.5)


def test_pan_moves_a_window():
    pixels = noise(12, 8)
    source = views.pan(Still(pixels), (4, 3), start=(1, 2), end=(7, 4))
    assert source.frame_size == (4, 3)
    assert_close(shown(source, 0.0), pixels[2:5, 1:5], faint=100)
    assert_close(shown(source, 500.0), pixels[3:6, 4:8], faint=100)


def test_pan_goes_to_the_bottom_right_corner():
    pixels = noise(12, 8, opaque=True)
    source = views.pan(Still(pixels), (4, 3), easing=lambda n: 1.0)
    assert np.array_equal(shown(source), pixels[5:, 8:])


def test_ken_burns_shows_its_rectangles():
    pixels = noise(12, 8, opaque=True)
    source = views.ken_burns(Still(pixels), (0, 0, 4, 2), (8, 6, 12, 8), size=(4, 2))
    assert np.array_equal(shown(source, 0.0), pixels[:2, :4])
    assert np.array_equal(shown(source, 500.0), pixels[3:5, 4:8])


@pytest.mark.parametrize("box", [(0, 0, 13, 8), (3, 0, 3, 4), (-1, 0, 3, 3), (0, 0, 4), None])
def test_a_view_outside_the_picture_is_refused(box):
    if box is None:
        with pytest.raises(SettingsError, match="within the frame of 12x8"):
            views.pan(flat(12, 8, 0), (4, 3), end=(9, 0))
    else:
        with pytest.raises(SettingsError, match="view"):
            views.ken_burns(flat(12, 8, 0), box)
