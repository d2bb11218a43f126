"""Combining frame generators: which child is asked for which time, and what wrappers pass on."""

import functools
import math
import pickle
import tracemalloc
from fractions import Fraction

import cloudpickle
import pytest
from clips import Clip, time_of
from hypothesis import given
from hypothesis import strategies as st

import panim_core
from panim_core import acts, easing, plugins
from panim_core.easing import EasingError
from panim_core.errors import PluginNotFoundError, SettingsError
from panim_core.frame_gen import (
    CroppedFrameGenerator,
    FluentFG,
    FrameGenerator,
    OverlayFrameGenerator,
    RescaleFrameGenerator,
    SequenceFrameGenerator,
    TimeDilateFrameGenerator,
    TimeRescaleExactDurationFrameGenerator,
    TimeRescaleFrameGenerator,
    TimeReverseFrameGenerator,
    WrapperFrameGenerator,
    animation,
    img_to_bytes,
)
from panim_core.frames import frame_count, frame_time_ms
from panim_core.hookspecs import hookimpl

LAST = math.nextafter(1000, 0)

WRAPPERS = {
    "speed": lambda clip: TimeRescaleFrameGenerator(clip, 2),
    "exact": lambda clip: TimeRescaleExactDurationFrameGenerator(clip, 500),
    "reverse": TimeReverseFrameGenerator,
    "crop": lambda clip: CroppedFrameGenerator(clip, 0, 1000),
    "dilate": lambda clip: TimeDilateFrameGenerator(clip, lambda n: n),
    "sequence": lambda clip: SequenceFrameGenerator([clip, Clip("second")]),
}


@pytest.fixture(params=WRAPPERS)
def wrap(request):
    return WRAPPERS[request.param]


@pytest.fixture
def transforms():
    """Registers transforms in a registry of the test's own; returns the dictionary to put them in."""
    registered = {}

    class Module:
        @staticmethod
        @hookimpl
        def panim_register_transforms():
            return registered

        @staticmethod
        @hookimpl
        def panim_register_easings():
            return {"square": lambda n, power=2: n**power}

    class EntryPoint:
        name, dist = "probe", None

        @staticmethod
        def load():
            return Module

    plugins.use(plugins.Registry([EntryPoint], disabled=()))
    yield registered
    plugins.use(None)


class TestTimes:
    def test_speed(self):
        faster = TimeRescaleFrameGenerator(Clip(), 2)
        assert faster.duration == 500
        assert time_of(faster, 0) == 0
        assert time_of(faster, 125) == 250

    def test_exact_duration(self):
        exact = TimeRescaleExactDurationFrameGenerator(Clip(), 300)
        assert exact.duration == 300
        assert time_of(exact, 150) == 500

    def test_reverse_starts_with_the_last_instant(self):
        backwards = TimeReverseFrameGenerator(Clip())
        assert backwards.duration == 1000
        assert time_of(backwards, 0) == LAST
        assert time_of(backwards, 250) == 750
        assert time_of(backwards, LAST) == pytest.approx(0, abs=1e-9)

    def test_reverse_twice_is_the_clip(self):
        twice = TimeReverseFrameGenerator(TimeReverseFrameGenerator(Clip()))
        assert time_of(twice, 0) == pytest.approx(0, abs=1e-9)
        assert time_of(twice, 250) == 250

    def test_crop(self):
        part = CroppedFrameGenerator(Clip(), 200, 700)
        assert part.duration == 500
        assert time_of(part, 0) == 200
        assert time_of(part, math.nextafter(500, 0)) < 700

    @pytest.mark.parametrize(("start", "end"), [(500, 1000), (500.0, 1000.0), (0, 1000), (0, 1)])
    def test_crop_takes_ints_and_reaches_the_end(self, start, end):
        assert FluentFG(Clip()).crop(start, end).build().duration == end - start

    def test_crop_ignores_float_noise_at_the_end(self):
        assert CroppedFrameGenerator(Clip(duration=0.1 + 0.2 - 1e-16), 0, 0.1 + 0.2).duration == pytest.approx(0.3)

    @pytest.mark.parametrize(
        ("start", "end"), [(-1, 5), (5, 5), (6, 5), (0, 1000.1), (math.nan, 5), (0, math.inf), ("a", 5)]
    )
    def test_crop_refuses(self, start, end):
        with pytest.raises(SettingsError, match="crop"):
            CroppedFrameGenerator(Clip(), start, end)

    def test_dilate(self):
        assert time_of(TimeDilateFrameGenerator(Clip(), lambda n: n * n), 500) == 250

    def test_dilate_takes_parameters_in_both_ways(self):
        def power(n, exponent):
            return n**exponent

        assert time_of(TimeDilateFrameGenerator(Clip(), power, {"exponent": 3}), 500) == 125
        assert time_of(FluentFG(Clip()).dilate(power, {"exponent": 3}).build(), 500) == 125
        assert time_of(FluentFG(Clip()).dilate(power, exponent=3).build(), 500) == 125

    @pytest.mark.parametrize(
        ("dilator", "params"),
        [
            ("steps", {"count": 0}),
            ("steps", {"count": "5"}),
            ("steps", {"jump": None}),
            ("squeeze", {"amt": 0.9}),
            ("cubic_bezier", {"x1": 5}),
            ("linear", {"points": [0, ()]}),
            ("spring", {"damping": -1}),
            ("spring", {"damping": 1e200}),
            ("wiggle", {"wiggles": math.inf}),
            ("clamp", {"low": 1, "high": 0}),
            ("chain", {"easings": ["linear", "linear", "linear", "nope"]}),
            ("not_quite_there", {"easing": "nope"}),
            ("reverse", {"easing": "linear", "bogus": 1}),
            (functools.partial(easing.steps, count=0), {}),
            (lambda n, by: n / by, {"by": 0}),
        ],
    )
    def test_parameters_that_cannot_be_are_refused_when_the_clip_is_made(self, dilator, params):
        with pytest.raises((SettingsError, PluginNotFoundError)):
            FluentFG(Clip()).dilate(dilator, params)

    @pytest.mark.parametrize(("eased", "shown"), [(-0.5, 0), (1, LAST), (1.5, LAST), (1e300, LAST)])
    def test_overshoot_holds_the_first_or_last_frame(self, eased, shown):
        assert time_of(TimeDilateFrameGenerator(Clip(), lambda n: eased), 500) == shown

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, "half", 1j])
    def test_no_number_names_the_easing_and_the_time(self, value):
        def crooked(n):
            return value

        with pytest.raises(EasingError, match=r"crooked returned .* n = 0\.25 \(at 250 ms\)") as caught:
            TimeDilateFrameGenerator(Clip(), crooked).frame_at(250)
        assert (caught.value.n, caught.value.time_ms) == (0.25, 250)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (str(again), again.n, again.time_ms) == (str(caught.value), 0.25, 250)

    def test_wrong_parameters_are_found_at_once(self):
        def bend(n, by=1):
            return n

        with pytest.raises(SettingsError, match=r"easing bend\(n, by=1\) does not take \{'much': 2\}"):
            TimeDilateFrameGenerator(Clip(), bend, {"much": 2})

    @pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf, None, "fast"])
    @pytest.mark.parametrize("kind", [TimeRescaleFrameGenerator, TimeRescaleExactDurationFrameGenerator])
    def test_no_clip_without_length(self, kind, bad):
        with pytest.raises(SettingsError):
            kind(Clip(), bad)

    @pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf, None])
    def test_children_must_have_a_duration(self, wrap, bad):
        with pytest.raises(SettingsError, match="duration of Clip"):
            wrap(Clip(duration=bad))

    @given(
        duration=st.floats(1e-3, 1e6),
        rate=st.floats(1e-3, 1e3),
        fps=st.integers(1, 60),
        kind=st.sampled_from([TimeRescaleFrameGenerator, TimeRescaleExactDurationFrameGenerator]),
    )
    def test_every_frame_lies_in_the_child(self, duration, rate, fps, kind):
        clip = kind(Clip(duration=duration), rate)
        count = frame_count(clip.duration, Fraction(fps))
        for index in (0, count // 2, count - 1):
            time = frame_time_ms(index, Fraction(fps))
            assert 0 <= clip.frame_at(time)[2] < duration
            assert 0 <= TimeReverseFrameGenerator(clip).frame_at(time)[2] < duration


class TestSequence:
    def test_boundaries_show_the_later_clip(self):
        clip = SequenceFrameGenerator([Clip("a", 100), Clip("b", 200), Clip("c", 300)])
        assert clip.duration == 600
        shown = {t: clip.frame_at(t)[1:] for t in (0, 99.5, 100, 299, 300, 599)}
        assert shown == {0: ("a", 0), 99.5: ("a", 99.5), 100: ("b", 0), 299: ("b", 199), 300: ("c", 0), 599: ("c", 299)}

    @pytest.mark.parametrize("time", [600, 600.0000001, 1e9])
    def test_at_and_past_the_end_the_last_instant_shows(self, time):
        clip = SequenceFrameGenerator([Clip("a", 100), Clip("b", 500)])
        assert clip.frame_at(time)[1:] == ("b", math.nextafter(500, 0))

    def test_float_noise_does_not_move_a_boundary(self):
        clip = SequenceFrameGenerator([Clip(name, 0.1) for name in "abcd"])
        assert 0.1 + 0.1 + 0.1 > 0.3
        assert clip.frame_at(0.3)[1] == "d"

    @given(
        seconds=st.lists(st.integers(1, 20), min_size=1, max_size=8),
        fps=st.sampled_from([Fraction(24000, 1001), Fraction(30), Fraction(25), Fraction(7), Fraction(60)]),
    )
    def test_every_frame_shows_the_child_that_exact_arithmetic_says(self, seconds, fps):
        counts = [n * 7 for n in seconds]
        clip = SequenceFrameGenerator([Clip(i, float(n * 1000 / fps)) for i, n in enumerate(counts)])
        total = frame_count(clip.duration, fps)
        assert total == sum(counts)
        expected = [i for i, n in enumerate(counts) for _ in range(n)]
        for index in range(total):
            _, child, time = clip.frame_at(frame_time_ms(index, fps))
            assert child == expected[index]
            assert 0 <= time < clip.children[child].duration

    def test_sizes_must_agree(self):
        with pytest.raises(SettingsError, match=r"clip 0 .* 4x2, but clip 1 .* 6x2; .*\.rescale\(4, 2\)"):
            SequenceFrameGenerator([Clip(), Clip(size=(6, 2))])

    def test_empty_is_refused(self):
        with pytest.raises(SettingsError, match="at least one"):
            SequenceFrameGenerator([])

    def test_tells_where_it_is(self):
        a, b = Clip("a"), Clip("b")
        clip = SequenceFrameGenerator([a, b])
        assert clip.child_at(1250) == (1, b, 250)
        assert clip.children_end_at == (1000, 2000)


class TestWrappers:
    def test_start_and_finish_are_passed_on(self, wrap):
        clip = Clip()
        outer = wrap(TimeReverseFrameGenerator(clip))
        outer.start()
        assert clip.calls == ["start"]
        outer.finish()
        assert clip.calls == ["start", "finish"]

    def test_a_clip_used_twice_is_started_once(self):
        clip = Clip()
        film = SequenceFrameGenerator([TimeRescaleFrameGenerator(clip, 2), clip, TimeReverseFrameGenerator(clip)])
        film.start()
        film.finish()
        assert clip.calls == ["start", "finish"]

    def test_a_wrapper_with_a_start_of_its_own_is_asked(self):
        class Own(WrapperFrameGenerator):
            def start(self):
                super().start()
                self.children[0].calls.append("own")

        clip = Clip()
        TimeReverseFrameGenerator(Own(clip)).start()
        assert clip.calls == ["start", "own"]

    def test_all_are_finished_though_one_fails(self):
        class Bad(Clip):
            def finish(self):
                raise RuntimeError("cannot finish")

        a, b = Clip("a"), Clip("b")
        film = SequenceFrameGenerator([a, Bad(), b])
        with pytest.raises(RuntimeError, match="cannot finish"):
            film.finish()
        assert a.calls == b.calls == ["finish"]

    def test_what_was_started_is_finished_when_another_cannot_start(self):
        class Bad(Clip):
            def start(self):
                raise RuntimeError("cannot start")

        clip = Clip()
        with pytest.raises(RuntimeError, match="cannot start"):
            SequenceFrameGenerator([clip, Bad()]).start()
        assert clip.calls == ["start", "finish"]

    def test_advance_reaches_the_child_at_its_time(self):
        clip = Clip("b", sequential=True)
        film = SequenceFrameGenerator([Clip("a"), TimeRescaleFrameGenerator(clip, 2)])
        assert film.sequential
        film.advance(1100)
        assert clip.calls == [("advance", 200)]

    @pytest.mark.parametrize("name", [name for name in WRAPPERS if name != "reverse"])
    def test_sequential_size_and_rate_are_the_childs(self, name):
        outer = WRAPPERS[name](Clip(sequential=True, fps=24))
        assert outer.sequential is True
        assert outer.fps == 24
        assert outer.frame_size == (4, 2)
        assert WRAPPERS[name](Clip()).sequential is False

    def test_the_highest_rate_suits_a_sequence(self):
        assert SequenceFrameGenerator([Clip(fps=24), Clip(), Clip(fps=29.97)]).fps == Fraction("29.97")

    @pytest.mark.parametrize(
        "backwards", [TimeReverseFrameGenerator, lambda c: TimeDilateFrameGenerator(c, lambda n: abs(1 - 2 * n))]
    )
    def test_a_sequential_clip_cannot_run_backwards(self, backwards):
        with pytest.raises(SettingsError, match=r"in order only.*backwards"):
            backwards(Clip(sequential=True))
        backwards(Clip())

    def test_a_sequential_clip_is_used_once(self):
        clip = Clip(sequential=True)
        with pytest.raises(SettingsError, match="once"):
            SequenceFrameGenerator([clip, TimeRescaleFrameGenerator(clip, 2)])

    def test_options_reach_the_clips_and_what_depends_on_them_follows(self):
        clip = Clip()
        film = SequenceFrameGenerator([TimeReverseFrameGenerator(clip), Clip("b")])
        other = film.configured(size=(8, 6), duration=300)
        assert (other.frame_size, other.duration) == ((8, 6), 600)
        assert other.frame_at(100)[1:] == ("clip", 200)
        assert (film.frame_size, film.duration) == ((4, 2), 2000)

    def test_survive_the_way_to_a_worker(self, wrap):
        outer = wrap(Clip())
        again = cloudpickle.loads(cloudpickle.dumps(outer))
        assert again.frame_at(100) == outer.frame_at(100)


def test_time_wrappers_keep_nothing_per_frame():
    clip = FluentFG(Clip()).crop(0, 900).time_rescale(2).reverse().dilate("smoothstep").then(Clip()).build()
    clip.frame_at(0.0)
    tracemalloc.start()
    try:
        for index in range(1000):
            clip.frame_at(index * 0.7)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2000


class TestFluent:
    def test_chain(self):
        base = Clip(duration=1)
        film = (
            FluentFG(base)
            .time_rescale(1 / 10000)
            .then(FluentFG(base).time_rescale(1 / 10000).reverse().build())
            .build()
        )
        assert film.duration == 20000
        assert film.frame_at(2500)[2] == pytest.approx(0.25)
        assert film.frame_at(12500)[2] == pytest.approx(0.75)

    def test_takes_chains_where_it_takes_clips(self):
        film = FluentFG(FluentFG(Clip("a"))).then(FluentFG(Clip("b")).reverse())
        assert film.duration() == 2000
        assert film.frame_size() == (4, 2)
        assert film.build().frame_at(1250)[1:] == ("b", 750)

    def test_transforms_apply_to_everything_so_far(self):
        film = FluentFG(Clip("a")).then(Clip("b")).crop(0.5, 2, "s").build()
        assert film.duration == 1500
        assert film.frame_at(1000)[1:] == ("b", 500)

    @pytest.mark.parametrize(
        ("unit", "factor"),
        [("ms", 1), ("s", 1000), ("min", 60_000), ("hr", 3_600_000), ("m", 60_000), ("h", 3_600_000)],
    )
    def test_units(self, unit, factor):
        assert FluentFG(Clip()).time_rescale_exact(2, unit).duration() == 2 * factor
        assert FluentFG(Clip(duration=1e8)).crop(1, 2, unit).duration() == factor

    def test_unknown_unit(self):
        with pytest.raises(SettingsError, match=r"'fortnight' is unknown; write one of ms"):
            FluentFG(Clip()).crop(0, 1, "fortnight")

    def test_sizes_must_agree(self):
        with pytest.raises(SettingsError, match=r"6x2"):
            FluentFG(Clip()).then(Clip(size=(6, 2)))

    @pytest.mark.parametrize("wrong", [None, 3, "clip", Clip])
    def test_only_clips(self, wrong):
        with pytest.raises(SettingsError, match="need a FrameGenerator"):
            FluentFG(wrong)
        with pytest.raises(SettingsError, match="need a FrameGenerator"):
            FluentFG(Clip()).then(wrong)

    def test_apply_by_callable_and_by_name(self, transforms):
        transforms["halve"] = lambda clip, rate=2: TimeRescaleFrameGenerator(clip, rate)
        assert FluentFG(Clip()).apply(transforms["halve"], 4).duration() == 250
        assert FluentFG(Clip()).apply("halve").duration() == 500
        assert FluentFG(Clip()).apply("halve", rate=5).duration() == 200
        with pytest.raises(PluginNotFoundError, match="halve"):
            FluentFG(Clip()).apply("third")

    def test_apply_checks_the_result(self):
        with pytest.raises(SettingsError, match="returned a NoneType"):
            FluentFG(Clip()).apply(lambda clip: None)

    def test_dilate_by_name(self, transforms):
        assert time_of(FluentFG(Clip()).dilate("square").build(), 500) == 250
        assert time_of(FluentFG(Clip()).dilate("probe:square", power=3).build(), 500) == 125

    def test_pixels_are_registered_transforms(self, transforms):
        transforms["rescale"] = lambda clip, size, *more: Clip("rescaled", size=size, duration=len(more) + 1)
        transforms["overlay"] = lambda base, over, pos: Clip(f"{base.name}+{over.name}@{pos}")
        assert FluentFG(Clip()).rescale(8, 6).frame_size() == (8, 6)
        assert RescaleFrameGenerator(Clip(), (8, 6)).duration == 1
        assert RescaleFrameGenerator(Clip(), (8, 6), 3).duration == 2
        assert OverlayFrameGenerator(Clip("a"), Clip("b"), (1, 2)).name == "a+b@(1, 2)"
        assert FluentFG(Clip("a")).overlay(FluentFG(Clip("b")), (1, 2)).build().name == "a+b@(1, 2)"

    def test_transition(self, transforms):
        transforms["melt"] = lambda a, b, overlap, soft=1: Clip((a.name, b.name, overlap, soft))
        assert FluentFG(Clip("a")).then(Clip("b"), transition="melt", overlap=500).build().name == ("a", "b", 500, 1)
        assert FluentFG(Clip("a")).then(Clip("b"), "melt", 1000, soft=2).build().name == ("a", "b", 1000, 2)

    @pytest.mark.parametrize("overlap", [-1, 1001, math.nan, None])
    def test_overlap_must_fit(self, overlap):
        with pytest.raises(SettingsError, match="overlap"):
            FluentFG(Clip()).then(Clip(duration=2000), lambda *a: Clip(), overlap)

    def test_a_transition_needs_an_overlap(self):
        with pytest.raises(SettingsError, match="needs overlap="):
            FluentFG(Clip()).then(Clip(), lambda *a: Clip())

    def test_a_transition_with_an_overlap_of_its_own_needs_none(self):
        cut = FluentFG(Clip()).then(Clip(), lambda a, b, overlap=0.0: Clip(("cut", overlap))).build()
        assert cut.name == ("cut", 0.0)

    def test_a_decorated_transform_may_add_arguments(self, transforms):
        def needy(clip, config):
            return Clip(config)

        @functools.wraps(needy)
        def branded(clip):
            return needy(clip, "brand")

        transforms["branded"] = branded
        assert FluentFG(Clip()).apply("branded").build().name == "brand"

    def test_an_easing_is_tried_only_where_it_is_asked(self):
        FluentFG(Clip()).dilate(lambda n, k: min(1, k * n / (1 - n)), k=2)

    def test_an_overlap_may_be_all_of_a_clip_give_or_take_the_noise_of_floats(self, transforms):
        transforms["melt"] = lambda a, b, overlap: Clip(overlap)
        lasting = math.nextafter(1000 / 3, 0)
        clip = FluentFG(Clip(duration=lasting)).then(Clip(), "melt", 1000 / 3).build()
        assert clip.name == lasting

    def test_arguments_that_a_transform_does_not_take(self, transforms):
        transforms["melt"] = lambda a, b, overlap, soft=1: Clip()
        with pytest.raises(SettingsError, match=r"transform melt\(.*'bogus'"):
            FluentFG(Clip()).then(Clip(), "melt", 5, bogus=3)
        with pytest.raises(SettingsError, match=r"transform melt\(.*too many positional"):
            FluentFG(Clip()).apply("melt", Clip(), 5, 6, 7)
        with pytest.raises(SettingsError, match=r"transform melt\(.*missing.*'b'"):
            FluentFG(Clip()).apply("melt")

    def test_a_cut_has_no_overlap(self):
        with pytest.raises(SettingsError, match="transition="):
            FluentFG(Clip()).then(Clip(), overlap=5)


class TestAnimation:
    def test_is_a_generator_and_stays_a_function(self):
        @animation(duration=4000, frame_size=(4, 2), fps=24)
        def pulse(time_ms):
            """Doc."""
            return time_ms + 1

        assert isinstance(pulse, FrameGenerator)
        assert (pulse.duration, pulse.frame_size, pulse.fps) == (4000, (4, 2), 24)
        assert pulse(1) == pulse.generate_at(1) == pulse.frame_at(1) == 2
        assert (pulse.__name__, pulse.__doc__) == ("pulse", "Doc.")
        assert cloudpickle.loads(cloudpickle.dumps(pulse)).frame_at(5) == 6
        assert panim_core.animation is animation

    @pytest.mark.parametrize(
        "wrong", [{"duration": 0}, {"duration": math.nan}, {"frame_size": (0, 5)}, {"frame_size": 5}, {"fps": 0}]
    )
    def test_refuses_at_once(self, wrong):
        with pytest.raises(SettingsError):
            animation(**{"duration": 1, "frame_size": (4, 2)} | wrong)(lambda t: t)


def test_img_to_bytes_of_any_mode():
    from PIL import Image

    assert img_to_bytes(Image.new("RGBA", (2, 1), (1, 2, 3, 4))) == bytes([1, 2, 3, 4] * 2)
    assert img_to_bytes(Image.new("RGB", (1, 1), (1, 2, 3))) == bytes([1, 2, 3, 255])
    assert img_to_bytes(Image.new("L", (1, 1), 7)) == bytes([7, 7, 7, 255])


class TestWhatASubclassDraws:
    """`frame_at`, which is what videos show, follows the class that defines a way of drawing last."""

    def test_over_a_wrapper(self):
        class Marked(TimeReverseFrameGenerator):
            def generate_at(self, time_ms):
                return "marked", time_ms

        class Pictured(Marked):
            def generate_at_pil(self, time_ms):
                return "picture"

        class Again(Pictured):
            def generate_at(self, time_ms):
                return "again"

        assert Marked(Clip()).frame_at(5) == ("marked", 5)
        assert Pictured(Clip()).frame_at(5) == "picture"
        assert Again(Clip()).frame_at(5) == "again"
        assert FluentFG(Marked(Clip())).reverse().build().frame_at(0) == ("marked", LAST)

    def test_over_an_act(self):
        class Shouting(acts.Act):
            def generate_at(self, time_ms):
                return super().generate_at(time_ms).upper()

        class Words(acts.ActRenderer):
            frame_size = (4, 2)

            def render(self, act_state):
                return "words"

        class Long(acts.Scene):
            duration = 1000

        act = (acts.ActState(), Words(), [Long()])
        assert acts.Act(*act).frame_at(0) == "words"
        assert Shouting(*act).frame_at(0) == "WORDS"
        assert cloudpickle.loads(cloudpickle.dumps(Shouting(*act))).frame_at(0) == "WORDS"

    def test_from_a_class_beside_it(self):
        class Loud:
            def generate_at(self, time_ms):
                return "loud"

        class Mixed(Loud, TimeReverseFrameGenerator):
            pass

        assert Mixed(Clip()).frame_at(0) == "loud"


def test_what_sources_tell_is_passed_on_once():
    class Telling(Clip):
        def __init__(self):
            super().__init__()
            self.untold = ["the sound is left out"]

        def notes(self):
            told, self.untold = self.untold, []
            return told

    clip = Telling()
    chain = FluentFG(clip).reverse().then(FluentFG(clip).crop(0, 500)).build()
    assert list(chain.notes()) == ["the sound is left out"]
    assert list(chain.notes()) == []
    assert list(FluentFG(Clip()).reverse().build().notes()) == []
    clip.notes = ["a list of the user's own"]
    assert list(chain.notes()) == []


def test_a_chain_allows_no_more_workers_than_its_sources():
    one, two = Clip(), Clip()
    chain = FluentFG(one).reverse().then(FluentFG(two).crop(0, 500)).build()
    assert chain.max_workers is None
    two.max_workers = 2
    assert chain.max_workers == 2
    one.max_workers = 1
    assert chain.max_workers == 1


def test_what_sources_claim_is_told_apart():
    class Claiming(Clip):
        def claims(self):
            return [("the sky", "blue")]

    chain = FluentFG(Claiming()).then(Claiming()).then(Clip()).build()
    assert list(chain.claims()) == [("the sky of clip 0", "blue"), ("the sky of clip 1", "blue")]


def test_how_to_redraw_is_told_to_those_clips_that_can_be():
    class Plain(panim_core.FrameGenerator):
        duration, frame_size = 1000, (4, 2)

        def generate_at(self, time_ms):
            return bytes(32)

    class Figure(Plain):
        redraw = "auto"

        def configured(self, **options):
            other = Figure()
            other.redraw = options.pop("redraw", self.redraw)
            super().configured(**options)
            return other

    chain = FluentFG(Figure()).then(Plain()).build().configured(redraw="full", dpi=50)
    assert chain.children[0].redraw == "full"
    with pytest.raises(SettingsError, match="no option redraw"):
        FluentFG(Plain()).then(Plain()).build().configured(redraw="full")
    with pytest.raises(SettingsError, match="no option size"):
        FluentFG(Figure()).then(Plain()).build().configured(redraw="full", size=(8, 4))
