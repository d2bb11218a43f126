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


def test_a_swirl_mixes_no_colour_of_transparent_pixels():
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[:, :10] = (255, 0, 0, 255)
    pixels[:, 10:] = (0, 255, 0, 0)
    turned = colours_of(FluentFG(Clip(pixels)).apply("swirl").build())
    assert (turned[turned[..., 3] > 0][:, 1] == 0).all()


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
