import pytest
import pytweening

from panim_core import FluentFG, animation, plugins

NAMES = sorted(n for n in dir(pytweening) if n.startswith("ease"))


@animation(duration=1000, frame_size=(1, 1))
def clip(time_ms):
    return bytes([round(time_ms / 4), 0, 0, 255])


def test_every_tweening_function_is_registered():
    assert len(NAMES) == 33
    assert set(NAMES) <= set(plugins.current().names("easings"))


@pytest.mark.parametrize("name", NAMES)
def test_a_registered_easing_is_pytweenings(name):
    assert plugins.easing(name) is getattr(pytweening, name)


@pytest.mark.parametrize("name", ["easeInQuad", "easeOutBounce", "easeInOutSine"])
def test_a_clip_is_dilated_by_name(name):
    dilated = FluentFG(clip).dilate(name).build()
    for time_ms in (0, 250, 500, 999):
        expected = clip.generate_at(1000 * getattr(pytweening, name)(time_ms / 1000))
        assert dilated.generate_at(time_ms) == expected


def test_parameters_are_passed_on():
    dilated = FluentFG(clip).dilate("easeInPoly", degree=3).build()
    assert dilated.generate_at(500) == clip.generate_at(125)
