"""Captions and titles: where, when and how clean the letters are."""

import numpy as np
import pytest
from pictures import Still, flat, noise, shown
from PIL import Image, ImageChops, ImageDraw, ImageFont

from panim_core.errors import SettingsError
from panim_pil.text import Style, caption, title, written

GRAY = (90, 90, 90, 255)
CLEAR = (0, 0, 0, 0)


def bounds(source, time_ms=0.0, colour=GRAY):
    """(left, top, right, bottom) of what differs from a flat background."""
    frame = source.generate_at_pil(time_ms)
    return ImageChops.difference(frame.convert("RGB"), Image.new("RGB", frame.size, colour[:3])).getbbox()


def test_a_caption_is_the_fonts_letters():
    font = ImageFont.load_default(20)
    left, top, *_ = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), "Hi, panimlg", font)
    letters = Image.new("L", (200, 100))
    ImageDraw.Draw(letters).text((10 - left, 30 - top), "Hi, panim", 255, font)
    expected = Image.new("RGB", (200, 100), GRAY[:3])
    expected.paste((255, 255, 0), mask=letters)
    source = caption(flat(200, 100, GRAY), "Hi, panim", size=20, color="yellow", outline=0, position=(10, 30))
    assert np.abs(shown(source)[..., :3] - np.asarray(expected).astype(int)).max() <= 1


@pytest.mark.parametrize(
    ("position", "where"),
    [("bottom", (0.5, 1)), ("top_left", (0, 0)), ("center", (0.5, 0.5)), ("right", (1, 0.5)), ("top_right", (1, 0))],
)
def test_positions_keep_the_margin(position, where):
    source = caption(flat(300, 200, GRAY), "HlgH", size=24, position=position, margin=11)
    left, top, right, bottom = bounds(source)
    for low, high, length, share in ((left, right, 300, where[0]), (top, bottom, 200, where[1])):
        if share == 0:
            assert 0 <= low - 11 <= 2
        elif share == 1:
            assert 0 <= length - 11 - high <= 2
        else:
            assert abs((low + high) - length) <= 3


def test_words_that_change_keep_their_line():
    def baseline(text):
        return bounds(caption(flat(200, 80, GRAY), text, size=30, outline=0))[3]

    assert baseline("HH") == baseline("xx") == baseline("Hx")
    assert baseline("Hg") > baseline("HH")


def test_soft_edges_have_the_letters_colour():
    for outline in (0, 2):
        frame = shown(
            caption(flat(200, 80, CLEAR), "Soft edges", size=30, color="red", outline=outline, outline_color="red")
        )
        seen = frame[..., 3] > 0
        assert ((frame[..., 3] > 20) & (frame[..., 3] < 230)).any()
        assert (frame[seen][:, :3] == [255, 0, 0]).all()


def test_an_outline_surrounds_the_letters():
    plain = bounds(caption(flat(200, 80, GRAY), "H", size=40, outline=0, position="center"))
    lined = bounds(caption(flat(200, 80, GRAY), "H", size=40, outline=3, outline_color="red", position="center"))
    assert lined[2] - lined[0] == plain[2] - plain[0] + 6
    assert lined[3] - lined[1] == plain[3] - plain[1] + 6


def test_a_box_lies_behind():
    frame = shown(caption(flat(200, 80, (255, 255, 255, 255)), "word", size=20, box="#00000080", position="center"))
    assert (frame == [127, 127, 127, 255]).all(axis=2).sum() > 100
    assert frame[0, 0].tolist() == [255] * 4


def test_long_text_breaks_where_words_end():
    source = caption(flat(200, 200, GRAY), "many short words that need many lines", size=20, margin=10)
    left, top, right, bottom = bounds(source)
    assert left >= 9
    assert right <= 191
    assert bottom - top > 60


def test_lines_break_where_the_text_says_so():
    def height(text):
        style = Style(None, 20, (255, 255, 255, 255), 0, (0, 0, 0, 255), None, "left")
        return written(text, style, 1000).height

    assert height("a\nb\nc") > height("a\nb") > height("a")


def test_text_larger_than_the_frame_is_cut_off():
    for position in ("center", (-10, -10), (50, 15), "bottom_right"):
        shown(caption(flat(60, 20, GRAY), "unbreakablylongword", size=40, position=position))


@pytest.mark.parametrize("position", [(-500, 5), (5, -500), (500, 5), (5, 500), (10**12, 0), (-(10**12), 0)])
def test_text_outside_the_frame_is_not_seen(position):
    assert bounds(caption(flat(60, 20, GRAY), "away", size=10, position=position)) is None


def test_text_partly_outside_is_what_is_seen_of_it():
    whole = shown(caption(flat(100, 80, GRAY), "word", size=30, position=(20, 20)))
    for x, y in ((-7, 20), (20, -9), (70, 20), (20, 65)):
        part = shown(caption(flat(100, 80, GRAY), "word", size=30, position=(x, y)))
        seen = part[max(0, y - 20) : 80 + min(0, y - 20), max(0, x - 20) : 100 + min(0, x - 20)]
        same = whole[max(0, 20 - y) : 80 + min(0, 20 - y), max(0, 20 - x) : 100 + min(0, 20 - x)]
        assert np.array_equal(seen, same)


def test_sizes_follow_the_frames_height():
    for height in (160, 320):
        still = flat(900, height, GRAY)
        assert np.array_equal(shown(caption(still, "Hlg")), shown(caption(still, "Hlg", size=height / 16)))
        assert np.array_equal(shown(title(still, "Hlg")), shown(title(still, "Hlg", size=height / 8)))


def test_a_caption_comes_and_goes():
    source = caption(flat(200, 80, GRAY), "now", size=30, start=200, end=600, fade=100)
    still = shown(caption(flat(200, 80, GRAY), "now", size=30)) - np.array(GRAY)
    for time, strength in ((0, 0), (199, 0), (250, 0.5), (300, 1), (500, 1), (575, 0.25), (600, 0), (900, 0)):
        difference = shown(source, float(time)) - np.array(GRAY)
        assert np.abs(difference - still * strength).max() <= 2


def test_a_title_is_large_and_in_the_middle():
    left, top, right, bottom = bounds(title(flat(400, 240, GRAY), "Hlg"))
    assert abs(left + right - 400) <= 3
    assert abs(top + bottom - 240) <= 3
    assert bottom - top > 20
    low = bounds(title(flat(400, 240, GRAY), "HH", position="top"))
    assert low[1] < 40


def test_the_clip_below_is_not_changed():
    still = Still(noise(200, 80))
    shown(caption(still, "hello", size=30))
    assert np.array_equal(np.asarray(still.image), still.pixels)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"text": " "}, "text"),
        ({"text": 5}, "text"),
        ({"font": "/no/such/font.ttf"}, "font"),
        ({"size": 0}, "size"),
        ({"color": "no"}, "color"),
        ({"outline": -1}, "outline"),
        ({"align": "middle"}, "align"),
        ({"position": "nowhere"}, "position"),
        ({"start": 2000}, "start"),
        ({"start": 500, "end": 400}, "end"),
        ({"start": 500, "end": 600, "fade": 60}, "fade"),
    ],
)
def test_wrong_parameters_are_named(wrong, what):
    with pytest.raises(SettingsError, match=what):
        caption(flat(40, 30, 0), **{"text": "x", **wrong})
