"""The Pillow renderer: every mode into a frame, and nothing imported before it is needed."""

import io
import subprocess
import sys

import cloudpickle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from panim_core.protocols import ImageRenderer
from panim_pil.renderer import PillowRenderer

RENDERER = PillowRenderer()
MODES = ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "LA", "PA", "RGBX", "RGBa"]


def noise(width, height, channels=4, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def drawn(image):
    out = np.full((image.height, image.width, 4), 77, np.uint8)
    RENDERER.draw_into(image, out)
    return out


def test_is_an_image_renderer():
    assert isinstance(RENDERER, ImageRenderer)
    assert RENDERER.name == "pillow"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(1, 1), (5, 3), (64, 33)])
def test_every_mode_is_drawn_as_pillow_shows_it(mode, size):
    image = (
        Image.fromarray(noise(*size)).convert("RGB").convert("RGBA").convert(mode)
        if mode != "RGBa"
        else (Image.fromarray(noise(*size)).convert("RGBa"))
    )
    assert RENDERER.size_of(image) == size
    assert np.array_equal(drawn(image), np.asarray(image.convert("RGBA")))


@given(width=st.integers(1, 40), height=st.integers(1, 40), seed=st.integers(0, 9))
def test_rgb_and_rgba_are_drawn_exactly(width, height, seed):
    pixels = noise(width, height, 4, seed)
    assert np.array_equal(drawn(Image.fromarray(pixels)), pixels)
    opaque = np.dstack([pixels[..., :3], np.full((height, width), 255, np.uint8)])
    assert np.array_equal(drawn(Image.fromarray(np.ascontiguousarray(pixels[..., :3]))), opaque)


def test_rgb_whose_hidden_byte_is_not_255_is_opaque():
    image = Image.fromarray(noise(16, 16, 3)).resize((7, 5), Image.Resampling.LANCZOS)
    assert (drawn(image)[..., 3] == 255).all()


def test_sixteen_bit_gray_is_scaled_not_clipped():
    values = np.array([[0, 257, 300, 32768, 65535]], np.uint16)
    assert drawn(Image.fromarray(values))[0, :, 0].tolist() == [0, 1, 1, 128, 255]


def test_lab_is_opaque_and_close_to_its_colour():
    from PIL import ImageCms

    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    image = ImageCms.applyTransform(Image.new("RGB", (2, 2), (200, 120, 40)), to_lab)
    pixel = drawn(image)[0, 0].astype(int)
    assert pixel[3] == 255
    assert abs(pixel[:3] - [200, 120, 40]).max() <= 6


def test_premultiplied_gray():
    assert drawn(Image.new("La", (1, 1), (50, 100)))[0, 0].tolist() == [127, 127, 127, 100]


@pytest.mark.parametrize(("mode", "colour"), [("RGB", (1, 2, 3)), ("L", 7), ("P", 5)])
def test_the_transparent_colour_of_a_file_is_transparent(mode, colour):
    image = Image.new(mode, (2, 1), 0)
    image.putpixel((1, 0), colour)
    image.info["transparency"] = colour
    assert drawn(image)[0, :, 3].tolist() == [255, 0]


def test_a_file_is_decoded_when_drawn_and_its_size_known_before():
    encoded = io.BytesIO()
    Image.fromarray(noise(9, 4)).save(encoded, "PNG")
    with Image.open(encoded) as image:
        assert RENDERER.size_of(image) == (9, 4)
        assert np.array_equal(drawn(image), noise(9, 4))


def test_image_from_gives_the_pixels_and_never_writes_to_them():
    frame = noise(6, 5)
    image = RENDERER.image_from(frame)
    assert image.mode == "RGBA"
    assert image.size == (6, 5)
    assert np.array_equal(np.asarray(image), frame)
    image.putpixel((0, 0), (0, 0, 0, 0))
    assert np.array_equal(frame, noise(6, 5))


def test_others_are_unknown():
    for thing in (None, b"", "x.png", np.zeros((2, 2, 4), np.uint8), object()):
        assert RENDERER.size_of(thing) is None
        assert RENDERER.adapt(thing) is None


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animated_file_is_adopted(kind):
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("red", "lime", "blue")]
    encoded = io.BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {}
    frames[0].save(encoded, kind, save_all=True, append_images=frames[1:], duration=[100, 200, 50], loop=0, **options)
    with Image.open(encoded) as image:
        source = RENDERER.adapt(image)
    assert source is not None
    source = cloudpickle.loads(cloudpickle.dumps(source))
    assert source.duration == 350
    assert source.frame_size == (6, 4)
    shown = [source.generate_at_pil(t).getpixel((0, 0)) for t in (0, 99, 100, 299.9, 300, 349)]
    red, lime, blue = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
    assert shown == [red, red, lime, lime, blue, blue]


def test_a_still_image_is_not_adopted():
    assert RENDERER.adapt(Image.new("RGB", (2, 2))) is None


def test_nothing_heavy_is_imported_to_register_or_to_look_at_strangers():
    program = (
        "import sys\n"
        "from panim_pil import plugin\n"
        "renderer, = plugin.panim_register_renderers()\n"
        "assert plugin.panim_register_transforms()\n"
        "assert renderer.size_of(object()) is None and renderer.adapt(object()) is None\n"
        "print([m for m in ('PIL', 'numpy', 'matplotlib') if m in sys.modules])\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
