import cloudpickle
import numpy as np
import pytest
from skimage import exposure, filters, restoration, segmentation, transform
from skimage.color import label2rgb, rgb2gray

from panim_core import FluentFG, FrameGenerator, SettingsError, plugins
from panim_core.drawing import to_array

RNG = np.random.default_rng(1)


class Clip(FrameGenerator):
    duration = 1000

    def __init__(self, picture):
        self.picture = picture

    @property
    def frame_size(self):
        return self.picture.shape[1::-1]

    def generate_at(self, time_ms):
        return self.picture


def picture(width=33, height=21):
    pixels = RNG.integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


def colours_of(source):
    return to_array(source.frame_at(0), source.frame_size)


def expected(colours):
    return np.rint(np.clip(colours, 0, 1) * 255).astype(np.uint8)


DIRECT = {
    "swirl": lambda c: transform.swirl(c, strength=3.0, radius=10.5, mode="edge"),
    "edges": lambda c: np.dstack([filters.sobel(rgb2gray(c)) * 4.0] * 3),
    "equalize": lambda c: exposure.equalize_adapthist(c, clip_limit=0.01),
    "superpixels": lambda c: label2rgb(segmentation.slic(c, 200, 10.0, start_label=1), c, kind="avg", bg_label=0),
    "denoise": lambda c: restoration.denoise_tv_chambolle(c, weight=0.1, channel_axis=-1),
}


@pytest.mark.parametrize("name", DIRECT)
def test_a_transform_is_scikit_images(name):
    pixels = picture()
    changed = FluentFG(Clip(pixels)).apply(name).build()
    travelled = cloudpickle.loads(cloudpickle.dumps(changed))
    np.testing.assert_array_equal(colours_of(travelled)[..., :3], expected(DIRECT[name](pixels[..., :3] / 255.0)))
    assert (colours_of(travelled)[..., 3] == 255).all()


def test_all_are_registered():
    assert set(DIRECT) <= set(plugins.current().names("transforms"))


@pytest.mark.parametrize("name", sorted(set(DIRECT) - {"swirl"}))
def test_alpha_stays(name):
    pixels = picture()
    pixels[..., 3] = np.arange(33, dtype=np.uint8)
    np.testing.assert_array_equal(colours_of(FluentFG(Clip(pixels)).apply(name).build())[..., 3], pixels[..., 3])


def applied(name, pixels, **params):
    return colours_of(FluentFG(Clip(pixels)).apply(name, **params).build())


@pytest.mark.parametrize("name", DIRECT)
def test_what_is_not_seen_has_no_say(name):
    pixels, other = picture(), picture()
    hidden = RNG.random(pixels.shape[:2]) < 0.5
    pixels[..., 3] = np.where(hidden, 0, RNG.integers(1, 256, hidden.shape))
    other[~hidden] = pixels[~hidden]
    other[hidden, 3] = 0
    before, after = applied(name, pixels), applied(name, other)
    np.testing.assert_array_equal(before[..., 3], after[..., 3])
    seen = before[..., 3] > 0
    np.testing.assert_array_equal(before[seen], after[seen])


@pytest.mark.parametrize("name", ["equalize", "superpixels", "denoise"])
def test_one_colour_with_gaps_is_as_one_colour_without(name):
    pixels = np.full((20, 30, 4), (200, 40, 90, 255), np.uint8)
    whole = applied(name, pixels)
    pixels[::2] = 0
    gaps = applied(name, pixels)
    np.testing.assert_array_equal(gaps[1::2], whole[1::2])
    assert not gaps[::2, :, 3].any()


@pytest.mark.parametrize("name", ["superpixels", "denoise"])
def test_red_between_gaps_stays_red(name):
    pixels = np.zeros((20, 30, 4), np.uint8)
    pixels[::2] = (255, 0, 0, 255)
    np.testing.assert_array_equal(applied(name, pixels)[::2], pixels[::2])


def test_a_swirl_mixes_no_colour_of_transparent_pixels():
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[:, :10] = (255, 0, 0, 255)
    pixels[:, 10:] = (0, 255, 0, 0)
    turned = applied("swirl", pixels)
    assert (turned[turned[..., 3] > 0][:, :3] == (255, 0, 0)).all()


def test_edges_are_those_that_are_seen_on_black():
    pixels = picture()
    pixels[..., 3] = RNG.integers(0, 256, pixels.shape[:2])
    found = filters.sobel(rgb2gray(pixels[..., :3] / 255.0 * (pixels[..., 3:] / 255.0))) * 4.0
    np.testing.assert_array_equal(applied("edges", pixels)[..., 0], expected(found))


def test_a_patch_has_the_mean_of_what_is_seen():
    pixels = np.zeros((10, 10, 4), np.uint8)
    pixels[:, :5] = (200, 100, 0, 255)
    pixels[:, 5:] = (0, 100, 200, 85)
    assert (applied("superpixels", pixels, count=1)[..., :3] == (150, 100, 50)).all()


@pytest.mark.parametrize("name", DIRECT)
def test_a_frame_of_nothing_stays_nothing(name):
    pixels = picture()
    pixels[..., 3] = 0
    assert not applied(name, pixels)[..., 3].any()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("swirl", {"radius": 0}),
        ("edges", {"gain": 0}),
        ("equalize", {"clip_limit": 2}),
        ("superpixels", {"count": 0}),
        ("denoise", {"weight": -1}),
    ],
)
def test_wrong_parameters_are_refused(name, params):
    with pytest.raises(SettingsError, match=name):
        FluentFG(Clip(picture())).apply(name, **params)
