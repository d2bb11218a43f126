"""The time operations, by name and as functions."""

import math

import cloudpickle
import pytest
from clips import Clip, time_of
from hypothesis import given
from hypothesis import strategies as st

from panim_core import plugins
from panim_core.errors import SettingsError
from panim_core.frame_gen import FluentFG
from panim_core.time_transforms import TRANSFORMS, freeze_frame, hold, loop, ping_pong, trim

LAST = math.nextafter(1000, 0)


def film(name, *args, **kwargs):
    return FluentFG(Clip()).apply(name, *args, **kwargs).build()


CASES = [
    ("speed", (4,), {}, 250, {0: 0, 100: 400}),
    ("exact_duration", (3000,), {}, 3000, {300: 100}),
    ("exact_duration", (3, "s"), {}, 3000, {300: 100}),
    ("reverse", (), {}, 1000, {0: LAST, 400: 600}),
    ("trim", (200, 700), {}, 500, {0: 200, 400: 600}),
    ("trim", (0.2,), {"unit": "s"}, 800, {0: 200, 799: 999}),
    ("trim", (), {"end": 700}, 700, {699: 699}),
    ("dilate", ("ease_in_quad",), {}, 1000, {500: 250}),
    ("dilate", ("ease_in_poly",), {"degree": 3}, 1000, {500: 125}),
    ("dilate", (lambda n: 1 - n,), {}, 1000, {0: LAST, 400: 600}),
    ("freeze_frame", (300, 500), {}, 1500, {299: 299, 300: 300, 799: 300, 800: 300, 801: 301, 1499: 999}),
    ("freeze_frame", (0.3, 0.5, "s"), {}, 1500, {500: 300}),
    ("freeze_frame", (1000, 500), {}, 1500, {999: 999, 1000: LAST, 1400: LAST}),
    ("hold", (500,), {}, 1500, {0: 0, 999: 999, 1000: LAST, 1499: LAST}),
    ("hold", (2, "s"), {}, 3000, {2999: LAST}),
    ("delay", (500,), {}, 1500, {0: 0, 499: 0, 500: 0, 501: 1, 1499: 999}),
    ("delay", (1, "min"), {}, 61000, {60001: 1}),
    ("loop", (3,), {}, 3000, {999: 999, 1000: 0, 1500: 500, 2000: 0, 2999: 999}),
    ("loop", (), {"duration": 2.5, "unit": "s"}, 2500, {0: 0, 2400: 400}),
    ("loop", (), {"duration": 400}, 400, {399: 399}),
    ("ping_pong", (), {}, 2000, {0: 0, 999: 999, 1000: LAST, 1001: 999, 1999: 1}),
    ("sequence", (), {}, 1000, {400: 400}),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "duration", "times"), CASES)
class TestEach:
    def test_duration_and_times(self, name, args, kwargs, duration, times):
        clip = film(name, *args, **kwargs)
        assert clip.duration == duration
        assert {t: time_of(clip, t) for t in times} == pytest.approx(times, abs=1e-9)

    def test_by_name_and_as_function(self, name, args, kwargs, duration, times):
        function = TRANSFORMS[name]
        assert plugins.transform(name) is function
        assert function.__doc__
        assert function(FluentFG(Clip()), *args, **kwargs).duration == duration

    def test_every_time_lies_in_the_clip(self, name, args, kwargs, duration, times):
        clip = film(name, *args, **kwargs)
        for time in (0.0, duration / 3, duration / 2, math.nextafter(duration, 0), duration):
            assert 0 <= time_of(clip, time) < 1000

    def test_life_is_passed_on_and_it_travels(self, name, args, kwargs, duration, times):
        inner = Clip()
        clip = TRANSFORMS[name](inner, *args, **kwargs)
        clip.start()
        clip.finish()
        assert inner.calls == ["start", "finish"]
        assert cloudpickle.loads(cloudpickle.dumps(clip)).frame_at(0) == clip.frame_at(0)


def test_all_are_tested():
    assert {name for name, *_ in CASES} == set(TRANSFORMS)


def test_sequence_of_several():
    clip = FluentFG(Clip("a")).apply("sequence", Clip("b"), FluentFG(Clip("c", 500))).build()
    assert clip.duration == 2500
    assert clip.frame_at(2100)[1:] == ("c", 100)


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("speed", (0,), {}),
        ("exact_duration", (-1,), {}),
        ("trim", (500, 400), {}),
        ("trim", (0, 1001), {}),
        ("freeze_frame", (-1, 5), {}),
        ("freeze_frame", (1001, 5), {}),
        ("freeze_frame", (5, 0), {}),
        ("freeze_frame", (math.nan, 5), {}),
        ("hold", (0,), {}),
        ("hold", (math.inf,), {}),
        ("hold", (1, "blinks"), {}),
        ("delay", (0,), {}),
        ("loop", (), {}),
        ("loop", (2,), {"duration": 5}),
        ("loop", (0,), {}),
        ("loop", (2.5,), {}),
        ("loop", (True,), {}),
        ("loop", (), {"duration": 0}),
        ("sequence", (Clip(size=(9, 9)),), {}),
    ],
)
def test_impossible(name, args, kwargs):
    with pytest.raises(SettingsError):
        film(name, *args, **kwargs)


@pytest.mark.parametrize("build", [lambda c: loop(c, 2), ping_pong, lambda c: loop(c, duration=1001)])
def test_what_runs_backwards_refuses_sequential_clips(build):
    with pytest.raises(SettingsError, match="backwards"):
        build(Clip(sequential=True))


@pytest.mark.parametrize("build", [lambda c: loop(c, 1), lambda c: hold(c, 5), trim, lambda c: freeze_frame(c, 3, 5)])
def test_what_runs_forwards_takes_them(build):
    clip = Clip(sequential=True)
    build(clip).advance(0)
    assert clip.calls == [("advance", 0)]


@given(frames=st.integers(1, 50), count=st.integers(1, 50), fps=st.sampled_from([24, 30, 60, 29.97, 7]))
def test_a_loop_starts_again_at_its_first_frame_every_time(frames, count, fps):
    clip = loop(Clip(duration=frames * 1000 / fps), count)
    for turn in range(count):
        assert clip.frame_at(turn * frames * 1000 / fps)[2] == pytest.approx(0, abs=1e-6)
