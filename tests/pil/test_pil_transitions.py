"""Transitions, against the arrays that they must show."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import Moving, Still, assert_close, flat, mix, noise, shown
from PIL import Image

from panim_core.errors import SettingsError
from panim_core.frame_gen import FluentFG
from panim_core.frames import exact_fps, frame_count, frame_time_ms
from panim_core.protocols import FrameGenerator
from panim_pil import plugin, transitions
from panim_pil.filters import blurred, pixelated
from panim_pil.views import magnified

sides = st.integers(1, 20)
A, B = noise(16, 12, 1), noise(16, 12, 2)
OPAQUE_A, OPAQUE_B = noise(16, 12, 1, opaque=True), noise(16, 12, 2, opaque=True)
WHITE, BLACK = (255, 255, 255, 255), (0, 0, 0, 255)
WAYS = sorted(plugin.TRANSITIONS)


def at(name, n, a=A, b=B, **params):
    """The frame at progress `n` of a transition that lasts as long as the clips."""
    source = getattr(transitions, name)(Still(a), Still(b), 1000.0, **params)
    assert source.duration == 1000
    return shown(source, n * 1000.0)


def shares(name, n, size=(16, 12), **params):
    """How much of the second clip is seen, 0..1, pixel by pixel."""
    return (
        at(name, n, np.full((size[1], size[0], 4), BLACK), np.full((size[1], size[0], 4), WHITE), **params)[..., 0]
        / 255
    )


def test_a_catalogue_of_transitions():
    assert len(WAYS) >= 12


@pytest.mark.parametrize("name", WAYS)
def test_plays_the_first_clip_then_both_then_the_second(name):
    a, b = Moving(9, 7, 1000.0, seed=1), Moving(9, 7, 800.0, seed=2)
    source = FluentFG(a).then(b, transition=name, overlap=300).build()
    assert source.duration == 1500
    assert source.frame_size == (9, 7)
    for time in (0.0, 350.5, 699.0):
        assert np.array_equal(shown(source, time), shown(a, time))
    for time in (1000.0, 1200.5, 1499.0):
        assert np.array_equal(shown(source, time), shown(b, time - 700))
    assert np.array_equal(shown(source, 700.0), shown(a, 700.0))  # it begins with the first clip alone
    for time in (701.0, 850.0, 999.0):
        shown(source, time)


@pytest.mark.parametrize("name", WAYS)
def test_without_overlap_it_is_a_sequence(name):
    a, b = Moving(5, 4, 1000.0, seed=1), Moving(5, 4, 800.0, seed=2)
    source = getattr(transitions, name)(a, b, 0)
    plain = FluentFG(a).then(b).build()
    assert source.duration == plain.duration == 1800
    for time in (0.0, 999.9, 1000.0, 1000.1, 1799.0):
        assert np.array_equal(shown(source, time), shown(plain, time))


@pytest.mark.parametrize("name", WAYS)
@settings(max_examples=25)
@given(
    first=st.floats(50, 2000),
    second=st.floats(50, 2000),
    share=st.floats(0, 1),
    fps=st.sampled_from([24, 25, 30, 60, "30000/1001"]),
)
def test_every_frame_of_any_overlap_is_drawn_at_times_that_the_clips_have(name, first, second, share, fps):
    a, b = Moving(3, 2, first, seed=1), Moving(3, 2, second, seed=2)
    source = getattr(transitions, name)(a, b, share * min(first, second))
    rate = exact_fps(fps)
    count = frame_count(source.duration, rate)
    for index in {0, count // 2, count - 1}:
        shown(source, min(frame_time_ms(index, rate), np.nextafter(source.duration, 0)))
    for time in (source.duration - second, first, np.nextafter(source.duration, 0)):
        shown(source, max(0.0, min(time, np.nextafter(source.duration, 0))))


@pytest.mark.parametrize("name", WAYS)
@settings(max_examples=25)
@given(width=sides, height=sides, n=st.floats(0, 0.999))
def test_any_size_and_equal_clips_stay_opaque(name, width, height, n):
    assert (at(name, n, noise(width, height, 1, True), noise(width, height, 2, True))[..., 3] == 255).all()


@pytest.mark.parametrize(
    "name", sorted(set(WAYS) - {"fade_through_color", "cross_zoom", "cross_blur", "pixelise", "slide", "push", "cover"})
)
@pytest.mark.parametrize("n", [0.0, 0.3, 0.5, 0.8])
def test_between_equal_clips_nothing_changes(name, n):
    assert_close(at(name, n, A, A), A, 1)


@pytest.mark.parametrize("name", WAYS)
def test_what_is_invisible_does_not_bleed(name):
    first, second = flat(12, 8, (200, 100, 50, 255)), flat(12, 8, (0, 255, 255, 0))
    params = {"color": (200, 100, 50, 0)} if name == "fade_through_color" else {}
    source = getattr(transitions, name)(first, second, 1000.0, **params)
    for time in (0.0, 250.0, 500.0, 750.0):
        frame = shown(source, time)
        seen = frame[..., 3] > 24
        assert np.abs(frame[seen][:, :3] - [200, 100, 50]).max(initial=0) <= 10


def test_cut():
    assert np.array_equal(at("cut", 0.499), A)
    assert np.array_equal(at("cut", 0.5), B)


@pytest.mark.parametrize("n", [0.1, 0.5, 0.93])
def test_crossfade(n):
    assert_close(at("crossfade", n), mix(A, B, n), 1)
    assert np.abs(at("crossfade", n, OPAQUE_A, OPAQUE_B) - (OPAQUE_A * (1 - n) + OPAQUE_B * n)).max() <= 1


def test_easing_changes_the_pace():
    assert np.array_equal(at("crossfade", 0.5, easing=lambda n: n * n), at("crossfade", 0.25))
    assert np.array_equal(at("crossfade", 0.5, easing=lambda n: 7.0), B)
    assert np.array_equal(at("crossfade", 0.5, easing=lambda n: -7.0), A)
    assert np.array_equal(at("crossfade", 0.25, easing="smoothstep"), at("crossfade", 0.15625))


def test_fade_through_color():
    plate = np.full_like(A, (255, 0, 0, 255))
    assert_close(at("fade_through_color", 0.25, color="red"), mix(A, plate, 0.5), 1)
    assert np.array_equal(at("fade_through_color", 0.5, color="red"), plate)
    assert_close(at("fade_through_color", 0.75, color="red"), mix(plate, B, 0.5), 1)


DIRECTIONS = {"left": (1, -1), "right": (1, 1), "up": (0, -1), "down": (0, 1)}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_wipe_is_an_edge_that_moves(direction):
    axis, sign = DIRECTIONS[direction]
    result = shares("wipe", 0.5, (16, 12), direction=direction)
    along = result.mean(axis=1 - axis)[::sign]
    assert (result == result.take([0], 1 - axis)).all()
    assert (along[: len(along) // 2] >= along[len(along) // 2 :]).all()
    assert (np.diff(along) <= 0).all()
    assert abs(along.mean() - 0.5) < 0.02
    assert ((along > 0) & (along < 1)).sum() <= 2


def test_wipe_moves_smoothly_and_softly():
    covered = [shares("wipe", n, (16, 2)).mean() for n in np.linspace(0, 0.999, 200)]
    assert covered[0] == 0
    assert (np.diff(covered) > 0).all()
    soft = shares("wipe", 0.5, (100, 1), softness=0.5)[0]
    assert ((soft > 0) & (soft < 1)).sum() == 50
    assert shares("wipe", 0.9999, (100, 1), softness=1).min() > 0.98


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("n", [0.0, 0.25, 0.5, 0.75])
def test_slide_cover_push_move_whole_pictures(direction, n):
    axis, sign = DIRECTIONS[direction]
    length = A.shape[axis]
    moved = round(length * n)

    def roll(pixels, by):
        return np.roll(pixels, by * sign, axis)

    place = np.arange(length)[::sign]  # how far behind the side that it leaves from each line lies
    order = place.reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
    assert np.array_equal(at("slide", n, direction=direction), np.where(order >= moved, roll(A, moved), B))
    rest = round(length * (1 - n))
    assert np.array_equal(at("cover", n, direction=direction), np.where(order >= length - rest, A, roll(B, -rest)))
    assert np.array_equal(
        at("push", n, direction=direction), np.where(order >= moved, roll(A, moved), roll(B, moved - length))
    )


@pytest.mark.parametrize("name", ["wipe", "slide", "push", "cover"])
def test_an_unknown_direction_is_refused(name):
    with pytest.raises(SettingsError, match="left, right, up, down"):
        at(name, 0, direction="sideways")


@pytest.mark.parametrize("center", [(0.5, 0.5), (0.0, 1.0), (0.3, 0.6)])
def test_iris_is_a_circle(center):
    size, n = (31, 22), 0.6
    x = np.arange(size[0]) + 0.5 - size[0] * center[0]
    y = np.arange(size[1]) + 0.5 - size[1] * center[1]
    distance = np.hypot(x[None, :], y[:, None])
    radius = n * (distance.max() + 1)
    result = shares("iris", n, size, center=center)
    assert np.abs(result - np.clip(radius - distance, 0, 1)).max() <= 0.01
    assert shares("iris", 0.0, size, center=center).max() == 0
    closing = shares("iris", 1 - n, size, center=center, closing=True)
    assert np.abs(closing - (1 - result)).max() <= 0.01


def test_clock_wipe_turns_from_twelve():
    quarter = shares("clock_wipe", 0.25, (20, 20))
    assert quarter[:9, 11:].min() > 0.95
    assert quarter[11:].max() < 0.05
    assert quarter[:9, :9].max() < 0.05
    three_quarters = shares("clock_wipe", 0.75, (21, 15))
    assert three_quarters[:6, :9].max() < 0.1
    assert three_quarters[9:].min() > 0.9
    assert shares("clock_wipe", 0.0).max() == 0
    assert shares("clock_wipe", 0.9999, (40, 30)).min() > 0.9
    mirrored = shares("clock_wipe", 0.25, (20, 20), clockwise=False)
    assert mirrored[:9, :9].min() > 0.95
    assert mirrored[:, 11:].max() < 0.05


@pytest.mark.parametrize("name", ["iris", "clock_wipe", "wipe", "dissolve", "blinds", "crossfade"])
def test_ever_more_of_the_second_is_seen(name):
    seen = [shares(name, n, (17, 13)) for n in np.linspace(0, 0.999, 12)]
    assert np.diff(seen, axis=0).min() >= -1.001 / 255
    assert seen[0].max() == 0
    assert seen[-1].mean() > 0.97


@pytest.mark.parametrize("n", [0.1, 0.5, 0.9])
def test_dissolve_replaces_its_share_in_an_order_of_its_own(n):
    result = shares("dissolve", n, (100, 80))
    assert set(np.unique(result)) == {0, 1}
    assert abs(result.mean() - n) < 0.02
    assert np.array_equal(result, shares("dissolve", n, (100, 80)))
    assert not np.array_equal(result, shares("dissolve", n, (100, 80), seed=1))


def test_dissolve_is_the_same_in_years_to_come():
    assert shares("dissolve", 0.5, (4, 3)).astype(int).tolist() == (
        (np.random.RandomState(0).random_sample((3, 4)) < 0.5).astype(int).tolist()
    )


def test_dissolve_in_grains():
    result = shares("dissolve", 0.5, (11, 8), grain=3)
    for y in range(0, 8, 3):
        for x in range(0, 11, 3):
            assert len(np.unique(result[y : y + 3, x : x + 3])) == 1


def test_blinds():
    result = shares("blinds", 0.5, (12, 20), count=5)
    assert (result == result[:, :1]).all()
    assert np.array_equal(result[:4, 0], result[4:8, 0])
    assert (np.diff(result[:4, 0]) <= 0).all()
    assert np.array_equal(shares("blinds", 0.5, (20, 12), count=5, vertical=True), result.T)


def test_pixelise_is_coarsest_in_the_middle():
    image = Still(np.rint(mix(OPAQUE_A, OPAQUE_B, 0.5))).image
    assert_close(at("pixelise", 0.5, OPAQUE_A, OPAQUE_B, size=5), np.asarray(pixelated(image, 5).convert("RGBA")), 1)
    assert np.array_equal(at("pixelise", 0.0), A)


def test_cross_blur_is_softest_in_the_middle():
    image = Still(np.rint(mix(OPAQUE_A, OPAQUE_B, 0.5))).image
    assert_close(at("cross_blur", 0.5, OPAQUE_A, OPAQUE_B, radius=3), np.asarray(blurred(image, 3).convert("RGBA")), 1)
    assert np.array_equal(at("cross_blur", 0.0), A)


def test_cross_zoom_flies_in_and_out():
    target = np.full((40, 40, 4), BLACK, np.uint8)
    target[16:24, 16:24] = WHITE
    other = np.full((40, 40, 4), (0, 0, 255, 255), np.uint8)
    near = at("cross_zoom", 0.25, target, other, factor=4)
    assert (near[14:26, 14:26] == WHITE).all()
    assert np.array_equal(at("cross_zoom", 0.9999, other, target, factor=4)[20, 20], WHITE)
    assert_close(at("cross_zoom", 0.9999, other, target, factor=4), target, 3)
    assert np.abs(at("cross_zoom", 0.5, target, other)[20, 20] - [127.5, 127.5, 255, 255]).max() <= 0.5


@pytest.mark.parametrize("n", [0.3, 0.45, 0.6, 0.8])
def test_cross_zoom_magnifies_by_powers_and_fades_in_the_middle_half(n):
    near = magnified(Image.fromarray(OPAQUE_A), 4 ** min(1, 2 * n)).convert("RGBA")
    far = magnified(Image.fromarray(OPAQUE_B), 4 ** min(1, 2 - 2 * n)).convert("RGBA")
    share = min(1.0, 2 * n - 0.5)
    expected = np.asarray(near) * (1 - share) + np.asarray(far) * share
    assert_close(at("cross_zoom", n, OPAQUE_A, OPAQUE_B, factor=4), expected, 1)


def test_frames_outside_the_overlap_are_the_clips_own_in_their_own_form():
    class Arrays(FrameGenerator):
        duration, frame_size = 1000.0, (4, 3)

        def generate_at(self, time_ms):
            return A[:3, :4]

        def generate_at_pil(self, time_ms):
            raise AssertionError("asked for an image")

        def frame_at(self, time_ms):
            return self.generate_at(time_ms)

    source = transitions.crossfade(Arrays(), Arrays(), 200)
    for time in (0.0, 799.0, 1000.0):
        assert isinstance(source.frame_at(time), np.ndarray)
        assert isinstance(source.generate_at(time), np.ndarray)
    assert_close(np.asarray(source.frame_at(900.0)), A[:3, :4], 1)


def test_sequential_clips_are_advanced_only_while_they_play():
    class Sequential(Moving):
        sequential = True

        def __init__(self, name, seen):
            super().__init__(4, 3)
            self.name, self.seen = name, seen

        def advance(self, time_ms):
            self.seen.append((self.name, time_ms))

    seen = []
    source = transitions.crossfade(Sequential("a", seen), Sequential("b", seen), 200)
    assert source.sequential
    for time in (0.0, 850.0, 1200.0):
        source.advance(time)
    assert seen == [("a", 0), ("a", 850), ("b", 50), ("b", 400)]


@pytest.mark.parametrize("overlap", [-1, 900, float("nan"), "long", None])
def test_an_overlap_that_cannot_be_is_refused(overlap):
    with pytest.raises(SettingsError, match="overlap"):
        transitions.crossfade(flat(4, 3, 0), flat(4, 3, 0, 800.0), overlap)


def test_clips_of_two_sizes_are_refused():
    with pytest.raises(SettingsError, match="4x3 and 3x4"):
        transitions.crossfade(flat(4, 3, 0), flat(3, 4, 0), 10)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("wipe", {"softness": 2}),
        ("iris", {"center": (0.5, 2)}),
        ("iris", {"center": 0.5}),
        ("dissolve", {"grain": 0}),
        ("dissolve", {"seed": -1}),
        ("cross_zoom", {"factor": 0.5}),
        ("pixelise", {"size": 1}),
        ("cross_blur", {"radius": -1}),
        ("blinds", {"count": 0}),
        ("fade_through_color", {"color": "blurple-ish"}),
    ],
)
def test_wrong_parameters_are_named(name, wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        at(name, 0.5, **wrong)
