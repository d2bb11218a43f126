"""Keyframes of numbers, points and colours."""

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panim_core import easing
from panim_core.easing import EasingError
from panim_core.errors import PluginNotFoundError, SettingsError
from panim_core.keyframes import keyframes


class TestNumbers:
    def test_between_keys_it_is_linear_and_outside_it_holds(self):
        value = keyframes({0: 0, 100: 10, 300: -10})
        assert [value(t) for t in (-5, 0, 50, 100, 200, 300, 999)] == [0, 0, 5, 10, 0, -10, -10]
        assert (value.times, value.values, value.duration) == ((0, 100, 300), (0, 10, -10), 300)

    def test_an_easing_is_for_the_way_to_its_key(self):
        value = keyframes({0: (0, "freeze"), 1500: (2.0, "ease_out_back"), 2000: 3})
        assert value(750) == pytest.approx(2 * easing.ease_out_back(0.5))
        assert value(750) > 2
        assert value(1500) == 2
        assert value(1750) == 2.5

    def test_easings_by_callable_and_with_parameters(self):
        assert keyframes({0: 0, 10: (1, lambda n: n * n)})(5) == 0.25
        assert keyframes({0: 0, 10: (1, "ease_in_poly", {"degree": 5})})(5) == 0.03125
        assert keyframes({0: 0, 10: (1, easing.ease_in_poly, {"degree": 4})})(5) == 0.0625

    def test_order_and_unit(self):
        assert keyframes({2: 20, 1: 10}, unit="s")(1500) == 15

    def test_one_key_is_constant(self):
        assert {keyframes({5: 7})(t) for t in (0, 5, 10)} == {7}

    @given(
        keys=st.dictionaries(st.floats(0, 1e6), st.floats(-1e6, 1e6), min_size=1),
        time=st.floats(-10, 1.1e6),
    )
    def test_keys_are_met_and_nothing_lies_outside(self, keys, time):
        value = keyframes(keys)
        assert all(value(t) == v for t, v in keys.items())
        slack = 1e-6
        assert min(keys.values()) - slack <= value(time) <= max(keys.values()) + slack


class TestPoints:
    def test_each_coordinate(self):
        value = keyframes({0: (0, 10), 100: ((20, -10), "linear")})
        assert value(25) == (5, 5)
        assert keyframes({0: [1, 2, 3], 10: (3, 2, 1)})(5) == (2, 2, 2)
        assert keyframes({0: (1,), 10: (3,)})(5) == (2,)

    def test_easings_overshoot(self):
        assert keyframes({0: (0, 0), 10: ((1, 2), lambda n: 1.5)})(5) == (1.5, 3)


class TestColours:
    @pytest.mark.parametrize(
        ("written", "rgba"),
        [
            ("#f80", (255, 136, 0, 255)),
            ("#f808", (255, 136, 0, 136)),
            ("#1f77b4", (31, 119, 180, 255)),
            ("#1F77B480", (31, 119, 180, 128)),
        ],
    )
    def test_hex(self, written, rgba):
        assert keyframes({0: written})(0) == rgba

    def test_tuples_beside_a_hex_are_colours(self):
        value = keyframes({0: (0, 0, 0), 100: ("#ffffff", "smoothstep"), 200: (0, 0, 0, 0)})
        assert value(0) == (0, 0, 0, 255)
        assert value(50) == (128, 128, 128, 255)
        assert all(type(channel) is int for channel in value(50))

    def test_alpha_is_mixed_without_dark_fringes(self):
        value = keyframes({0: "#0000", 100: "#ff0000"})
        assert value(0) == (0, 0, 0, 0)
        assert value(25) == (255, 0, 0, 64)
        assert keyframes({0: "#00f0", 100: "#f000"})(75) == (255, 0, 0, 0)

    def test_overshoot_stays_a_colour(self):
        assert keyframes({0: "#000000", 100: ("#80ff80", lambda n: 3)})(50) == (255, 255, 255, 255)
        assert keyframes({0: "#80808080", 100: ("#ffffffff", lambda n: -3)})(50)[3] == 0


@pytest.mark.parametrize(
    "keys",
    [
        {},
        None,
        [0, 1],
        {0: "white"},
        {0: "#12345"},
        {0: "#gggggg"},
        {0: ""},
        {0: None},
        {0: math.nan},
        {math.inf: 1},
        {"soon": 1},
        {0: 1, 5: (1, 2)},
        {0: (1, 2), 5: (1, 2, 3)},
        {0: ()},
        {0: "#fff", 5: (1, 2)},
        {0: "#fff", 5: (1, 2, 300)},
        {0: "#fff", 5: 3},
        {0: (1, "linear", 3)},
        {0: 0, 5: (1, "ease_out_back", {"bogus": 1})},
        {0: 0, 5: (1, "spring", {"damping": -1})},
    ],
)
def test_impossible(keys):
    with pytest.raises(SettingsError):
        keyframes(keys)


def test_unknown_easing():
    with pytest.raises(PluginNotFoundError, match="bouncy"):
        keyframes({0: 0, 5: (1, "bouncy")})


def test_faults_of_an_easing_name_the_time():
    with pytest.raises(EasingError, match="at 2 ms"):
        keyframes({0: 0, 5: (1, lambda n: math.nan)})(2)


@pytest.mark.parametrize("keys", [{0: 0, 9: (1, "smooth")}, {0: (0, 1), 9: (1, 5)}, {0: "#000", 9: "#abc"}])
def test_travels(keys):
    value = keyframes(keys)
    assert pickle.loads(pickle.dumps(value))(4) == value(4)
