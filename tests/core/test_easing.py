"""Every easing against its formula, and against what its kind promises."""

import inspect
import math
import pickle
from fractions import Fraction
from itertools import pairwise
from math import cos, exp, pi, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panim_core import easing, plugins
from panim_core.easing import EASINGS, EasingError, evaluate, name_of, settling_time
from panim_core.errors import SettingsError

PROGRESS = st.integers(0, 10**6).map(lambda i: i / 10**6)
GRID = [i / 200 for i in range(201)]
FAMILIES = ["sine", "quad", "cubic", "quart", "quint", "expo", "circ", "back", "elastic", "bounce", "poly"]
PARAMS = {
    "poly": [{"degree": 1.5}, {"degree": 7}],
    "back": [{"overshoot": 0}, {"overshoot": 4.0}],
    "elastic": [{"amplitude": 1.7, "period": 0.2}, {"amplitude": 0.5}],
}
OVERSHOOTING = {f"ease_{way}_{kind}" for way in ("in", "out", "in_out") for kind in ("back", "elastic")}
BOUNCING = {f"ease_{way}_bounce" for way in ("in", "out", "in_out")}

# https://easings.net, and manim's documentation, written down once more.
C1, C4, C5 = 1.70158, 2 * pi / 3, 2 * pi / 4.5
C2, C3 = C1 * 1.525, C1 + 1


def bounce(x):
    for end, shift, base in ((1, 0, 0), (2, 1.5, 0.75), (2.5, 2.25, 0.9375), (9, 2.625, 0.984375)):
        if x * 2.75 < end:
            return 7.5625 * (x - shift / 2.75) ** 2 + base
    return None


def sigmoid(x):
    return 1 / (1 + exp(-x))


def smooth(x, k=10):
    return (sigmoid(k * (x - 0.5)) - sigmoid(-k / 2)) / (1 - 2 * sigmoid(-k / 2))


FORMULAS = {
    "ease_in_sine": lambda x: 1 - cos(x * pi / 2),
    "ease_out_sine": lambda x: sin(x * pi / 2),
    "ease_in_out_sine": lambda x: -(cos(pi * x) - 1) / 2,
    "ease_in_quad": lambda x: x**2,
    "ease_out_quad": lambda x: 1 - (1 - x) ** 2,
    "ease_in_out_quad": lambda x: 2 * x**2 if x < 0.5 else 1 - (-2 * x + 2) ** 2 / 2,
    "ease_in_cubic": lambda x: x**3,
    "ease_out_cubic": lambda x: 1 - (1 - x) ** 3,
    "ease_in_out_cubic": lambda x: 4 * x**3 if x < 0.5 else 1 - (-2 * x + 2) ** 3 / 2,
    "ease_in_quart": lambda x: x**4,
    "ease_out_quart": lambda x: 1 - (1 - x) ** 4,
    "ease_in_out_quart": lambda x: 8 * x**4 if x < 0.5 else 1 - (-2 * x + 2) ** 4 / 2,
    "ease_in_quint": lambda x: x**5,
    "ease_out_quint": lambda x: 1 - (1 - x) ** 5,
    "ease_in_out_quint": lambda x: 16 * x**5 if x < 0.5 else 1 - (-2 * x + 2) ** 5 / 2,
    "ease_in_expo": lambda x: 0 if x == 0 else 2 ** (10 * x - 10),
    "ease_out_expo": lambda x: 1 if x == 1 else 1 - 2 ** (-10 * x),
    "ease_in_out_expo": lambda x: (
        x if x in (0, 1) else 2 ** (20 * x - 10) / 2 if x < 0.5 else (2 - 2 ** (-20 * x + 10)) / 2
    ),
    "ease_in_circ": lambda x: 1 - sqrt(1 - x**2),
    "ease_out_circ": lambda x: sqrt(1 - (x - 1) ** 2),
    "ease_in_out_circ": lambda x: (
        (1 - sqrt(1 - (2 * x) ** 2)) / 2 if x < 0.5 else (sqrt(1 - (-2 * x + 2) ** 2) + 1) / 2
    ),
    "ease_in_back": lambda x: C3 * x**3 - C1 * x**2,
    "ease_out_back": lambda x: 1 + C3 * (x - 1) ** 3 + C1 * (x - 1) ** 2,
    "ease_in_out_back": lambda x: (
        (2 * x) ** 2 * ((C2 + 1) * 2 * x - C2) / 2
        if x < 0.5
        else ((2 * x - 2) ** 2 * ((C2 + 1) * (x * 2 - 2) + C2) + 2) / 2
    ),
    "ease_in_elastic": lambda x: x if x in (0, 1) else -(2 ** (10 * x - 10)) * sin((x * 10 - 10.75) * C4),
    "ease_out_elastic": lambda x: x if x in (0, 1) else 2 ** (-10 * x) * sin((x * 10 - 0.75) * C4) + 1,
    "ease_in_out_elastic": lambda x: (
        x
        if x in (0, 1)
        else -(2 ** (20 * x - 10) * sin((20 * x - 11.125) * C5)) / 2
        if x < 0.5
        else 2 ** (-20 * x + 10) * sin((20 * x - 11.125) * C5) / 2 + 1
    ),
    "ease_in_bounce": lambda x: 1 - bounce(1 - x),
    "ease_out_bounce": bounce,
    "ease_in_out_bounce": lambda x: (1 - bounce(1 - 2 * x)) / 2 if x < 0.5 else (1 + bounce(2 * x - 1)) / 2,
    "ease_in_poly": lambda x: x**3,
    "ease_out_poly": lambda x: 1 - (1 - x) ** 3,
    "ease_in_out_poly": lambda x: 4 * x**3 if x < 0.5 else 1 - 4 * (1 - x) ** 3,
    "linear": lambda x: x,
    "freeze": lambda x: 0,
    "squeeze": lambda x: 0 if x < 0.2 else 1 if x >= 0.8 else (x - 0.2) / 0.6,
    "doublespeed": lambda x: 2 * x if x < 0.5 else 1,
    "smoothstep": lambda x: 3 * x**2 - 2 * x**3,
    "smootherstep": lambda x: 6 * x**5 - 15 * x**4 + 10 * x**3,
    "smootheststep": lambda x: 35 * x**4 - 84 * x**5 + 70 * x**6 - 20 * x**7,
    "smoothererstep": lambda x: 35 * x**4 - 84 * x**5 + 70 * x**6 - 20 * x**7,
    "smooth": smooth,
    "rush_into": lambda x: 2 * smooth(x / 2),
    "rush_from": lambda x: 2 * smooth(x / 2 + 0.5) - 1,
    "slow_into": lambda x: sqrt(1 - (1 - x) ** 2),
    "double_smooth": lambda x: smooth(2 * x) / 2 if x < 0.5 else (1 + smooth(2 * x - 1)) / 2,
    "there_and_back": lambda x: smooth(2 * x) if x < 0.5 else smooth(2 * (1 - x)),
    "there_and_back_with_pause": lambda x: smooth(3 * x) if x < 1 / 3 else 1 if x < 2 / 3 else smooth(3 - 3 * x),
    "running_start": lambda x: sum(
        math.comb(6, k) * x**k * (1 - x) ** (6 - k) * p for k, p in enumerate([0, 0, -0.5, -0.5, 1, 1, 1])
    ),
    "not_quite_there": lambda x: 0.7 * smooth(x),
    "wiggle": lambda x: (smooth(2 * x) if x < 0.5 else smooth(2 * (1 - x))) * sin(2 * pi * x),
    "squish": lambda x: 0 if x < 0.4 else 1 if x > 0.6 else smooth((x - 0.4) / 0.2),
    "lingering": lambda x: x / 0.8 if x < 0.8 else 1,
    "exponential_decay": lambda x: 1 - exp(-x / 0.1),
    "steps": lambda x: min(math.floor(x * 5 + 1e-9), 5) / 5,
    **dict.fromkeys(("reverse", "mirror", "chain", "scale", "clamp"), lambda x: x),
}
CURVES = {
    "css_ease": (0.25, 0.1, 0.25, 1),
    "css_ease_in": (0.42, 0, 1, 1),
    "css_ease_out": (0, 0, 0.58, 1),
    "css_ease_in_out": (0.42, 0, 0.58, 1),
    "cubic_bezier": (0.25, 0.1, 0.25, 1),
}
FALLING = {"there_and_back", "there_and_back_with_pause", "wiggle", "running_start", "spring"}
NOT_PROPER = {"freeze", "not_quite_there", "exponential_decay", "there_and_back", "there_and_back_with_pause", "wiggle"}


def test_every_easing_has_its_formula_here():
    assert set(EASINGS) == set(FORMULAS) | set(CURVES) | {"spring"}


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name):
    for x in GRID:
        assert EASINGS[name](x) == pytest.approx(FORMULAS[name](x), abs=1e-12), x


@pytest.mark.parametrize("name", EASINGS)
class TestEvery:
    def test_is_documented_and_registered(self, name):
        doc = inspect.getdoc(EASINGS[name])
        assert doc
        assert plugins.easing(name) is EASINGS[name]
        assert next(iter(inspect.signature(EASINGS[name]).parameters)) == "n"

    def test_ends(self, name):
        if name not in NOT_PROPER:
            assert (EASINGS[name](0.0), EASINGS[name](1.0)) == (0, 1)

    def test_monotonic(self, name):
        values = [EASINGS[name](x) for x in GRID]
        if name in FALLING | OVERSHOOTING | BOUNCING:
            assert values != sorted(values)
        else:
            assert all(b >= a - 1e-12 for a, b in pairwise(values))

    def test_range(self, name):
        values = [EASINGS[name](x) for x in GRID]
        if name in {"running_start", "spring", "wiggle"} | OVERSHOOTING:
            assert min(values) < 0 or max(values) > 1
        else:
            assert 0 <= min(values) <= max(values) <= 1

    def test_gives_a_float_that_travels(self, name):
        value = evaluate(pickle.loads(pickle.dumps(EASINGS[name])), 0.3, {}, 0)
        assert type(value) is float
        assert math.isfinite(value)


@pytest.mark.parametrize("family", FAMILIES)
class TestPennersFamilies:
    @given(n=PROGRESS)
    def test_out_is_in_turned_round(self, family, n):
        for params in [{}, *PARAMS.get(family, [])]:
            ease_in, ease_out = EASINGS[f"ease_in_{family}"], EASINGS[f"ease_out_{family}"]
            assert ease_in(n, **params) == pytest.approx(1 - ease_out(1 - n, **params), abs=1e-12)

    @given(n=PROGRESS)
    def test_in_out_is_symmetric(self, family, n):
        for params in [{}, *PARAMS.get(family, [])]:
            both = EASINGS[f"ease_in_out_{family}"]
            assert both(n, **params) == pytest.approx(1 - both(1 - n, **params), abs=1e-9)
            assert both(0.5, **params) == pytest.approx(0.5)

    def test_in_is_not_out(self, family):
        assert EASINGS[f"ease_in_{family}"](0.3) < 0.3 < EASINGS[f"ease_out_{family}"](0.3)

    def test_in_starts_slower_than_it_ends(self, family):
        ease = EASINGS[f"ease_in_{family}"]
        assert abs(ease(0.01)) < 0.02
        assert abs(1 - ease(0.8)) > 0.3


class TestParameters:
    def test_poly_is_the_powers(self):
        for n in GRID:
            assert easing.ease_in_poly(n, degree=5) == pytest.approx(easing.ease_in_quint(n))
            assert easing.ease_out_poly(n, degree=2) == pytest.approx(easing.ease_out_quad(n))
            assert easing.ease_in_out_poly(n, degree=1) == pytest.approx(n)

    def test_back_without_overshoot_is_cubic(self):
        assert [easing.ease_in_back(n, overshoot=0) for n in GRID] == pytest.approx([n**3 for n in GRID])

    def test_back_draws_back_by_a_tenth(self):
        assert min(easing.ease_in_back(i / 10000) for i in range(10000)) == pytest.approx(-0.1, abs=1e-4)

    @given(n=st.floats(0.01, 0.99), amplitude=st.floats(1, 5), period=st.floats(0.1, 1))
    def test_elastic_is_penners_with_amplitude_and_period(self, n, amplitude, period):
        s = period / (2 * pi) * math.asin(1 / amplitude)
        expected = -(amplitude * 2 ** (10 * (n - 1)) * sin((n - 1 - s) * 2 * pi / period))
        assert easing.ease_in_elastic(n, amplitude, period) == pytest.approx(expected, abs=1e-9)

    def test_others(self):
        assert easing.freeze(0.9, at=0.25) == 0.25
        assert easing.squeeze(0.4, amt=0.3) == pytest.approx(0.25)
        assert easing.smooth(0.3, inflection=4) == pytest.approx(smooth(0.3, 4))
        assert easing.rush_into(0.3, inflection=4) == pytest.approx(2 * smooth(0.15, 4))
        assert easing.rush_from(0.3, inflection=4) == pytest.approx(2 * smooth(0.65, 4) - 1)
        assert easing.there_and_back(0.75, inflection=4) == pytest.approx(0.5)
        assert easing.there_and_back_with_pause(0.12, pause_ratio=0.5) == pytest.approx(smooth(0.48))
        assert easing.there_and_back_with_pause(0.26, pause_ratio=0.5) == 1
        assert easing.there_and_back_with_pause(0.3, pause_ratio=0) == pytest.approx(smooth(0.6))
        assert easing.running_start(0.5, pull_factor=0) == pytest.approx((15 + 6 + 1) / 64)
        assert easing.not_quite_there(1, easing="linear", proportion=0.3) == 0.3
        assert easing.wiggle(0.125, wiggles=4) == pytest.approx(smooth(0.25))
        assert easing.squish(0.5, easing=easing.linear, a=0.2, b=1.2) == pytest.approx(0.3)
        assert easing.exponential_decay(0.5, half_life=0.5) == pytest.approx(1 - exp(-1))

    @pytest.mark.parametrize("inflection", [1e-300, 1e-17, 1e-9, 1e-3, 3, 1500, 1e300])
    def test_smooth_of_any_steepness(self, inflection):
        values = [easing.smooth(n, inflection) for n in (0, 0.25, 0.5, 0.75, 1)]
        assert values == sorted(values)
        assert (values[0], values[2], values[4]) == (0, 0.5, 1)
        if inflection < 1e-3:
            assert values[1] == pytest.approx(0.25)

    @pytest.mark.parametrize(
        ("function", "params"),
        [
            (easing.squeeze, {"amt": 0.5}),
            (easing.squeeze, {"amt": -0.1}),
            (easing.ease_in_poly, {"degree": 0}),
            (easing.ease_in_elastic, {"period": 0}),
            (easing.cubic_bezier, {"x1": -0.1}),
            (easing.cubic_bezier, {"x2": math.nan}),
            (easing.steps, {"count": 0}),
            (easing.steps, {"count": 2.5}),
            (easing.steps, {"count": 1, "jump": "none"}),
            (easing.steps, {"jump": "sideways"}),
            (easing.linear, {"points": []}),
            (easing.linear, {"points": [1]}),
            (easing.linear, {"points": [0, (1, 2, 3, 4)]}),
            (easing.linear, {"points": [0, "one"]}),
            (easing.linear, {"points": [0, math.nan]}),
            (easing.smooth, {"inflection": 0}),
            (easing.there_and_back_with_pause, {"pause_ratio": 1}),
            (easing.squish, {"a": 0.5, "b": 0.5}),
            (easing.exponential_decay, {"half_life": 0}),
            (easing.spring, {"damping": 0}),
            (easing.spring, {"mass": -1}),
            (easing.spring, {"tolerance": 1}),
            (EASINGS["clamp"], {"low": 0.6, "high": 0.4}),
            (EASINGS["chain"], {"easings": []}),
            (EASINGS["chain"], {"easings": "linear"}),
        ],
    )
    def test_impossible(self, function, params):
        with pytest.raises(SettingsError):
            function(0.5, **params)


class TestCss:
    @pytest.mark.parametrize("name", CURVES)
    def test_named_curves_lie_on_their_bezier(self, name):
        x1, y1, x2, y2 = map(Fraction, CURVES[name])
        for i in range(101):
            u = Fraction(i, 100)
            x = 3 * (1 - u) ** 2 * u * x1 + 3 * (1 - u) * u**2 * x2 + u**3
            y = 3 * (1 - u) ** 2 * u * y1 + 3 * (1 - u) * u**2 * y2 + u**3
            assert EASINGS[name](float(x)) == pytest.approx(float(y), abs=1e-9)

    @given(u=PROGRESS, x1=PROGRESS, x2=PROGRESS, y1=st.floats(-2, 3), y2=st.floats(-2, 3))
    def test_any_curve(self, u, x1, x2, y1, y2):
        def at(a, b, u=u):
            return 3 * (1 - u) ** 2 * u * a + 3 * (1 - u) * u**2 * b + u**3

        n = min(1.0, at(x1, x2))
        found = easing.cubic_bezier(n, x1, y1, x2, y2)
        # Where the curve is upright in x, u is not to be had from n to full precision; n must be met all the same.
        near = [at(y1, y2, max(0.0, min(1.0, u + d))) for d in (-1e-4, 0, 1e-4)]
        assert min(near) - 1e-3 <= found <= max(near) + 1e-3

    def test_agrees_with_browsers(self):
        # getComputedStyle half way through a transition.
        assert easing.css_ease(0.5) == pytest.approx(0.8024, abs=1e-4)
        assert easing.css_ease_in(0.5) == pytest.approx(0.3154, abs=1e-4)
        assert easing.css_ease_out(0.5) == pytest.approx(0.6846, abs=1e-4)
        assert easing.css_ease_in_out(0.5) == pytest.approx(0.5)
        assert easing.cubic_bezier(0.5, 0, 2, 1, -1) == pytest.approx(0.5)

    @pytest.mark.parametrize(
        ("jump", "values"),
        [
            ("end", [0, 0.25, 0.5, 0.75, 1]),
            ("jump-end", [0, 0.25, 0.5, 0.75, 1]),
            ("start", [0.25, 0.5, 0.75, 1, 1]),
            ("jump-start", [0.25, 0.5, 0.75, 1, 1]),
            ("none", [0, 1 / 3, 2 / 3, 1, 1]),
            ("both", [0.2, 0.4, 0.6, 0.8, 1]),
        ],
    )
    def test_steps(self, jump, values):
        assert [easing.steps(i / 4, 4, jump) for i in range(5)] == pytest.approx(values)
        assert [easing.steps((i + 0.9) / 4, 4, jump) for i in range(4)] == pytest.approx(values[:4])

    @given(count=st.integers(1, 200))
    def test_float_noise_delays_no_step(self, count):
        assert [round(easing.steps(i / count, count) * count) for i in range(count + 1)] == list(range(count + 1))

    @pytest.mark.parametrize(
        ("points", "expected"),
        [
            ([0, 1], {0: 0, 0.3: 0.3, 1: 1}),
            ([0, (0.25, 0.75), 1], {0.375: 0.125, 0.75: 0.25, 0.875: 0.625, 1: 1}),
            ([0, 0.5, 0, 1], {1 / 3: 0.5, 0.5: 0.25, 2 / 3: 0, 1: 1}),
            ([0, (0.5, 0.2, 0.4), 1], {0.1: 0.25, 0.2: 0.5, 0.3: 0.5, 0.4: 0.5, 0.7: 0.75}),
            ([0, (0, 0.5), (1, 0.5), 1], {0.49: 0, 0.5: 1, 0.51: 1}),
            ([0, (1, 0.8), 2, (3, 0.2), 4], {0.4: 0.5, 0.8: 3, 0.9: 3.5, 1: 4}),
            ([(0.2, 0.5), (1, 0.75)], {0.5: 0.2, 0.25: -0.6, 0.75: 1, 1: 1.8}),
        ],
    )
    def test_linear_through_points(self, points, expected):
        assert {n: easing.linear(n, points) for n in expected} == pytest.approx(expected)


SPRINGS = [(1, 100, 10), (1, 100, 20), (1, 100, 60), (2, 300, 3), (1, 170, 26), (1, 100, 20.000000001), (5, 10, 1)]


class TestSpring:
    @pytest.mark.parametrize(("mass", "stiffness", "damping"), SPRINGS)
    def test_obeys_its_equation(self, mass, stiffness, damping):
        rest = settling_time(mass, stiffness, damping)
        position, speed, count = 0.0, 0.0, 4_000
        step = rest / count

        def pull(x, v):
            return (stiffness * (1 - x) - damping * v) / mass

        for i in range(count):  # classic Runge-Kutta
            k1, l1 = speed, pull(position, speed)
            k2, l2 = speed + step / 2 * l1, pull(position + step / 2 * k1, speed + step / 2 * l1)
            k3, l3 = speed + step / 2 * l2, pull(position + step / 2 * k2, speed + step / 2 * l2)
            k4, l4 = speed + step * l3, pull(position + step * k3, speed + step * l3)
            position += step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            speed += step / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
            if i % 200 == 99:
                assert easing.spring((i + 1) / count, mass, stiffness, damping) == pytest.approx(position, abs=1e-6)

    @pytest.mark.parametrize("tolerance", [0.1, 0.001, 1e-6])
    @pytest.mark.parametrize(("mass", "stiffness", "damping"), SPRINGS)
    def test_is_settled_after_its_time_and_not_before(self, mass, stiffness, damping, tolerance):
        rest = settling_time(mass, stiffness, damping, tolerance)
        long = settling_time(mass, stiffness, damping, 1e-12)
        after = [rest + (long - rest) * i / 500 for i in range(500)]
        positions = [easing.spring(t / long, mass, stiffness, damping, 1e-12) for t in after]
        assert max(abs(1 - x) for x in positions) <= tolerance * (1 + 1e-6)
        before = easing.spring(rest * 0.999 / long, mass, stiffness, damping, 1e-12)
        assert abs(1 - before) > tolerance

    def test_overshoots_only_with_little_damping(self):
        assert max(easing.spring(n, damping=10) for n in GRID) > 1.1
        assert max(easing.spring(n, damping=20) for n in GRID) == 1

    @given(mass=st.floats(0.01, 100), stiffness=st.floats(0.1, 1e4), damping=st.floats(0.1, 1e3))
    def test_any_spring_ends_at_rest(self, mass, stiffness, damping):
        assert easing.spring(0, mass, stiffness, damping) == pytest.approx(0, abs=1e-9)
        assert easing.spring(math.nextafter(1, 0), mass, stiffness, damping) == pytest.approx(1, abs=0.0010001)
        assert easing.spring(1, mass, stiffness, damping) == 1


class TestCombinators:
    @given(n=PROGRESS)
    def test_meaning(self, n):
        assert easing.reverse("ease_in_back", overshoot=3)(n) == 1 - easing.ease_in_back(1 - n, 3)
        assert easing.mirror(easing.ease_in_quad)(n) == easing.ease_in_out_quad(n)
        assert easing.mirror("ease_in_elastic", period=0.45)(n) == easing.ease_in_out_elastic(n)
        assert easing.scale("smoothstep", 0.2, 0.5)(n) == 0.2 + (0.5 - 0.2) * easing.smoothstep(n)
        assert easing.clamp("ease_out_back")(n) == min(1, max(0, easing.ease_out_back(n)))
        assert easing.clamp("linear", 0.3, 0.6)(n) == min(0.6, max(0.3, n))

    def test_chain(self):
        chained = easing.chain("ease_in_quad", easing.linear, "ease_out_quad", "freeze")
        expected = {0: 0, 0.125: 1 / 16, 0.25: 0.25, 0.375: 0.375, 0.5: 0.5, 0.625: 0.6875, 0.75: 0.75, 1: 0.75}
        assert {n: chained(n) for n in expected} == pytest.approx(expected)
        assert easing.chain("linear", "smooth")(1.0) == 1

    @pytest.mark.parametrize(
        "made",
        [
            easing.reverse("smooth"),
            easing.mirror("smooth"),
            easing.chain("smooth", "linear"),
            easing.scale("smooth", 0, 2),
            easing.clamp(easing.reverse("ease_out_back", overshoot=2)),
        ],
    )
    def test_travel(self, made):
        assert [pickle.loads(pickle.dumps(made))(n) for n in GRID] == [made(n) for n in GRID]

    def test_by_name(self):
        assert plugins.easing("reverse")(0.3, easing="ease_in_quad") == pytest.approx(easing.ease_out_quad(0.3))
        assert plugins.easing("mirror")(0.3, easing="ease_in_back", overshoot=0) == pytest.approx(4 * 0.3**3)
        assert plugins.easing("chain")(0.75, easings=["linear", "freeze"]) == 0.5
        assert plugins.easing("scale")(0.5, easing="linear", low=1, high=3) == 2
        assert plugins.easing("clamp")(1.0, easing="freeze", at=7, high=5) == 5

    def test_nothing_to_chain(self):
        with pytest.raises(SettingsError, match="at least one"):
            easing.chain()


def test_faults_name_what_was_combined():
    with pytest.raises(EasingError, match=r"easing reversed_easing returned nan for n = 0\.5 \(at 20 ms\)"):
        evaluate(easing.reverse(lambda n: math.nan), 0.5, {}, 20)
    assert name_of(easing.smooth) == "smooth"


def test_exports_are_what_is_there():
    assert all(hasattr(easing, name) for name in easing.__all__)
    public = {n for n in EASINGS if n not in ("reverse", "mirror", "chain", "scale", "clamp")}
    assert public <= set(easing.__all__)
