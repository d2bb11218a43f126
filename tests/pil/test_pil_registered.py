"""What holds for every registered transform and transition."""

import inspect
import math
import pickle
import random

import cloudpickle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import Moving, Still, noise, premultiply, shown

from panim_core import plugins
from panim_core.errors import SettingsError
from panim_core.frame_gen import FluentFG
from panim_core.protocols import FrameGenerator
from panim_pil.image_transform import ImageTransform
from panim_pil.plugin import TRANSFORMS, TRANSITIONS

OTHER = object()
"""Stands for a second clip of the same size."""

ARGUMENTS = {
    "background": ("red",),
    "brightness": (1.5,),
    "caption": ("Hi",),
    "contrast": (1.5,),
    "crop_pixels": (0, 0, 1, 1),
    "fade_in": (500,),
    "fade_out": (500,),
    "fit": ((7, 10),),
    "gamma": (2.2,),
    "hue": (90,),
    "margin": (3,),
    "mask": (OTHER,),
    "multiply": ("#ff8000",),
    "opacity": (0.5,),
    "overlay": (OTHER,),
    "pan": ((1, 1),),
    "rescale": ((8, 5),),
    "rotate": (30,),
    "saturation": (2,),
    "scroll": (30, -20),
    "side_by_side": (OTHER,),
    "stacked": (OTHER,),
    "tint": ("#b08050",),
    "title": ("Hi",),
    **dict.fromkeys(TRANSITIONS, (OTHER, 600.0)),
}
NAMES = sorted({**TRANSFORMS, **TRANSITIONS})
BY_COLOUR = {"chroma_key", "threshold", "solarise"}


def made(name, source, other):
    arguments = [other if argument is OTHER else argument for argument in ARGUMENTS.get(name, ())]
    return FluentFG(source).apply(name, *arguments).build()


def moving(name, width=11, height=7):
    return made(name, Moving(width, height, seed=1), Moving(width, height, seed=2))


def times(source):
    return [source.duration * share for share in (0.0, 0.13, 0.5, 0.51, 0.77, 0.999)]


def test_there_are_enough():
    assert len(TRANSFORMS) >= 30
    assert len(TRANSITIONS) >= 12


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12)
@given(width=st.integers(1, 23), height=st.integers(1, 23))
def test_works_for_any_size(name, width, height):
    source = moving(name, width, height)
    for time in (0.0, source.duration * 0.6):
        shown(source, time)


@pytest.mark.parametrize("name", NAMES)
def test_frames_do_not_depend_on_those_before(name):
    """So that a video is the same however it is spread over workers."""
    alone = {time: shown(moving(name), time) for time in times(moving(name))}
    shared = moving(name)
    order = list(alone) * 2
    random.Random(name).shuffle(order)
    for time in order:
        assert np.array_equal(shown(shared, time), alone[time])


@pytest.mark.parametrize("pickler", [pickle, cloudpickle], ids=["pickle", "cloudpickle"])
@pytest.mark.parametrize("name", NAMES)
def test_travels(name, pickler):
    source = moving(name)
    shown(source, 0.0)
    again = pickler.loads(pickler.dumps(source))
    for time in times(source):
        assert np.array_equal(shown(again, time), shown(source, time))


@pytest.mark.parametrize("name", NAMES)
def test_leaves_its_sources_images_alone(name):
    first, second = Still(noise(11, 7, 1)), Still(noise(11, 7, 2))
    source = made(name, first, second)
    for time in times(source):
        shown(source, time)
    assert np.array_equal(np.asarray(first.image), first.pixels)
    assert np.array_equal(np.asarray(second.image), second.pixels)


@pytest.mark.parametrize("name", sorted(set(NAMES) - BY_COLOUR - {"mask"}))
def test_the_colour_of_what_is_invisible_is_never_seen(name):
    def frames(garbage):
        pixels = noise(12, 8, 1)
        pixels[:, 6:] = (*garbage, 0)
        source = made(name, Still(pixels), Still(noise(12, 8, 2)))
        return [premultiply(shown(source, time)) for time in times(source)]

    for black, white in zip(frames((0, 0, 0)), frames((255, 255, 255)), strict=True):
        assert np.abs(black - white).max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_what_is_drawn_as_rgb_gives_the_same_frames(name):
    def frames(mode):
        first, second = Still(noise(11, 7, 1, True)), Still(noise(11, 7, 2, True))
        first.image, second.image = first.image.convert(mode), second.image.convert(mode)
        source = made(name, first, second)
        return [shown(source, time) for time in times(source)]

    for plain, alpha in zip(frames("RGB"), frames("RGBA"), strict=True):
        assert np.array_equal(plain, alpha)


@pytest.mark.parametrize("name", ["mirror_x", "invert", "blur", "rescale", "margin", "zoom", "vignette", "crop_pixels"])
def test_rgb_stays_rgb(name):
    still = Still(noise(11, 7, 1, True))
    still.image = still.image.convert("RGB")
    assert made(name, still, None).frame_at(300.0).mode == "RGB"


def test_clips_that_differ_by_the_noise_of_floats_last_equally_long():
    lasting = 1000 / 24 * 7
    shorter = math.nextafter(lasting, 0)
    clip, other = Moving(duration=lasting), Moving(duration=shorter)
    for made in (
        FluentFG(clip).apply("overlay", other),
        FluentFG(other).apply("overlay", clip),
        FluentFG(clip).apply("side_by_side", other),
        FluentFG(other).then(clip, transition="crossfade", overlap=lasting),
        FluentFG(other).apply("fade_in", lasting),
        FluentFG(other).apply("fade_out", lasting),
        FluentFG(other).apply("caption", "Hi", end=lasting),
    ):
        source = made.build()
        shown(source, math.nextafter(source.duration, 0))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("caption", {"text": "Hi", "bogus": 3}),
        ("title", {"text": "Hi", "bogus": 3}),
        ("brightness", {}),
        ("rotate", {"degrees": 10, "expand": "no"}),
        ("multiply", {"color": "rgb(300, 0, 0)"}),
        ("loop", {"count": 2, "unit": "blinks"}),
        ("hold", {"duration": 2, "unit": []}),
    ],
)
def test_arguments_that_cannot_be_are_refused(name, arguments):
    with pytest.raises(SettingsError):
        FluentFG(Moving()).apply(name, **arguments)


@pytest.mark.parametrize(("name", "flag"), [("iris", "closing"), ("clock_wipe", "clockwise"), ("blinds", "vertical")])
def test_flags_are_true_or_false(name, flag):
    with pytest.raises(SettingsError, match=flag):
        FluentFG(Moving()).then(Moving(), transition=name, overlap=100, **{flag: "no"})


def test_a_subclass_may_build_on_the_image():
    class Brighter(ImageTransform):
        def generate_at_pil(self, time_ms):
            return super().generate_at_pil(time_ms).point(lambda value: 255)

    made = Brighter(Still(noise(3, 2)), lambda image: image)
    assert made.frame_at(0.0).getextrema() == ((255, 255),) * 4


def test_functions_that_do_not_ask_for_rgb_get_rgba():
    still = Still(noise(11, 7, 1, True))
    still.image = still.image.convert("RGB")
    modes = []
    ImageTransform(still, lambda image: modes.append(image.mode) or image).frame_at(0.0)
    assert modes == ["RGBA"]


@pytest.mark.parametrize("name", NAMES)
def test_opaque_clips_stay_opaque_unless_that_is_the_point(name):
    source = made(name, Still(noise(11, 7, 1, True)), Still(noise(11, 7, 2, True)))
    if name in {"chroma_key", "opacity", "fade_in", "fade_out", "mask", "rotate"}:
        return
    for time in times(source):
        assert (shown(source, time)[..., 3] == 255).all()


@pytest.mark.parametrize("name", NAMES)
def test_frames_of_any_form_are_taken(name):
    class Arrays(FrameGenerator):
        duration, frame_size = 1000.0, (11, 7)

        def generate_at(self, time_ms):
            return noise(11, 7, 1)

    class Bytes(Arrays):
        def generate_at(self, time_ms):
            return noise(11, 7, 1).tobytes()

    other = Still(noise(11, 7, 2))
    expected = shown(made(name, Still(noise(11, 7, 1)), other), 450.0)
    for kind in (Arrays, Bytes):
        assert np.array_equal(shown(made(name, kind(), other), 450.0), expected)


@pytest.mark.parametrize("name", NAMES)
def test_passes_life_and_sequence_on(name):
    told = []

    class Told(Moving):
        sequential = True
        fps = 24

        def start(self):
            told.append("start")

        def advance(self, time_ms):
            told.append("advance")

        def finish(self):
            told.append("finish")

    source = made(name, Told(11, 7), Moving(11, 7))
    assert source.sequential
    assert source.fps == 24
    source.start()
    source.advance(40.0)
    source.finish()
    assert told[0] == "start"
    assert told[-1] == "finish"
    assert "advance" in told


@pytest.mark.parametrize("name", NAMES)
def test_is_found_by_name_with_its_signature_and_documentation(name):
    transform = plugins.transform(name)
    parameters = list(inspect.signature(transform).parameters)
    assert parameters
    documentation = inspect.getdoc(transform)
    assert documentation
    assert documentation.splitlines()[0].endswith((".", ".)"))
    undocumented = [p for p in parameters[1:] if p not in documentation and p not in {"a", "b", "overlap", "easing"}]
    assert not undocumented
    if name in TRANSITIONS:
        assert parameters[:3] == ["a", "b", "overlap"]


@pytest.mark.parametrize("name", NAMES)
def test_refuses_what_is_no_clip(name):
    arguments = [Moving() if argument is OTHER else argument for argument in ARGUMENTS.get(name, ())]
    with pytest.raises(SettingsError, match="need a FrameGenerator"):
        plugins.transform(name)("clip.mp4", *arguments)
